// SPDX-License-Identifier: GPL-2.0

//! The guest tests: `tests/guest/*.sh`, busybox shell scripts that print KTAP.
//!
//! Tests that ask for the same guest share one boot; a guest that a test kills is booted anew for
//! the rest. The console between the marks around a test is held against the test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    num::NonZero,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::ValueEnum as _;

use crate::{
    accel,
    check::{
        Context, files,
        ktap::{Parser, Stopwatch},
        suite::{Suite, Verdict},
    },
    command::stall,
    console::{self, Alarm},
    exit::{Exit, failure},
    guest::{self, End, Guest, NO_KUNIT, Watch},
    initramfs::Job,
    kernel::{Flavour, Kernel, MODULES, module_files},
    rundir::RunDir,
};

/// The module that is there for tests only.
const TEST_MODULE: &str = "rcu_proof";

/// How much longer everything takes on the debug kernel.
const DEBUG_FACTOR: u32 = 3;

/// How much longer a test may take with `--full`.
const FULL_FACTOR: u32 = 20;

/// What the runner itself may need between two tests.
const BETWEEN: Duration = Duration::from_secs(60);

/// A test, as its head describes it.
#[derive(Clone, Debug)]
struct Test {
    name: String,
    script: String,
    kernels: Vec<Flavour>,
    machine: Shape,
    /// Modules of the kernel's own, by their paths in its directory `kernel`.
    modules: Vec<String>,
    deadline: Duration,
    expects_stall: bool,
    /// Words of the complaints that it provokes, and looks for itself.
    expected_bugs: Vec<String>,
    /// Too long for every day.
    only_full: bool,
}

/// What tests must agree on to share a boot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    cpus: u32,
    warp: bool,
    append: Vec<String>,
    /// The module that cannot be unloaded any more afterwards, which is what is tested.
    leaves: String,
}

impl Test {
    /// Reads the head: lines such as `# kernels: lab debug` before the first line of code.
    fn read(name: &str, script: String) -> anyhow::Result<Self> {
        let mut test = Self {
            name: name.to_owned(),
            kernels: Flavour::EVERY_DAY.to_vec(),
            machine: Shape {
                cpus: 2,
                warp: false,
                append: Vec::new(),
                leaves: String::new(),
            },
            modules: Vec::new(),
            deadline: Duration::from_secs(60),
            expects_stall: false,
            expected_bugs: Vec::new(),
            only_full: false,
            script: String::new(),
        };
        for line in script.lines().take_while(|line| line.starts_with('#')) {
            if let Some((key, value)) = line.trim_start_matches("# ").split_once(": ") {
                test.set(key, value)
                    .with_context(|| format!("tests/guest/{name}.sh: `{line}`"))?;
            }
        }
        test.script = script;
        Ok(test)
    }

    fn set(&mut self, key: &str, value: &str) -> anyhow::Result<()> {
        match key {
            "kernels" => {
                let flavour = |word| Flavour::parse(word).context("no such kernel");
                self.kernels = value
                    .split_whitespace()
                    .map(flavour)
                    .collect::<Result<_, _>>()?;
            }
            "cpus" => self.machine.cpus = value.parse()?,
            "deadline" => self.deadline = Duration::from_secs(value.parse()?),
            "warp" => self.machine.warp = yes(value)?,
            "modules" => {
                self.modules = value.split_whitespace().map(str::to_owned).collect();
            }
            "append" => {
                self.machine.append = value.split_whitespace().map(str::to_owned).collect();
            }
            "leaves" => self.machine.leaves = value.to_owned(),
            "only-full" => self.only_full = yes(value)?,
            "expect-stall" => self.expects_stall = yes(value)?,
            "expect-bug" => self.expected_bugs.push(value.to_owned()),
            // Any other line with a colon is a comment.
            _ => {}
        }
        Ok(())
    }
}

