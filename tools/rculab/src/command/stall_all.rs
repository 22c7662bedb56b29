// SPDX-License-Identifier: GPL-2.0

//! `rculab stall --all`: the whole catalogue on several kernels, and a matrix of what came of it.

use std::{collections::HashMap, time::Duration};

use crate::{
    cli,
    command::{
        prepare, report_end, run_dir,
        stall::{SHORTEST_TIMEOUT, extra_delay, jiffies_a_second},
        words::KernelWords,
    },
    console,
    exit::Exit,
    guest::{self, End, Watch},
    initramfs::Job,
    kernel::{Flavour, module_files},
    place::Place,
    term,
};

/// The kernels that the catalogue runs on if nobody says which.
const KERNELS: [Flavour; 2] = [Flavour::Lab, Flavour::Debian];

/// What the kernel has to be told at boot so that it can say all that is expected.
pub const BOOT_WORDS: [&str; 2] = ["csdlock_debug=1", "rcutree.sysrq_rcu=1"];

/// Time for one scenario.
const ONE: Duration = Duration::from_secs(240);

/// What came of a scenario on a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Good,
    /// The kernel lacks what the scenario needs.
    NotHere,
    Bad,
}

impl Outcome {
    fn of(verdict: &str) -> Self {
        match verdict {
            "as expected" | "silent as expected" => Self::Good,
            refused if refused.contains(" needs ") => Self::NotHere,
            _ => Self::Bad,
        }
    }
}

/// A scenario, and the module's verdict on one kernel after the other.
#[derive(Debug)]
struct Row {
    request: String,
    cells: Vec<String>,
}

impl Row {
    fn cell(&self, column: usize) -> &str {
        match self.cells.get(column) {
            Some(verdict) if Outcome::of(verdict) == Outcome::NotHere => "not on this kernel",
            Some(verdict) => verdict,
            None => "not run",
        }
    }
}

/// The matrix, column by column.
#[derive(Default)]
struct Matrix {
    kernels: Vec<&'static str>,
    rows: Vec<Row>,
}

impl Matrix {
    fn put(&mut self, request: &str, verdict: &str) {
        let columns = self.kernels.len();
        let index = self
            .rows
            .iter()
            .position(|row| row.request == request)
            .unwrap_or_else(|| {
                self.rows.push(Row {
                    request: request.to_owned(),
                    cells: Vec::new(),
                });
                self.rows.len() - 1
            });
        let cells = &mut self.rows[index].cells;
        cells.resize(columns - 1, "not run".to_owned());
        cells.push(verdict.to_owned());
    }

    fn is_good(&self) -> bool {
        let cells = || self.rows.iter().flat_map(|row| &row.cells);
        cells().next().is_some()
            && self
                .rows
                .iter()
                .all(|row| row.cells.len() == self.kernels.len())
            && cells().all(|verdict| Outcome::of(verdict) != Outcome::Bad)
    }

    /// The matrix as aligned text, a line a row.
    fn lines(&self) -> Vec<String> {
        let requests = self.rows.iter().map(|row| row.request.as_str());
        let first = requests.map(str::len).max().unwrap_or(0);
        let line = |name: &str, cells: Vec<&str>| {
            let cells: Vec<String> = cells.iter().map(|cell| format!("  {cell:<18}")).collect();
            let cells = cells.concat();
            format!("{name:<first$}{cells}").trim_end().to_owned()
        };
        let head = line("scenario", self.kernels.clone());
        let columns = 0..self.kernels.len();
        let body = |row: &Row| {
            let cells = columns.clone().map(|column| row.cell(column)).collect();
            line(&row.request, cells)
        };
        std::iter::once(head)
            .chain(self.rows.iter().map(body))
            .collect()
    }
}

/// Listens to the catalogue on one kernel.
struct Listener<'a> {
    matrix: &'a mut Matrix,
    words: KernelWords,
    /// What the kernel's words on a request mean. When its verdict comes, which is by another way than
    /// they, the next one may have begun.
    meanings: HashMap<String, String>,
}

