// SPDX-License-Identifier: GPL-2.0

//! `rculab run`: a script of the user in a guest.

use std::{
    fs::{self, File},
    io,
    path::Path,
    time::Duration,
};

use crate::{
    cli,
    command::{Echo, prepare, report_end, run_dir},
    exit::{Exit, failure},
    guest,
    initramfs::Job,
    kernel::{MODULES, module_files},
    place::Place,
};

pub fn run(place: &Place, args: &cli::Run) -> anyhow::Result<Exit> {
    let script = fs::read_to_string(&args.script).map_err(|error| unseen(&args.script, &error))?;
    for module in &args.modules {
        File::open(module).map_err(|error| unseen(module, &error))?;
    }
    let (mut guest, modules) = prepare(place, &args.place, args.warp)?;
    guest.deadline = Duration::from_secs(args.deadline);
    if let Some(seconds) = args.up_limit {
        guest.up_limit = Duration::from_secs(seconds);
    }
    let load = if args.bare || !args.modules.is_empty() {
        args.modules.clone()
    } else {
        module_files(&modules, &MODULES)
    };
    let dir = run_dir(place, "run", &guest)?;
    let end = guest::run(&guest, &Job::script(script).load(load), &dir, &mut Echo)?;
    report_end(&end, &dir);
    Ok(end.exit())
}

/// A file that was named and cannot be read.
fn unseen(path: &Path, error: &io::Error) -> anyhow::Error {
    let path = path.display();
    let words = "only what lies in the repository or the cache is seen here";
    failure(Exit::Usage, format!("cannot read {path}: {error}; {words}"))
}