fn yes(value: &str) -> anyhow::Result<bool> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => bail!("expected yes or no"),
    }
}

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    let mut tests = Vec::new();
    let mut lib = Vec::new();
    for (name, path) in files(&context.place.file("tests/guest"), ".sh")? {
        let script =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if name == "lib" {
            lib = script.into_bytes();
        } else {
            tests.push(Test::read(&name, script)?);
        }
    }
    let mut boots = Vec::new();
    for &flavour in Flavour::value_variants() {
        let mut by_shape: BTreeMap<&Shape, Vec<&Test>> = BTreeMap::new();
        for test in &tests {
            let name = format!("{}/{}", flavour.name(), test.name);
            // The other kernels take minutes to make.
            let every_day = !test.only_full && Flavour::EVERY_DAY.contains(&flavour);
            let today = context.full || every_day;
            if today && test.kernels.contains(&flavour) && suite.wants(&name) {
                by_shape.entry(&test.machine).or_default().push(test);
            }
        }
        if by_shape.is_empty() {
            continue;
        }
        let kernel = context.kernel(flavour)?;
        let modules = kernel.modules(context.place)?;
        for (shape, tests) in by_shape {
            boots.push(Boot::prepare(
                context, &kernel, &modules, shape, tests, &lib,
            )?);
        }
    }
    // What takes longest begins first.
    boots.sort_by_key(|boot| boot.guest.kernel.flavour != Flavour::Debug);
    in_lanes(boots, |boot| boot.run(context, suite))
}

/// Does the work for each, in as many threads as the machine has CPUs: most guests sleep half of
/// their time.
fn in_lanes<T: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<()> {
    let queue = Mutex::new(items.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let lane = || {
        while let Some(item) = next() {
            if let Err(error) = work(item) {
                // It is the end for the others as well, after what they are at.
                while next().is_some() {}
                return Err(error);
            }
        }
        Ok(())
    };
    let count = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..count).map(|_| scope.spawn(lane)).collect();
        lanes
            .into_iter()
            .try_for_each(|lane| lane.join().unwrap_or_else(|_| bail!("a lane panicked")))
    })
}

/// Tests that share a guest.
struct Boot<'a> {
    guest: Guest,
    job: Job,
    tests: Vec<&'a Test>,
}

impl<'a> Boot<'a> {
    fn prepare(
        context: &Context<'_>,
        kernel: &Kernel,
        modules: &Path,
        shape: &Shape,
        tests: Vec<&'a Test>,
        lib: &[u8],
    ) -> anyhow::Result<Self> {
        let accel = accel::choose(context.place, kernel, shape.warp)?;
        let mut guest = Guest::new(kernel, accel);
        guest.cpus = shape.cpus;
        guest.append.clone_from(&shape.append);
        guest.append.push(NO_KUNIT.to_owned());
        guest.deadline = BETWEEN;
        let mut carried = module_files(modules, &MODULES);
        carried.extend(module_files(modules, &["rcu_bench"]));
        carried.extend(module_files(modules, &[TEST_MODULE]));
        let theirs: BTreeSet<&str> = tests
            .iter()
            .flat_map(|test| test.modules.iter().map(String::as_str))
            .collect();
        carried.extend(kernel.own_modules(&theirs.into_iter().collect::<Vec<_>>()));
        let mut job = Job::script(include_str!("../../guest/tests.sh"))
            .carry(carried)
            .env("KERNEL", kernel.flavour.name())
            .env("EXTRA_DELAY", stall::extra_delay(kernel))
            .env("HZ", stall::jiffies_a_second(kernel))
            .env("FULL", if context.full { "1" } else { "" });
        job.tests.push(("lib.sh".to_owned(), lib.to_vec()));
        Ok(Self { guest, job, tests })
    }

