// SPDX-License-Identifier: GPL-2.0

//! One file a command.

pub mod bench;
pub mod demo;
pub mod driven;
pub mod gp;
pub mod kernel;
pub mod list;
pub mod run;
pub mod shell;
pub mod stall;
pub mod stall_all;
pub mod timeline;
mod words;

use std::{fs, path::PathBuf, time::Duration};

use crate::{
    accel,
    cli::Where,
    guest::{End, Guest, NO_KUNIT, Watch},
    kernel::Kernel,
    place::Place,
    rundir::RunDir,
    term,
};

/// A guest as the command line asks for it, and the directory of its modules.
pub fn prepare(place: &Place, wanted: &Where, warp: bool) -> anyhow::Result<(Guest, PathBuf)> {
    let kernel = Kernel::ensure(place, wanted.kernel, wanted.series.as_deref())?;
    let modules = kernel.modules(place)?;
    let accel = accel::choose(place, &kernel, warp)?;
    let mut guest = Guest::new(&kernel, accel);
    guest.cpus = wanted.cpus;
    guest.append = vec![NO_KUNIT.to_owned()];
    guest.append.extend(wanted.append.iter().cloned());
    Ok((guest, modules))
}

/// A new run directory; says at once where it is.
pub fn run_dir(place: &Place, name: &str, guest: &Guest) -> anyhow::Result<RunDir> {
    let dir = RunDir::create(&place.cache, name)?;
    term::step(&format!(
        "booting {} ({}), log in {}",
        guest.kernel.flavour.name(),
        guest.kernel.release,
        dir.path().display()
    ));
    Ok(dir)
}

/// Says how a guest ended that did not do its job, and where to read on.
pub fn report_end(end: &End, dir: &RunDir) {
    if let End::Exited(0) | End::Signal(_) = end {
        return;
    }
    term::error(&end.words());
    let log = dir.file("console.log");
    if let End::ModuleFailed(_) = end {
        // insmod knows little; the kernel says why.
        let console = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = console.lines().collect();
        for line in &lines[lines.len().saturating_sub(5)..] {
            term::error(&format!("  {line}"));
        }
    }
    term::error(&format!("the guest's console is in {}", log.display()));
}

/// Prints what the job prints.
pub struct Echo;

impl Watch for Echo {
    fn result(&mut self, line: &str) -> Option<Duration> {
        println!("{line}");
        None
    }
}
