// SPDX-License-Identifier: GPL-2.0

//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::kernel::Flavour;

/// Runs guests, provokes RCU stalls in them, and tests rcu-lab.
#[derive(Debug, Parser)]
#[command(name = "rculab", after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 pass, 1 test failed, 2 usage, 10 guest panicked, 11 deadline passed,
12 guest never came up, 13 a module failed to load, 14 QEMU could not start or died,
20 network, 21 disk full, 22 another set-up step failed, 128+n signal n";

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(after_help = stalls::cli::EXIT_CODES)]
    Explain(stalls::cli::Args),
    #[command(flatten)]
    Lab(Lab),
}

/// What the lab does.
#[derive(Debug, Subcommand)]
pub enum Lab {
    /// Show everything once: examples, list, counters, two stalls
    Demo(Where),
    /// Provoke one stall, and say whether the kernel printed it
    Stall(Stall),
    /// List the scenarios, with their keys and ranges
    List(Where),
    /// Open a shell in a guest with the modules loaded; leave with `exit`
    Shell(Where),
    /// Run a script of your own in a guest
    Run(Run),
    /// Run the tests
    Check(Check),
    /// Watch grace periods go by
    Gp(Gp),
    /// Draw what RCU did last
    Timeline(Timeline),
    /// Measure what RCU costs in Rust and in C, and what lists get done under it
    Bench(Bench),
    /// Make a kernel ready, and print its directory
    Kernel(Kernel),
}

/// Which guest.
#[derive(Args, Clone, Debug)]
pub struct Where {
    /// The kernel that the guest runs
    #[arg(long, value_enum, default_value = "debian")]
    pub kernel: Flavour,
    /// The kernel's series, such as 7.2 [default: the newest there is]
    #[arg(long)]
    pub series: Option<String>,
    /// The guest's CPUs
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub cpus: u32,
    /// Another word for the guest kernel's command line
    #[arg(long, value_name = "WORD")]
    pub append: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Stall {
    /// The scenario; `rculab list` knows them all. Several at once: 'reader cpu=1 + irqs-off cpu=2'
    #[arg(required_unless_present = "all", default_value = "")]
    pub scenario: String,
    /// Run the whole catalogue on an instruction clock, and end with a matrix
    #[arg(long, conflicts_with_all = ["scenario", "params", "kernel"])]
    pub all: bool,
    /// With --all: the kernels, such as lab,debian,debug [default: lab,debian]
    #[arg(long, value_delimiter = ',', requires = "all")]
    pub kernels: Vec<Flavour>,
    #[command(flatten)]
    pub place: Where,
    /// Run on an instruction clock: the default stall timeout stays, the wait shrinks
    #[arg(long)]
    pub warp: bool,
    /// A key of the scenario, such as secs=10 or cpu=1; panic=1 has the guest panic at the stall,
    /// ftrace_dump=1 has the kernel dump its trace, sysrq_y=1 shows RCU's state after the report
    #[arg(long = "param", value_name = "KEY=VALUE", value_parser = key_value)]
    pub params: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Run {
    /// The script, for busybox's sh; its exit status is the verdict
    pub script: PathBuf,
    #[command(flatten)]
    pub place: Where,
    /// Run on an instruction clock
    #[arg(long)]
    pub warp: bool,
    /// Load this module instead of ours
    #[arg(long = "module", value_name = "FILE.ko")]
    pub modules: Vec<PathBuf>,
    /// Load no module
    #[arg(long, conflicts_with = "modules")]
    pub bare: bool,
    /// Seconds that the script may take
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub deadline: u64,
    /// Seconds that the guest may take to come up
    #[arg(long, value_name = "SECONDS")]
    pub up_limit: Option<u64>,
}

#[derive(Args, Debug)]
#[command(mut_arg("kernel", |kernel| kernel.default_value("lab")))]
pub struct Gp {
    /// Watch these files, such as /sys/kernel/debug/rcu, instead of a guest's
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// How long
    #[arg(long, default_value_t = 30)]
    pub seconds: u32,
    #[command(flatten)]
    pub place: Where,
}

#[derive(Args, Debug)]
#[command(mut_arg("kernel", |kernel| kernel.default_value("lab")))]
pub struct Timeline {
    /// A copy of the file `events`, or `-` [default: record a guest]
    pub file: Option<PathBuf>,
    /// The picture
    #[arg(long, short, default_value = "timeline.svg")]
    pub output: PathBuf,
    /// Draw so many milliseconds [default: the stall, or the last 100 grace periods]
    #[arg(long, value_name = "MS")]
    pub last: Option<u64>,
    /// Record a stall of this scenario
    #[arg(long, conflicts_with = "file")]
    pub scenario: Option<String>,
    #[command(flatten)]
    pub place: Where,
}

#[derive(Args, Debug)]
pub struct Check {
    /// Only the tests whose `part/name` contains this
    pub filter: Option<String>,
    /// Both series, and long runs
    #[arg(long)]
    pub full: bool,
    /// Seconds for which guest/*/rculist_torture tortures the list [default: its own]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub torture_secs: Option<u32>,
    /// The kernels' series, such as 7.2 [default: the newest there is]
    #[arg(long)]
    pub series: Option<String>,
}

#[derive(Args, Debug)]
pub struct Bench {
    /// The kernel that the guest runs
    #[arg(long, value_enum, default_value = "lab")]
    pub kernel: Flavour,
    /// The kernel's series, such as 7.2 [default: the newest there is]
    #[arg(long)]
    pub series: Option<String>,
    /// Measure this alone
    #[arg(long, value_enum)]
    pub only: Option<Measure>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Measure {
    /// What each operation costs in Rust and in C
    Instructions,
    /// How often readers and updaters get to one list, by how it is shared
    Throughput,
}

impl Measure {
    pub const ALL: [Self; 2] = [Self::Instructions, Self::Throughput];
}

#[derive(Args, Debug)]
pub struct Kernel {
    #[arg(value_enum)]
    pub flavour: Flavour,
    /// The kernel's series, such as 7.2 [default: the newest there is]
    #[arg(long)]
    pub series: Option<String>,
}

fn key_value(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok(text.to_owned()),
        _ => Err("expected KEY=VALUE, such as secs=10".to_owned()),
    }
}

/// What clap says over several paragraphs, without its `error: ` and without where its help is.
pub fn in_one_line(error: &clap::Error) -> String {
    let said = error.render().to_string();
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    let paragraphs = said
        .split("\n\n")
        .filter(|text| !text.starts_with("For more information"));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    paragraphs.map(words).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> String {
        let line = [&["rculab"], words].concat();
        in_one_line(&Cli::try_parse_from(line).expect_err("it makes no sense"))
    }

    #[test]
    fn what_is_wrong_is_one_line() {
        assert_eq!(
            refused(&["list", "--kernel", "labb"]),
            "invalid value 'labb' for '--kernel <KERNEL>' [possible values: debian, lab, debug, \
             lazy, rt, nohz, strict, tiny]; tip: a similar value exists: 'lab'"
        );
        assert_eq!(
            refused(&["list", "--cpus", "0"]),
            "invalid value '0' for '--cpus <CPUS>': 0 is not in 1..=64"
        );
        assert_eq!(
            refused(&["stall", "reader", "--param", "secs"]),
            "invalid value 'secs' for '--param <KEY=VALUE>': expected KEY=VALUE, such as secs=10"
        );
        assert_eq!(
            refused(&["stall"]),
            "the following required arguments were not provided: <SCENARIO>; \
             Usage: rculab stall <SCENARIO>"
        );
    }
}
