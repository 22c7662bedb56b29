// SPDX-License-Identifier: GPL-2.0

//! The modules' KUnit suites, which run as the modules load.
//!
//! With a kernel that lacks KUnit they would silently not be there: `tests/kunit/suites` says
//! which ones there must be, and how many tests each has at least.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{
    accel,
    check::{
        Context, complaints,
        ktap::{Parser, Point},
        suite::Suite,
    },
    exit::{Exit, failure},
    guest::{self, End, Guest, Watch},
    initramfs::Job,
    kernel::{Flavour, MODULES, module_files},
    rundir::RunDir,
};

/// The kernels that have KUnit, of those of every day.
pub const KERNELS: [Flavour; 2] = [Flavour::Lab, Flavour::Debug];

/// The others. They take minutes to make.
const ONLY_FULL: [Flavour; 5] = [
    Flavour::Lazy,
    Flavour::Rt,
    Flavour::Nohz,
    Flavour::Strict,
    Flavour::Tiny,
];

/// What the names of the modules' suites begin with.
const OURS: [&str; 2] = ["rcu_", "rculab_"];

/// Prints every suite's results between marks.
pub const SHOW_SUITES: &str = "\
cd /sys/kernel/debug/kunit || exit
for suite in *; do
	echo \"@suite $suite\"
	cat \"$suite/results\"
done
";

/// Gathers what [`SHOW_SUITES`] prints.
#[derive(Default)]
pub struct Suites {
    pub by_name: BTreeMap<String, String>,
    current: String,
}

impl Watch for Suites {
    fn result(&mut self, line: &str) -> Option<Duration> {
        if let Some(suite) = line.strip_prefix("@suite ") {
            suite.clone_into(&mut self.current);
        } else {
            let text = self.by_name.entry(self.current.clone()).or_default();
            text.push_str(line);
            text.push('\n');
        }
        None
    }
}

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    let also = if context.full { &ONLY_FULL[..] } else { &[] };
    let kernels = KERNELS
        .iter()
        .chain(also)
        .copied()
        .filter(|flavour| suite.wants(flavour.name()))
        .collect::<Vec<_>>();
    if kernels.is_empty() {
        return Ok(());
    }
    let list = context.place.file("tests/kunit/suites");
    let list =
        fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let expected = expected(&list)?;
    for flavour in kernels {
        one_kernel(context, flavour, &expected, suite)?;
    }
    Ok(())
}

/// Reads the list: a suite and a number a line.
fn expected(list: &str) -> anyhow::Result<Vec<(&str, usize)>> {
    let lines = list
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (name, count) = line.split_once(' ').context("expected `suite count`")?;
            Ok((name, count.trim().parse()?))
        })
        .map(|pair: anyhow::Result<_>| pair.context("tests/kunit/suites"))
        .collect()
}

fn one_kernel(
    context: &Context<'_>,
    flavour: Flavour,
    expected: &[(&str, usize)],
    suite: &Suite,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let kernel = context.kernel(flavour)?;
    let modules = kernel.modules(context.place)?;
    let accel = accel::choose(context.place, &kernel, false)?;
    let guest = Guest::new(&kernel, accel);
    let dir = RunDir::create(&context.place.cache, &format!("kunit-{}", flavour.name()))?;
    let job = Job::script(SHOW_SUITES).load(module_files(&modules, &MODULES));
    let mut suites = Suites::default();
    let end = guest::run(&guest, &job, &dir, &mut suites)?;
    let took = start.elapsed();
    let log = format!("log: {}", dir.path().display());
    match end {
        End::Exited(0) => {}
        End::Signal(signal) => return Err(failure(Exit::Signal(signal), "interrupted")),
        end => {
            suite.fail(flavour.name(), took, &format!("{}\n{log}", end.words()));
            return Ok(());
        }
    }
    let parser = Parser::of(&kernel);
    let mut counts = BTreeMap::new();
    for (name, ktap) in &suites.by_name {
        let points = parser.parse(ktap, &dir.file(&format!("{name}.ktap")))?;
        // Suites of the kernel itself are not ours to count.
        if !OURS.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        counts.insert(name.as_str(), points.len());
        for point in points {
            let name = format!("{}/{}", flavour.name(), Point::name(&point));
            suite.record(&name, Duration::ZERO, point.verdict);
        }
        if !expected.iter().any(|(known, _)| known == name) {
            let name = format!("{}/{name}: is listed", flavour.name());
            suite.fail(&name, Duration::ZERO, "tests/kunit/suites does not have it");
        }
    }
    for (name, least) in expected {
        let count = counts.get(name).copied().unwrap_or(0);
        let name = format!("{}/{name}: all there", flavour.name());
        if count >= *least {
            suite.pass(&name, Duration::ZERO);
        } else {
            suite.fail(
                &name,
                took,
                &format!("{count} tests ran, expected {least}\n{log}"),
            );
        }
    }
    complaints::clean_console(suite, flavour.name(), &dir, took);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list() {
        let list = "# SPDX\n\nrcu_cell 4\nrculab_trigger 12\n";
        assert_eq!(
            expected(list).expect("good"),
            [("rcu_cell", 4), ("rculab_trigger", 12)]
        );
        assert!(expected("rcu_cell\n").is_err());
        assert!(expected("rcu_cell some\n").is_err());
    }
}