    /// Boots as often as it takes to have run all tests.
    fn run(self, context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
        let Self {
            guest,
            job,
            mut tests,
        } = self;
        let parser = Parser::of(&guest.kernel);
        let flavour = guest.kernel.flavour;
        while !tests.is_empty() {
            let dir = RunDir::create(&context.place.cache, &format!("check-{}", flavour.name()))?;
            let mut job = job.clone();
            let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
            job = job.env("TESTS", names.join(" "));
            for test in &tests {
                job.tests.push((
                    format!("{}.sh", test.name),
                    test.script.clone().into_bytes(),
                ));
            }
            let mut factor = if flavour == Flavour::Debug {
                DEBUG_FACTOR
            } else {
                1
            };
            if context.full {
                factor *= FULL_FACTOR;
            }
            let mut ear = Ear::new(&tests, factor);
            let end = guest::run(&guest, &job, &dir, &mut ear)?;
            if let End::Signal(signal) = end {
                return Err(failure(Exit::Signal(signal), "interrupted"));
            }
            let console = fs::read(dir.file("console.log")).unwrap_or_default();
            let console = Sections::of(&String::from_utf8_lossy(&console));
            let begun: Vec<Heard> = ear.heard;
            for heard in &begun {
                judge(heard, &end, &console, &parser, &dir, flavour, suite)?;
            }
            let alarms = alarms(&console.outside, false, &[]);
            if begun.is_empty() || !alarms.is_empty() {
                let why = if begun.is_empty() {
                    end.words()
                } else {
                    alarms
                };
                let why = format!("{why}\nlog: {}", dir.path().display());
                suite.fail(&format!("{}/boot", flavour.name()), Duration::ZERO, &why);
            }
            if begun.is_empty() {
                // It would be the same again.
                return Ok(());
            }
            tests.drain(..begun.len());
        }
        Ok(())
    }
}

/// What was heard of one test.
struct Heard<'a> {
    test: &'a Test,
    start: Instant,
    took: Duration,
    points: Stopwatch,
    output: String,
    /// Exit status and the modules left behind; none if the guest ended first.
    end: Option<(i32, String)>,
}

/// Listens to the tests of one boot.
struct Ear<'a> {
    tests: &'a [&'a Test],
    factor: u32,
    heard: Vec<Heard<'a>>,
}

impl<'a> Ear<'a> {
    fn new(tests: &'a [&'a Test], factor: u32) -> Self {
        Self {
            tests,
            factor,
            heard: Vec::new(),
        }
    }
}

impl Watch for Ear<'_> {
    fn result(&mut self, line: &str) -> Option<Duration> {
        if line.starts_with("@begin ") {
            let test = self.tests.get(self.heard.len())?;
            self.heard.push(Heard {
                test,
                start: Instant::now(),
                took: Duration::ZERO,
                points: Stopwatch::start(),
                output: String::new(),
                end: None,
            });
            return Some(test.deadline * self.factor);
        }
        let heard = self.heard.last_mut()?;
        heard.took = heard.start.elapsed();
        heard.points.line(line);
        if let Some(words) = line.strip_prefix("@end ") {
            let (status, left) = words.split_once(' ').unwrap_or((words, ""));
            heard.end = Some((status.parse().unwrap_or(-1), left.trim().to_owned()));
            return Some(BETWEEN);
        }
        heard.output.push_str(line);
        heard.output.push('\n');
        None
    }
}

/// A console, cut at the marks that the tests left.
#[derive(Default)]
struct Sections {
    by_test: BTreeMap<String, Vec<String>>,
    outside: Vec<String>,
}

impl Sections {
    fn of(console: &str) -> Self {
        let mut sections = Self::default();
        let mut current: Option<String> = None;
        for line in console.lines() {
            match console::text(line).strip_prefix("rculab: ") {
                Some(mark) if mark.starts_with("test ") => current = Some(mark[5..].to_owned()),
                Some("tests are between") => current = None,
                _ => match &current {
                    Some(test) => {
                        sections
                            .by_test
                            .entry(test.clone())
                            .or_default()
                            .push(line.to_owned());
                    }
                    None => sections.outside.push(line.to_owned()),
                },
            }
        }
        sections
    }
}

