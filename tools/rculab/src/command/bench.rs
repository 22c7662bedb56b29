// SPDX-License-Identifier: GPL-2.0

//! `rculab bench`: what RCU costs in Rust and in C, and in the kernel's own benchmarks.
//!
//! The guest's clock ticks once an instruction, so that the numbers are instructions, and the same
//! in each run. Throughput, which is a matter of time, has a guest of its own.

mod plot;
mod throughput;

use std::{collections::BTreeMap, fmt::Write as _, slice, time::Duration};

use anyhow::Context as _;
use serde::Serialize;

use crate::{
    cli,
    command::{report_end, run_dir},
    exit::Exit,
    guest::{self, End, Guest, NO_KUNIT, Watch},
    initramfs::Job,
    kernel::{Kernel, module_files},
    place::Place,
    qemu::Accel,
    term,
};

/// The kernel's own benchmarks.
const KERNELS_OWN: [&str; 3] = ["torture", "rcu/refscale", "rcu/rcuscale"];

/// The operation that is part of all others.
const LOOP: &str = "loop";

/// A benchmark of the kernel, and our operation that does the same.
const PAIRS: [(&str, &str); 8] = [
    ("refscale rcu", "empty section"),
    ("refscale srcu", "srcu section"),
    ("refscale srcu-fast", "srcu-fast section"),
    ("refscale srcu-fast-updown", "srcu-fast-updown section"),
    ("rcuscale gp_exp=0", "synchronize"),
    ("rcuscale gp_exp=1", "synchronize_expedited"),
    ("rcuscale kfree_by_call_rcu=0", "update, kfree_rcu"),
    ("rcuscale kfree_by_call_rcu=1", "update, call_rcu"),
];

/// What an operation costs in one language, in instructions, with its part of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Cost {
    /// In the cheapest run, which nothing disturbed.
    cheapest: f64,
    /// In all runs, disturbed by the timer and by what they themselves leave to the kernel.
    mean: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Operation {
    name: String,
    c: Cost,
    rust: Cost,
}

/// What a guest measured.
#[derive(Debug, Default, Serialize)]
struct Results {
    kernel: String,
    operations: Vec<Operation>,
    /// The numbers of the kernel's own benchmarks, in nanoseconds, by benchmark.
    kernels_own: BTreeMap<String, Vec<f64>>,
}

impl Watch for Results {
    fn result(&mut self, line: &str) -> Option<Duration> {
        if self.take(line).is_none() {
            // Whatever this is, a person should see it.
            term::error(line);
        }
        None
    }
}

impl Results {
    /// Takes in a line of the guest.
    fn take(&mut self, line: &str) -> Option<()> {
        let (whose, rest) = line.split_once(' ')?;
        if whose == "rcu_bench" {
            let mut words = rest.splitn(6, ' ');
            let mut number = || words.next()?.parse::<f64>().ok();
            let rounds = number()?;
            let mut cost = || {
                Some(Cost {
                    cheapest: number()? / rounds,
                    mean: number()? / rounds,
                })
            };
            let (c, rust) = (cost()?, cost()?);
            let name = words.next()?.to_owned();
            self.operations.push(Operation { name, c, rust });
        } else {
            let (number, name) = rest.split_once(' ')?;
            let name = format!("{whose} {name}");
            let numbers = self.kernels_own.entry(name).or_default();
            numbers.push(number.parse().ok()?);
        }
        Some(())
    }

    fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|known| known.name == name)
    }

    /// Each operation in C and in Rust, less the loop.
    fn languages(&self) -> Option<String> {
        let around = self.operation(LOOP)?;
        let mut rows = vec![["operation", "C", "Rust", "Rust/C"].map(str::to_owned)];
        for operation in self.operations.iter().filter(|known| known.name != LOOP) {
            let c = operation.c.cheapest - around.c.cheapest;
            let rust = operation.rust.cheapest - around.rust.cheapest;
            let ratio = format!("{:.2}", rust / c);
            rows.push([operation.name.clone(), figure(c), figure(rust), ratio]);
        }
        Some(table(&rows))
    }

    /// The kernel's own benchmarks, and ours that do the same, loops included.
    fn beside_kernels_own(&self) -> Option<String> {
        let titles = ["the kernel's own", "says", "ours", "C", "Rust"];
        let mut rows = vec![titles.map(str::to_owned)];
        for (own, ours) in PAIRS {
            let numbers = self.kernels_own.get(own);
            if let (Some(numbers), Some(ours)) = (numbers, self.operation(ours)) {
                let reader = own.starts_with("refscale");
                let cost = |cost: Cost| figure(if reader { cost.cheapest } else { cost.mean });
                let says = figure(median(numbers)?);
                let (c, rust) = (cost(ours.c), cost(ours.rust));
                rows.push([own.to_owned(), says, ours.name.clone(), c, rust]);
            }
        }
        (rows.len() > 1).then(|| table(&rows))
    }
}

