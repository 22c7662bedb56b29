// SPDX-License-Identifier: GPL-2.0

//! The command on its own: `dmesg | stalls`.

use std::process::ExitCode;

use clap::Parser;

/// Reads RCU stall warnings out of logs, and says what they mean.
#[derive(Parser)]
#[command(name = "stalls", version, after_help = stalls::cli::EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    args: stalls::cli::Args,
}

fn main() -> ExitCode {
    ExitCode::from(stalls::cli::run(&Cli::parse().args))
}
