// SPDX-License-Identifier: GPL-2.0

//! `rculab check`: the tests. One file a part.

mod api_table;
mod complaints;
mod demo;
mod driven;
mod examples;
mod exits;
mod guests;
mod host;
mod junit;
mod ktap;
mod kunit;
mod lanes;
mod scripts;
mod suite;
mod times;
mod ui;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;

use crate::{
    check::{ktap::Parser, suite::Suite},
    cli,
    exit::{self, Exit, failure},
    kernel::{Flavour, Kernel},
    place::Place,
    rundir::RunDir,
    signals, term,
};

/// What every part needs.
pub struct Context<'a> {
    pub place: &'a Place,
    /// The kernels' series; none is the newest.
    pub series: Option<String>,
    pub full: bool,
    /// For how long to torture the list, if somebody asks for another time than the test's own.
    pub torture_secs: Option<u32>,
}

impl Context<'_> {
    pub fn kernel(&self, flavour: Flavour) -> anyhow::Result<Kernel> {
        Kernel::ensure(self.place, flavour, self.series.as_deref())
    }

    /// The parser that comes with the kernel.
    pub fn parser(&self) -> anyhow::Result<Parser> {
        Ok(Parser::of(&self.kernel(Flavour::Debian)?))
    }
}

/// A part of the tests.
struct Part {
    name: &'static str,
    /// Whether another series of the kernel makes a difference.
    by_series: bool,
    run: fn(&Context<'_>, &Suite) -> anyhow::Result<()>,
}

/// In this order: what is quick, and what the rest stands on, comes first.
const PARTS: [Part; 11] = [
    Part {
        name: "host",
        by_series: false,
        run: host::run,
    },
    Part {
        name: "scripts",
        by_series: false,
        run: scripts::run,
    },
    Part {
        name: "ui",
        by_series: true,
        run: ui::run,
    },
    Part {
        name: "kunit",
        by_series: true,
        run: kunit::run,
    },
    Part {
        name: "examples",
        by_series: true,
        run: examples::run,
    },
    Part {
        name: "api-table",
        by_series: true,
        run: api_table::run,
    },
    Part {
        name: "guest",
        by_series: true,
        run: guests::run,
    },
    Part {
        name: "demo",
        by_series: true,
        run: demo::run,
    },
    Part {
        name: "exits",
        by_series: false,
        run: exits::run,
    },
    Part {
        name: "driven",
        by_series: false,
        run: driven::run,
    },
    Part {
        name: "times",
        by_series: false,
        run: times::run,
    },
];

/// The series that `--full` runs on.
const ALL_SERIES: [&str; 2] = ["7.2", "7.3"];

pub fn check(place: &Place, args: &cli::Check) -> anyhow::Result<Exit> {
    let mut context = Context {
        place,
        series: args.series.clone(),
        full: args.full,
        torture_secs: args.torture_secs,
    };
    if context.series.is_some() {
        // One that there is not is to end it now, not each part after the other.
        context.kernel(Flavour::Debian)?;
    }
    let dir = RunDir::create(&place.cache, "check")?;
    term::step(&format!("checking, results in {}", dir.path().display()));
    let mut suite = Suite::new(dir, args.filter.clone().unwrap_or_default());
    for part in &PARTS {
        one_part(&context, &mut suite, part, part.name)?;
    }
    if args.full && args.series.is_none() {
        let done = context.kernel(Flavour::Debian)?.series;
        // What takes hours is about our code, which is the same there.
        context.full = false;
        for series in ALL_SERIES.into_iter().filter(|series| *series != done) {
            context.series = Some(series.to_owned());
            for part in PARTS.iter().filter(|part| part.by_series) {
                one_part(
                    &context,
                    &mut suite,
                    part,
                    &format!("{series}/{}", part.name),
                )?;
            }
        }
    }
    if suite.is_empty() {
        term::error(&none(&suite));
    }
    suite.finish()
}

/// Why nothing ran: most likely the filter has a typing error.
fn none(suite: &Suite) -> String {
    let parts = PARTS.map(|part| part.name).join(" ");
    format!(
        "no test's `part/name` contains `{}`; the parts are: {parts}; some tests are only in `make check-full`",
        suite.filter()
    )
}

fn one_part(
    context: &Context<'_>,
    suite: &mut Suite,
    part: &Part,
    name: &str,
) -> anyhow::Result<()> {
    let start = Instant::now();
    suite.begin(name);
    let result = (part.run)(context, suite);
    // It ends everything; what it was that broke off first does not matter.
    if let Some(signal) = signals::caught() {
        return Err(failure(Exit::Signal(signal), "interrupted"));
    }
    if let Err(error) = result {
        if let Exit::Signal(_) = exit::of_error(&error) {
            return Err(error);
        }
        suite.fail("set-up", start.elapsed(), &format!("{error:#}"));
    }
    suite.end(start.elapsed());
    Ok(())
}

/// The files of a directory whose names end so: name without that ending, and path, sorted.
fn files(dir: &Path, ending: &str) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read {}", dir.display()))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if let Some(name) = name.strip_suffix(ending) {
            files.push((name.to_owned(), path));
        }
    }
    files.sort();
    Ok(files)
}
