// SPDX-License-Identifier: GPL-2.0

//! `rculab demo`: all there is, once, with the kernel's words and what they mean.

use std::time::{Duration, Instant};

use crate::{
    cli,
    command::{
        prepare, report_end, run_dir,
        stall::{SHORTEST_TIMEOUT, extra_delay},
        words::KernelWords,
    },
    exit::Exit,
    guest::{self, End, Watch},
    initramfs::Job,
    kernel::{MODULES, module_files},
    place::Place,
    said::Said,
    term,
};

/// How many stalls there are.
const STALLS: usize = 2;

struct Show {
    words: KernelWords,
    start: Instant,
    first_stall_line: Option<Duration>,
    /// Whether the kernel said of each stall so far what the module expected.
    stalls: Vec<bool>,
}

impl Watch for Show {
    fn console(&mut self, line: &str) {
        let over = self.words.hear(line);
        if Said::of(line).is_some() {
            self.first_stall_line.get_or_insert(self.start.elapsed());
        }
        if over {
            if let Some(meaning) = self.words.meaning() {
                term::note(&meaning);
            }
        }
    }

    fn result(&mut self, line: &str) -> Option<Duration> {
        if let Some(heading) = line.strip_prefix("## ") {
            term::heading(heading);
        } else if let Some(note) = line.strip_prefix("=> ") {
            term::note(note);
        } else {
            // The module heard the kernel itself. The console may lose a byte, where the host is busy.
            if let Some(verdict) = line.strip_prefix("verdict ") {
                self.stalls.push(verdict.trim() == "as expected");
            }
            term::guest(line);
        }
        None
    }
}

pub fn demo(place: &Place, args: &cli::Where) -> anyhow::Result<Exit> {
    let start = Instant::now();
    let (guest, modules) = prepare(place, args, false)?;
    let job = Job::script(include_str!("../../guest/demo.sh"))
        .load(module_files(&modules, &MODULES))
        .env("TIMEOUT", SHORTEST_TIMEOUT)
        .env("EXTRA_DELAY", extra_delay(&guest.kernel));
    let dir = run_dir(place, "demo", &guest)?;
    let mut show = Show {
        words: KernelWords::default(),
        start,
        first_stall_line: None,
        stalls: Vec::new(),
    };
    let end = guest::run(&guest, &job, &dir, &mut show)?;
    report_end(&end, &dir);
    if end != End::Exited(0) {
        return Ok(end.exit());
    }
    if let Some(time) = show.first_stall_line {
        term::step(&format!(
            "the first stall line came after {:.1} s",
            time.as_secs_f64()
        ));
    }
    let good = show.stalls == [true; STALLS];
    let words = if good {
        "both stalls were provoked, and the kernel printed them"
    } else {
        "the kernel did not print what was provoked"
    };
    term::verdict(
        good,
        &format!("demo: {words}; all of it is in {}", dir.path().display()),
    );
    Ok(if good { Exit::Pass } else { Exit::TestFailed })
}
