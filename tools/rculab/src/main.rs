// SPDX-License-Identifier: GPL-2.0

//! `rculab`: the host's side of rcu-lab.

mod accel;
mod check;
mod cli;
mod command;
mod console;
mod exit;
mod guest;
mod initramfs;
mod kernel;
mod place;
mod qemu;
mod rundir;
mod said;
mod signals;
mod term;

use clap::Parser;

use crate::{
    cli::{Cli, Command},
    exit::Exit,
    place::Place,
};

fn main() {
    let cli = Cli::parse();
    let exit = dispatch(cli.command).unwrap_or_else(|error| {
        term::error(&format!("{error:#}"));
        exit::of_error(&error)
    });
    std::process::exit(exit.code());
}

fn dispatch(command: Command) -> anyhow::Result<Exit> {
    signals::watch()?;
    let place = Place::from_env()?;
    match command {
        Command::Run(args) => command::run::run(&place, &args),
        Command::Kernel(args) => command::kernel::kernel(&place, &args),
        Command::List(args) => command::list::list(&place, &args),
        Command::Shell(args) => command::shell::shell(&place, &args),
        Command::Stall(args) => command::stall::stall(&place, &args),
        Command::Check(args) => check::check(&place, &args),
        Command::Demo(args) => command::demo::demo(&place, &args),
    }
}
