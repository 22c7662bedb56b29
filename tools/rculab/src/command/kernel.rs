// SPDX-License-Identifier: GPL-2.0

//! `rculab kernel`: makes a kernel ready.

use crate::{cli, exit::Exit, kernel::Kernel, place::Place};

pub fn kernel(place: &Place, args: &cli::Kernel) -> anyhow::Result<Exit> {
    let kernel = Kernel::ensure(place, args.flavour, args.series.as_deref())?;
    println!("{}", kernel.dir.display());
    Ok(Exit::Pass)
}
