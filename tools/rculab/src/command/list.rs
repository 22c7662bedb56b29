// SPDX-License-Identifier: GPL-2.0

//! `rculab list`: the scenarios, as the module itself lists them in a guest.

use crate::{
    cli,
    command::{Echo, driven, prepare, report_end, run_dir},
    exit::Exit,
    guest::{self, End},
    initramfs::Job,
    kernel::module_files,
    place::Place,
};

pub fn list(place: &Place, args: &cli::Where) -> anyhow::Result<Exit> {
    let (guest, modules) = prepare(place, args, false)?;
    let job = Job::script(include_str!("../../guest/list.sh"))
        .load(module_files(&modules, &["stall_torture"]));
    let dir = run_dir(place, "list", &guest)?;
    let end = guest::run(&guest, &job, &dir, &mut Echo)?;
    report_end(&end, &dir);
    if end != End::Exited(0) {
        return Ok(end.exit());
    }
    println!("\ndriven by the lab, from outside of the guest, and what is expected");
    for driven in &driven::ALL {
        let expected = driven.expected.unwrap_or("silence");
        println!("{:<27}{}: {expected}", driven.name, driven.what);
    }
    Ok(Exit::Pass)
}