/// A number with two digits after the point, or none if it is large.
fn figure(number: f64) -> String {
    if number < 1000.0 {
        format!("{number:.2}")
    } else {
        format!("{number:.0}")
    }
}

fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Aligns the columns: words to the left, numbers to the right.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, word) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].chars().count()).max();
            let width = width.unwrap_or(0);
            let numbers = rows
                .iter()
                .skip(1)
                .all(|row| row[column].parse::<f64>().is_ok());
            let _ = if numbers {
                write!(line, "{word:>width$}  ")
            } else {
                write!(line, "{word:<width$}  ")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub fn bench(place: &Place, args: &cli::Bench) -> anyhow::Result<Exit> {
    let kernel = Kernel::ensure(place, args.kernel, args.series.as_deref())?;
    let parts = args
        .only
        .as_ref()
        .map_or(&cli::Measure::ALL[..], slice::from_ref);
    for part in parts {
        let exit = match part {
            cli::Measure::Instructions => instructions(place, &kernel)?,
            cli::Measure::Throughput => throughput::throughput(place, &kernel)?,
        };
        if exit != Exit::Pass {
            return Ok(exit);
        }
    }
    Ok(Exit::Pass)
}

fn instructions(place: &Place, kernel: &Kernel) -> anyhow::Result<Exit> {
    let modules = kernel.modules(place)?;
    // One CPU: all of them would share the clock.
    let mut guest = Guest::new(kernel, Accel::Count);
    guest.cpus = 1;
    guest.append.push(NO_KUNIT.to_owned());
    let job = Job::script(include_str!("../../guest/bench.sh"))
        .load(module_files(&modules, &["rcu_bench"]))
        .carry(kernel.own_modules(&KERNELS_OWN));
    let dir = run_dir(place, "bench", &guest)?;
    let mut results = Results {
        kernel: kernel.release.clone(),
        ..Results::default()
    };
    let end = guest::run(&guest, &job, &dir, &mut results)?;
    report_end(&end, &dir);
    dir.write("bench.json", serde_json::to_string_pretty(&results)? + "\n")?;
    if !matches!(end, End::Exited(_)) {
        return Ok(end.exit());
    }
    let languages = results.languages().context("the guest measured nothing")?;
    println!(
        "Instructions of one operation, on {} {}",
        kernel.flavour.name(),
        kernel.release
    );
    println!("\n{languages}");
    if let Some(beside) = results.beside_kernels_own() {
        println!(
            "Beside the kernel's own benchmarks, loops included; nanoseconds of a CPU that takes one an instruction\n\n{beside}"
        );
    }
    println!("JSON: {}", dir.file("bench.json").display());
    Ok(end.exit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a run on the lab kernel, shortened.
    const LINES: &str = "\
rcu_bench 1000 3000 3010 2000 2020 loop
rcu_bench 1000 19000 19500 18000 18100 empty section
rcu_bench 10 21000000 22000000 21000000 21500000 synchronize
refscale 19.003 rcu
refscale 19.001 rcu
refscale 19.002 rcu
rcuscale 2000000 gp_exp=0
";

    fn results(lines: &str) -> Results {
        let mut results = Results::default();
        for line in lines.lines() {
            results.result(line);
        }
        results
    }

    #[test]
    fn tables() {
        let results = results(LINES);
        let languages = results.languages().expect("a loop");
        let beside = results.beside_kernels_own().expect("two pairs");
        insta::assert_snapshot!(format!("{languages}\n{beside}"));
    }

    #[test]
    fn a_kernel_without_benchmarks() {
        assert_eq!(
            results("rcu_bench 1 1 1 1 1 loop\n").beside_kernels_own(),
            None
        );
    }

    #[test]
    fn other_words_are_no_numbers() {
        for line in [
            "",
            "rcu_bench 1 2 3",
            "rcu_bench a b c d e f",
            "cat: no such file",
        ] {
            assert_eq!(Results::default().take(line), None, "{line}");
        }
    }
}
