// SPDX-License-Identifier: GPL-2.0

//! The guest tests: `tests/guest/*.sh`, busybox shell scripts that print KTAP.
//!
//! Tests that ask for the same guest share one boot; a guest that a test kills is booted anew for
//! the rest. The console between the marks around a test is held against the test.

mod heard;
mod test;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use clap::ValueEnum as _;

use self::{
    heard::{Ear, Heard},
    test::{Shape, Test},
};
use crate::{
    accel,
    check::{
        Context,
        complaints::{Sections, alarms},
        files,
        ktap::Parser,
        lanes::in_lanes,
        suite::{Suite, Verdict},
    },
    command::stall,
    exit::{Exit, failure},
    guest::{self, End, Guest, NO_KUNIT},
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
    let torture = Duration::from_secs(context.torture_secs.unwrap_or(0).into());
    for test in &mut tests {
        test.deadline += torture;
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
        guest.append.push(NO_KUNIT.to_owned());
        guest.append.extend_from_slice(&shape.append);
        guest.deadline = BETWEEN;
        let mut carried = module_files(modules, &MODULES);
        // Not on a kernel for one CPU.
        let bench = module_files(modules, &["rcu_bench"]);
        carried.extend(bench.into_iter().filter(|module| module.is_file()));
        carried.extend(module_files(modules, &[TEST_MODULE]));
        let theirs: BTreeSet<&str> = tests
            .iter()
            .flat_map(|test| test.modules.iter().map(String::as_str))
            .collect();
        carried.extend(kernel.own_modules(&theirs.into_iter().collect::<Vec<_>>()));
        let mut job = Job::script(include_str!("../../../guest/tests.sh"))
            .carry(carried)
            .env("KERNEL", kernel.flavour.name())
            .env("EXTRA_DELAY", stall::extra_delay(kernel))
            .env("HZ", stall::jiffies_a_second(kernel))
            .env("FULL", if context.full { "1" } else { "" })
            .env(
                "TORTURE_SECS",
                context
                    .torture_secs
                    .map_or(String::new(), |n| n.to_string()),
            );
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
            let mut trouble = alarms(&console.outside, false, &[]);
            // What befell the guest inside a test is that test's failure.
            let between = begun.last().is_none_or(|heard| heard.end.is_some());
            if between && !matches!(end, End::Exited(_)) {
                trouble = format!("{}\n{trouble}", end.words());
            } else if begun.is_empty() {
                trouble = "no test began".to_owned();
            }
            if !trouble.is_empty() {
                let why = format!("{}\nlog: {}", trouble.trim_end(), dir.path().display());
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