impl Watch for Listener<'_> {
    fn console(&mut self, line: &str) {
        if !self.words.note(line) {
            return;
        }
        let ended = console::text(line).strip_prefix("rculab: end ");
        if let (Some(request), Some(meaning)) = (ended, self.words.meaning()) {
            self.meanings.insert(request.to_owned(), meaning);
        }
    }

    fn result(&mut self, line: &str) -> Option<Duration> {
        let (request, verdict) = line.strip_prefix("@row ")?.split_once('|')?;
        self.matrix.put(request, verdict);
        let text = format!("{verdict}: {request}");
        term::verdict(Outcome::of(verdict) != Outcome::Bad, &text);
        if let Some(meaning) = self.meanings.get(request) {
            term::note(meaning);
        }
        Some(ONE)
    }
}

pub fn stall_all(place: &Place, args: &cli::Stall) -> anyhow::Result<Exit> {
    let kernels = if args.kernels.is_empty() {
        KERNELS.to_vec()
    } else {
        args.kernels.clone()
    };
    let mut matrix = Matrix::default();
    for flavour in kernels {
        let wanted = cli::Where {
            kernel: flavour,
            ..args.place.clone()
        };
        let (mut guest, modules) = prepare(place, &wanted, true)?;
        guest.deadline = ONE;
        guest
            .append
            .extend(BOOT_WORDS.iter().map(|word| (*word).to_owned()));
        let job = Job::script(include_str!("../../guest/stall_all.sh"))
            .load(module_files(&modules, &["stall_torture"]))
            .env("TIMEOUT", SHORTEST_TIMEOUT)
            .env("EXTRA_DELAY", extra_delay(&guest.kernel))
            .env("HZ", jiffies_a_second(&guest.kernel));
        let dir = run_dir(place, "stall-all", &guest)?;
        matrix.kernels.push(flavour.name());
        let mut listener = Listener {
            matrix: &mut matrix,
            words: KernelWords::default(),
            meanings: HashMap::new(),
        };
        let end = guest::run(&guest, &job, &dir, &mut listener)?;
        report_end(&end, &dir);
        if end != End::Exited(0) {
            return Ok(end.exit());
        }
    }
    term::heading("scenario x kernel");
    for line in matrix.lines() {
        term::guest(&line);
    }
    let good = matrix.is_good();
    let words = if good {
        "every scenario ended as expected"
    } else {
        "not every scenario ended as expected"
    };
    term::verdict(good, words);
    Ok(if good { Exit::Pass } else { Exit::TestFailed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrix() {
        let mut matrix = Matrix::default();
        assert!(!matrix.is_good());
        matrix.kernels.push("lab");
        matrix.put("reader secs=5", "as expected");
        matrix.put("kick secs=2", "as expected");
        matrix.kernels.push("debian");
        matrix.put("reader secs=5", "silent as expected");
        assert!(!matrix.is_good());
        matrix.put("kick secs=2", "trigger: kick needs CONFIG_X: not met");
        assert!(matrix.is_good());
        assert_eq!(
            matrix.lines(),
            [
                "scenario       lab                 debian",
                "reader secs=5  as expected         silent as expected",
                "kick secs=2    as expected         not on this kernel",
            ]
        );
        matrix.put("idle", "unexpected");
        assert!(!matrix.is_good());
    }

    #[test]
    fn the_next_one_may_begin_before_the_verdict() {
        let mut listener = Listener {
            matrix: &mut Matrix::default(),
            words: KernelWords::default(),
            meanings: HashMap::new(),
        };
        for line in [
            "[    1.000000] rculab: begin reader secs=5",
            "[    4.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
            "[    4.000001] rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P158",
            "[    4.000002] rcu: \t(detected by 1, t=3002 jiffies, g=245, q=318 ncpus=2)",
            "[    6.000000] rculab: end reader secs=5",
            "[    6.000001] rculab: begin idle secs=5",
        ] {
            listener.console(line);
        }
        assert!(listener.meanings["reader secs=5"].contains("task 158"));
        assert!(!listener.meanings.contains_key("idle secs=5"));
    }
}
