// SPDX-License-Identifier: GPL-2.0

//! How often readers and updaters get to one list, by how it is shared between them.
//!
//! Real threads on real time: other runs, and other machines, give other numbers.

use std::{thread, time::Duration};

use anyhow::Context as _;
use serde::Serialize;

use super::{plot, table};
use crate::{
    accel,
    command::{report_end, run_dir},
    exit::Exit,
    guest::{self, End, Guest, NO_KUNIT, Watch},
    initramfs::Job,
    kernel::{Kernel, module_files},
    place::Place,
    term,
};

/// The ways to share it that `rcu_bench/schemes.rs` knows.
pub const SCHEMES: [&str; 5] = ["RcuList", "Mutex", "SpinLock", "rwlock", "seqlock"];
pub const READERS: [u32; 4] = [1, 2, 4, 8];
pub const UPDATERS: [u32; 3] = [0, 1, 2];

/// How often all of it is measured. Of these the median counts: something else may have been going
/// on in one.
const ROUNDS: u32 = 11;

/// How long each is let run.
const MS: u32 = 60;

/// What was done in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    pub scheme: String,
    pub readers: u32,
    pub updaters: u32,
    ns: f64,
    walks: f64,
    /// Walks that were in vain.
    again: f64,
    updates: f64,
}

impl Run {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let scheme = words.next()?.to_owned();
        let mut counts = || words.next()?.parse().ok();
        let (readers, updaters) = (counts()?, counts()?);
        let mut number = || words.next()?.parse().ok();
        Some(Self {
            scheme,
            readers,
            updaters,
            ns: number()?,
            walks: number()?,
            again: number()?,
            updates: number()?,
        })
    }

    pub fn walks_a_ms(&self) -> f64 {
        self.walks / self.ns * 1e6
    }

    fn updates_a_ms(&self) -> f64 {
        self.updates / self.ns * 1e6
    }
}

#[derive(Debug, Default, Serialize)]
pub struct Runs(Vec<Run>);

impl Watch for Runs {
    fn result(&mut self, line: &str) -> Option<Duration> {
        match Run::parse(line) {
            Some(run) => self.0.push(run),
            // Whatever this is, a person should see it.
            None => term::error(line),
        }
        None
    }
}

impl Runs {
    /// The run in which readers did as much as they mostly do.
    pub fn median(&self, scheme: &str, readers: u32, updaters: u32) -> Option<&Run> {
        let wanted = (scheme, readers, updaters);
        let is_wanted = |run: &&Run| (run.scheme.as_str(), run.readers, run.updaters) == wanted;
        let mut runs: Vec<&Run> = self.0.iter().filter(is_wanted).collect();
        runs.sort_by(|a, b| a.walks_a_ms().total_cmp(&b.walks_a_ms()));
        runs.get(runs.len() / 2).copied()
    }

    /// A row for so many readers and updaters, with what `number` takes from each run, and `last`
    /// from that of the seqlock.
    fn row(
        &self,
        (updaters, readers): (u32, u32),
        number: impl Fn(&Run) -> f64,
        last: impl Fn(&Run) -> String,
    ) -> Option<[String; 8]> {
        let mut row = [const { String::new() }; 8];
        row[0] = updaters.to_string();
        row[1] = readers.to_string();
        for (column, scheme) in SCHEMES.into_iter().enumerate() {
            let run = self.median(scheme, readers, updaters)?;
            row[2 + column] = format!("{:.0}", number(run));
            row[7] = last(run);
        }
        Some(row)
    }

    fn walks(&self) -> Option<String> {
        let mut rows = vec![titles("in vain, %")];
        for at in UPDATERS.iter().flat_map(|u| READERS.map(|r| (*u, r))) {
            let in_vain = |run: &Run| 100.0 * run.again / (run.walks + run.again).max(1.0);
            rows.push(self.row(at, Run::walks_a_ms, |run| format!("{:.1}", in_vain(run)))?);
        }
        Some(table(&rows))
    }