fn judge(
    heard: &Heard<'_>,
    end: &End,
    console: &Sections,
    parser: &Parser,
    dir: &RunDir,
    flavour: Flavour,
    suite: &Suite,
) -> anyhow::Result<()> {
    let test = heard.test;
    let name = format!("{}/{}", flavour.name(), test.name);
    let log = format!("log: {}", dir.path().display());
    let points = parser.parse(&heard.output, &dir.file(&format!("{}.ktap", test.name)))?;
    let mut failed = false;
    for (mut point, took) in points.into_iter().zip(heard.points.times()) {
        if let Verdict::Fail(why) = &mut point.verdict {
            failed = true;
            *why = format!("{why}\n{log}");
        }
        let name = format!("{name}: {}", point.name());
        suite.record(&name, took, point.verdict);
    }
    let lines = console
        .by_test
        .get(&test.name)
        .map_or(&[][..], Vec::as_slice);
    let alarms = alarms(lines, test.expects_stall, &test.expected_bugs);
    if !alarms.is_empty() {
        let why = format!("{alarms}\n{log}");
        suite.fail(
            &format!("{name}: the kernel's console is clean"),
            heard.took,
            &why,
        );
    }
    let trouble = match &heard.end {
        None => Some(end.words()),
        Some((_, left)) if *left != test.machine.leaves => Some(format!(
            "modules still loaded: '{left}', expected '{}'",
            test.machine.leaves
        )),
        Some((status, _)) if *status != 0 && !failed => Some(format!("exit status {status}")),
        Some(_) => None,
    };
    if let Some(trouble) = trouble {
        suite.fail(
            &format!("{name}: ends in order"),
            heard.took,
            &format!("{trouble}\n{log}"),
        );
    }
    Ok(())
}

/// The console lines that a test must not cause, at most a handful.
pub fn alarms(lines: &[String], stalls_are_fine: bool, expected_bugs: &[String]) -> String {
    let bad = |line: &&String| match console::alarm(line) {
        None => false,
        Some(Alarm::Stall) => !stalls_are_fine,
        Some(Alarm::Bug) => !expected_bugs.iter().any(|words| line.contains(words)),
        Some(Alarm::Panic) => true,
    };
    lines
        .iter()
        .filter(bad)
        .take(5)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

/// Fails the suite if the kernel complained in a run without stalls.
pub fn clean_console(suite: &Suite, flavour: &str, dir: &RunDir, took: Duration) {
    let console = fs::read(dir.file("console.log")).unwrap_or_default();
    let console = String::from_utf8_lossy(&console);
    let lines: Vec<String> = console.lines().map(str::to_owned).collect();
    let alarms = alarms(&lines, false, &[]);
    if !alarms.is_empty() {
        let name = format!("{flavour}/the kernel's console is clean");
        let why = format!("{alarms}\nlog: {}", dir.path().display());
        suite.fail(&name, took, &why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head() {
        let script = "# SPDX-License-Identifier: GPL-2.0\n#\n# What it is for: much.\n\
                      # kernels: lab debug\n# cpus: 4\n# warp: yes\n# append: a=1 b\n\
                      # modules: rcu/rcuscale\n# deadline: 7\n# expect-stall: yes\n\n# cpus: 9\necho\n";
        let test = Test::read("x", script.to_owned()).expect("a good head");
        assert_eq!(test.kernels, [Flavour::Lab, Flavour::Debug]);
        let append = vec!["a=1".to_owned(), "b".to_owned()];
        assert_eq!(
            test.machine,
            Shape {
                cpus: 4,
                warp: true,
                append,
                leaves: String::new(),
            }
        );
        assert_eq!(test.modules, ["rcu/rcuscale"]);
        assert_eq!(test.deadline, Duration::from_secs(7));
        assert!(test.expects_stall);
    }

    #[test]
    fn bad_heads() {
        for head in ["# kernels: lab foo", "# cpus: many", "# warp: maybe"] {
            assert!(Test::read("x", head.to_owned()).is_err(), "{head}");
        }
    }

    #[test]
    fn console_is_cut_at_the_marks() {
        let console = "[    1.0] boot\n[    2.0] rculab: test a\n[    2.1] of a\n\
                       [    2.2] rculab: tests are between\n[    2.3] between\n\
                       [    3.0] rculab: test b\n[    3.1] BUG: of b\n";
        let sections = Sections::of(console);
        assert_eq!(sections.outside, ["[    1.0] boot", "[    2.3] between"]);
        assert_eq!(sections.by_test["a"], ["[    2.1] of a"]);
        let of_b = &sections.by_test["b"];
        assert_eq!(alarms(of_b, true, &[]), "[    3.1] BUG: of b");
        assert_eq!(alarms(of_b, true, &["of b".to_owned()]), "");
        assert_eq!(
            alarms(of_b, true, &["of c".to_owned()]),
            "[    3.1] BUG: of b"
        );
    }
}
