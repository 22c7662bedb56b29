// SPDX-License-Identifier: GPL-2.0

//! `rculab shell`: a person in a guest.

use std::{
    io::{IsTerminal, read_to_string, stdin},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context;

use crate::{
    cli,
    command::{Echo, prepare, report_end, run_dir},
    console,
    exit::Exit,
    guest::{self, Guest, Watch},
    initramfs::Job,
    kernel::{MODULES, module_files},
    place::Place,
    term,
};

/// A person may take as long as they like.
const NO_DEADLINE: Duration = Duration::from_secs(365 * 24 * 3600);

/// Shows what the kernel says while the shell is there.
#[derive(Default)]
struct KernelLines {
    up: bool,
}

impl Watch for KernelLines {
    fn console(&mut self, line: &str) {
        match console::text(line).strip_prefix("rculab: @") {
            Some(word) => self.up = word.starts_with("up"),
            None if self.up => term::kernel_raw(line),
            None => {}
        }
    }
}

pub fn shell(place: &Place, args: &cli::Where) -> anyhow::Result<Exit> {
    let (mut guest, modules) = prepare(place, args, false)?;
    let load = module_files(&modules, &MODULES);
    if !stdin().is_terminal() {
        return commands(place, &guest, load);
    }
    guest.terminal = true;
    guest.deadline = NO_DEADLINE;
    let size = stty("size").unwrap_or_default();
    let (rows, columns) = size.split_once(' ').unwrap_or_default();
    let job = Job::script(include_str!("../../guest/shell.sh"))
        .load(load)
        .env("TERMINAL", 1)
        .env("ROWS", rows)
        .env("COLS", columns);
    let dir = run_dir(place, "shell", &guest)?;
    term::step(
        "the modules are loaded, their files are here; `exit` leaves, Ctrl-a x ends the guest by force",
    );
    let settings = stty("-g");
    let end = guest::run(&guest, &job, &dir, &mut KernelLines::default());
    if let Some(settings) = settings {
        // A killed QEMU leaves the terminal raw.
        stty(&settings);
    }
    let end = end?;
    report_end(&end, &dir);
    Ok(end.exit())
}

/// No person there: stdin is a script.
fn commands(place: &Place, guest: &Guest, load: Vec<PathBuf>) -> anyhow::Result<Exit> {
    let script = read_to_string(stdin()).context("cannot read the commands from stdin")?;
    let job = Job::script(format!("cd /sys/kernel/debug\n{script}")).load(load);
    let dir = run_dir(place, "shell", guest)?;
    let end = guest::run(guest, &job, &dir, &mut Echo)?;
    report_end(&end, &dir);
    Ok(end.exit())
}

/// Asks stty about our terminal, or tells it to change it.
fn stty(argument: &str) -> Option<String> {
    let output = Command::new("stty")
        .arg(argument)
        .stdin(Stdio::inherit())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
