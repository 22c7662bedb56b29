// SPDX-License-Identifier: GPL-2.0

//! The examples of the documentation: every public item has one, and each is run.
//!
//! External modules have no doctests. So the examples are taken out of rustdoc's JSON (and out of
//! the pages), made a KUnit suite in a module that is built beside the others, and run in a guest.

mod block;
mod source;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use self::{
    block::Example,
    source::{Module, SUITE, Test},
};
use crate::{
    accel, api,
    check::{
        Context, complaints, files, host,
        ktap::Parser,
        kunit::{KERNELS, SHOW_SUITES, Suites},
        suite::{Suite, Verdict},
    },
    exit::{Exit, failure},
    guest::{self, End, Guest},
    initramfs::Job,
    kernel::{Flavour, Kernel, module_files},
    rundir::RunDir,
};

/// Unloads what was loaded: what an example retired must be gone by then.
const UNLOAD: &str = "for module in $UNLOAD; do rmmod $module || exit; done\n";

const COVERED: &str = "every public item has one";

/// A public item without an example.
struct Bare {
    path: String,
    place: String,
}

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    let kernels: Vec<Flavour> = KERNELS
        .into_iter()
        .filter(|flavour| suite.wants(flavour.name()))
        .collect();
    if kernels.is_empty() && !suite.wants(COVERED) {
        return Ok(());
    }
    let mut covered = !suite.wants(COVERED);
    for flavour in KERNELS {
        if !kernels.contains(&flavour) && covered {
            continue;
        }
        let kernel = context.kernel(flavour)?;
        let modules = kernel.modules(context.place)?;
        let scratch = suite.dir.file(&format!("examples-{}", flavour.name()));
        api::describe(context.place, &modules, &scratch)?;
        let (examples, without) = gather(context, &scratch)?;
        if !covered {
            covered = true;
            coverage(suite, &without);
        }
        if kernels.contains(&flavour) {
            one_kernel(context, &kernel, &modules, &examples, suite)?;
        }
    }
    Ok(())
}

/// All examples, and the items of the `rcu` crate that have none.
fn gather(context: &Context<'_>, scratch: &Path) -> anyhow::Result<(Vec<Example>, Vec<Bare>)> {
    let top = &context.place.top;
    let mut examples = Vec::new();
    let mut without = Vec::new();
    for name in api::CRATES {
        for item in api::read(scratch, name)? {
            let own = block::of_item(&item, top)?;
            if own.is_empty() && name == "rcu" && !item.is_module {
                let file = item.file.strip_prefix(top).unwrap_or(&item.file);
                without.push(Bare {
                    path: item.path.clone(),
                    place: format!("{}:{}", file.display(), item.line),
                });
            }
            examples.extend(own);
        }
    }
    for (_, page) in files(&context.place.file("Documentation"), ".md")? {
        examples.extend(block::of_page(&page, top)?);
    }
    Ok((examples, without))
}

/// Fails for each item without an example.
fn coverage(suite: &Suite, without: &[Bare]) {
    if without.is_empty() {
        suite.pass(COVERED, Duration::ZERO);
    } else {
        let problems: Vec<String> = without
            .iter()
            .map(|Bare { path, place }| format!("{path} ({place}) has no example"))
            .collect();
        suite.fail(COVERED, Duration::ZERO, &problems.join("\n"));
    }
}

fn one_kernel(
    context: &Context<'_>,
    kernel: &Kernel,
    modules: &Path,
    examples: &[Example],
    suite: &Suite,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let flavour = kernel.flavour.name();
    let (tests, built) = source::modules(examples);
    for module in &built {
        module.write(modules)?;
    }
    build(context, kernel, &built)?;

    let accel = accel::choose(context.place, kernel, false)?;
    let guest = Guest::new(kernel, accel);
    let dir = RunDir::create(&context.place.cache, &format!("examples-{flavour}"))?;
    let names: Vec<&str> = built.iter().map(|module| module.name.as_str()).collect();
    let job = Job::script(format!("{SHOW_SUITES}{UNLOAD}"))
        .env("UNLOAD", names.join(" "))
        .load(module_files(modules, &names));
    let mut suites = Suites::default();
    let end = guest::run(&guest, &job, &dir, &mut suites)?;
    let log = format!("log: {}", dir.path().display());
    match end {
        End::Exited(0) => {}
        End::Signal(signal) => return Err(failure(Exit::Signal(signal), "interrupted")),
        end => {
            suite.fail(flavour, start.elapsed(), &format!("{}\n{log}", end.words()));
            return Ok(());
        }
    }
    judge(kernel, &suites, &dir, &tests, suite)?;
    // They were loaded, which runs them, and unloaded.
    for example in built.iter().filter_map(Module::only_example) {
        suite.pass(&point(flavour, example), Duration::ZERO);
    }
    complaints::clean_console(suite, flavour, &dir, start.elapsed());
    Ok(())
}

/// Has Kbuild build the modules. What the compiler says against an example names its place.
fn build(context: &Context<'_>, kernel: &Kernel, built: &[Module]) -> anyhow::Result<()> {
    let names: Vec<&str> = built.iter().map(|module| module.name.as_str()).collect();
    let output = Command::new(context.place.file("scripts/modules"))
        .arg(&kernel.dir)
        .env("RCU_LAB_EXAMPLES", names.join(" "))
        .stdin(Stdio::null())
        .output()
        .context("cannot run scripts/modules")?;
    let words = String::from_utf8_lossy(&output.stderr);
    let origin = |line: &str| built.iter().find_map(|module| module.origin(line));
    let errors: Vec<String> = words
        .lines()
        .skip_while(|line| !line.starts_with("error"))
        .take(20)
        .map(|line| origin(line).map_or_else(|| line.to_owned(), |at| format!("  --> {at}")))
        .collect();
    ensure!(
        output.status.success() || errors.is_empty(),
        "an example does not build:\n{}",
        errors.join("\n")
    );
    ensure!(
        output.status.success(),
        "the examples are not built:\n{}",
        host::tail(&words)
    );
    Ok(())
}

/// Holds what KUnit said against what there must have been.
fn judge(
    kernel: &Kernel,
    suites: &Suites,
    dir: &RunDir,
    tests: &[Test<'_>],
    suite: &Suite,
) -> anyhow::Result<()> {
    let ktap = suites.by_name.get(SUITE).map_or("", String::as_str);
    let points = Parser::of(kernel).parse(ktap, &dir.file(&format!("{SUITE}.ktap")))?;
    for test in tests {
        let found = points
            .iter()
            .find(|point| point.path.last() == Some(&test.name));
        let verdict = found.map_or_else(
            || Verdict::Fail(format!("it did not run\nlog: {}", dir.path().display())),
            |found| found.verdict.clone(),
        );
        let name = point(kernel.flavour.name(), test.example);
        suite.record(&name, Duration::ZERO, verdict);
    }
    Ok(())
}

fn point(flavour: &str, example: &Example) -> String {
    let Example { of, file, line, .. } = example;
    format!("{flavour}/{of} ({file}:{line})")
}