    fn updates(&self) -> Option<String> {
        let mut rows = vec![titles("")];
        for at in UPDATERS[1..].iter().flat_map(|u| READERS.map(|r| (*u, r))) {
            rows.push(self.row(at, Run::updates_a_ms, |_| String::new())?);
        }
        Some(table(&rows))
    }
}

fn titles(last: &str) -> [String; 8] {
    let [a, b, c, d, e] = SCHEMES;
    ["updaters", "readers", a, b, c, d, e, last].map(str::to_owned)
}

pub fn throughput(place: &Place, kernel: &Kernel) -> anyhow::Result<Exit> {
    let modules = kernel.modules(place)?;
    let mut guest = Guest::new(kernel, accel::choose(place, kernel, false)?);
    // As many CPUs as the host has. With more, one that holds a lock would wait for one that
    // spins on it.
    let host = thread::available_parallelism().map_or(1, usize::from);
    guest.cpus = u32::try_from(host.clamp(2, 64))?;
    guest.append.push(NO_KUNIT.to_owned());
    let words = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>();
    let job = Job::script(include_str!("../../../guest/throughput.sh"))
        .load(module_files(&modules, &["rcu_bench"]))
        .env("SCHEMES", SCHEMES.join(" "))
        .env("READERS", words(&READERS).join(" "))
        .env("UPDATERS", words(&UPDATERS).join(" "))
        .env("ROUNDS", ROUNDS)
        .env("MS", MS);
    let dir = run_dir(place, "throughput", &guest)?;
    let mut runs = Runs::default();
    let end = guest::run(&guest, &job, &dir, &mut runs)?;
    report_end(&end, &dir);
    dir.write(
        "throughput.json",
        serde_json::to_string_pretty(&runs)? + "\n",
    )?;
    if !matches!(end, End::Exited(_)) {
        return Ok(end.exit());
    }
    let walks = runs.walks().context("the guest did not measure all")?;
    let updates = runs.updates().context("the guest did not measure all")?;
    println!(
        "Walks of 100 entries a millisecond, on {} {} with {} CPUs, {}; the host has {host}\n\n{walks}",
        kernel.flavour.name(),
        kernel.release,
        guest.cpus,
        guest.accel.name(),
    );
    println!("Updates a millisecond, meanwhile\n\n{updates}");
    dir.write("throughput.svg", plot::draw(&runs)?)?;
    println!("Plot: {}", dir.file("throughput.svg").display());
    println!("JSON: {}", dir.file("throughput.json").display());
    Ok(end.exit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every run, with numbers that tell where each comes from.
    fn runs() -> Runs {
        let mut runs = Runs::default();
        for updaters in UPDATERS {
            for readers in READERS {
                for (place, scheme) in (1..).zip(SCHEMES) {
                    let walks = place * 1000 + 10 * readers + updaters;
                    let again = walks * u32::from(scheme == "seqlock");
                    let updates = place * updaters;
                    let line =
                        format!("{scheme} {readers} {updaters} 1000000 {walks} {again} {updates}");
                    runs.result(&line);
                }
            }
        }
        runs
    }

    #[test]
    fn tables() {
        let runs = runs();
        let (walks, updates) = (runs.walks().expect("all"), runs.updates().expect("all"));
        insta::assert_snapshot!(format!("{walks}\n{updates}"));
    }

    #[test]
    fn one_that_was_disturbed() {
        let mut runs = runs();
        let quiet = runs.walks();
        for walks in [1, 2, 9000, 9001] {
            runs.result(&format!("Mutex 1 0 1000000 {walks} 0 0"));
        }
        assert_eq!(runs.walks(), quiet);
    }

    #[test]
    fn one_that_is_missing() {
        let mut runs = runs();
        runs.0.pop();
        assert_eq!((runs.walks(), runs.updates()), (None, None));
    }

    #[test]
    fn picture() {
        let picture = plot::draw(&runs()).expect("a picture");
        for word in SCHEMES {
            assert!(picture.contains(word), "{word}");
        }
        assert!(!picture.contains("NaN"));
    }

    #[test]
    fn other_words_are_no_run() {
        for line in ["", "RcuList 1 2 3", "cat: no such file", "a b c d e f g"] {
            assert_eq!(Run::parse(line), None, "{line}");
        }
    }
}
