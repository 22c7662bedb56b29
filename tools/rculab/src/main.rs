// SPDX-License-Identifier: GPL-2.0

//! `rculab`: the host's side of rcu-lab.

mod accel;
mod api;
mod channel;
mod check;
mod cli;
mod command;
mod console;
mod exit;
mod gp;
mod guest;
mod initramfs;
mod kernel;
mod monitor;
mod place;
mod qemu;
mod rundir;
mod said;
mod signals;
mod term;

use clap::{Parser as _, error::ErrorKind};

use crate::{
    cli::{Cli, Command, Lab},
    exit::Exit,
    place::Place,
};

fn main() {
    let command = match parse().command {
        // A filter: it needs no lab, and a signal ends it at once.
        Command::Explain(args) => std::process::exit(stalls::cli::run(&args).into()),
        Command::Lab(command) => command,
    };
    let exit = dispatch(command).unwrap_or_else(|error| {
        if !exit::is_told(&error) {
            term::error(&format!("{error:#}"));
        }
        exit::of_error(&error)
    });
    std::process::exit(exit.code());
}

/// Reads the command line. Help is as long as it is; what is wrong is said in one line.
fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            error.exit()
        }
        _ => {
            term::error(&cli::in_one_line(&error));
            std::process::exit(Exit::Usage.code())
        }
    })
}

fn dispatch(command: Lab) -> anyhow::Result<Exit> {
    signals::watch()?;
    let place = Place::from_env()?;
    match command {
        Lab::Run(args) => command::run::run(&place, &args),
        Lab::Kernel(args) => command::kernel::kernel(&place, &args),
        Lab::List(args) => command::list::list(&place, &args),
        Lab::Shell(args) => command::shell::shell(&place, &args),
        Lab::Stall(args) if args.all => command::stall_all::stall_all(&place, &args),
        Lab::Stall(args) => command::stall::stall(&place, &args),
        Lab::Check(args) => check::check(&place, &args),
        Lab::Gp(args) => command::gp::gp(&place, &args),
        Lab::Timeline(args) => command::timeline::timeline(&place, &args),
        Lab::Bench(args) => command::bench::bench(&place, &args),
        Lab::Demo(args) => command::demo::demo(&place, &args),
    }
}
