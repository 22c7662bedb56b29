// SPDX-License-Identifier: GPL-2.0

//! The kernels and their modules: made by the scripts, found here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context;
use clap::ValueEnum;

use crate::{
    exit::{Exit, failure, told_failure},
    place::Place,
};

/// The kernels a guest can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Flavour {
    /// Debian's own image, unmodified
    Debian,
    /// A small kernel that boots in a second
    Lab,
    /// The lab kernel with KASAN, lockdep, debug objects and kmemleak
    Debug,
    /// The lab kernel whose readers cannot be preempted
    Lazy,
    /// The lab kernel with PREEMPT_RT, and readers that are boosted
    Rt,
    /// The lab kernel with tickless CPUs, offloaded and lazy callbacks
    Nohz,
    /// The lab kernel with grace periods as short as they can be
    Strict,
    /// The lab kernel for one CPU, with Tiny RCU: nobody reports a stall
    Tiny,
}

impl Flavour {
    /// Those that every test of every day runs on; the others are for what only they show.
    pub const EVERY_DAY: [Flavour; 3] = [Flavour::Debian, Flavour::Lab, Flavour::Debug];

    pub fn name(self) -> &'static str {
        match self {
            Flavour::Debian => "debian",
            Flavour::Lab => "lab",
            Flavour::Debug => "debug",
            Flavour::Lazy => "lazy",
            Flavour::Rt => "rt",
            Flavour::Nohz => "nohz",
            Flavour::Strict => "strict",
            Flavour::Tiny => "tiny",
        }
    }

    pub fn parse(name: &str) -> Option<Flavour> {
        Flavour::value_variants()
            .iter()
            .copied()
            .find(|f| f.name() == name)
    }
}

/// The modules, in the order in which they load.
pub const MODULES: [&str; 3] = ["rcu_demo", "rculist", "stall_torture"];

/// A kernel that is ready to boot.
#[derive(Clone, Debug)]
pub struct Kernel {
    pub dir: PathBuf,
    pub flavour: Flavour,
    /// Such as 7.2.
    pub series: String,
    /// What `uname -r` says in the guest.
    pub release: String,
}

impl Kernel {
    /// Has the kernel made if need be.
    pub fn ensure(place: &Place, flavour: Flavour, series: Option<&str>) -> anyhow::Result<Self> {
        let mut command = Command::new(place.file("scripts/kernel"));
        command.arg(flavour.name());
        if let Some(series) = series {
            command.env("SERIES", series);
        }
        let dir = printed_path(command)?;
        let read = |name: &str| {
            fs::read_to_string(dir.join(name))
                .map(|text| text.trim().to_owned())
                .with_context(|| format!("{} is not a whole kernel: remove it", dir.display()))
        };
        Ok(Self {
            series: read("series")?,
            release: read("release")?,
            flavour,
            dir,
        })
    }

    /// Has the modules for this kernel made if need be; returns their directory.
    pub fn modules(&self, place: &Place) -> anyhow::Result<PathBuf> {
        let mut command = Command::new(place.file("scripts/modules"));
        command.arg(&self.dir);
        printed_path(command)
    }

    pub fn image(&self) -> PathBuf {
        self.dir.join("vmlinuz")
    }

    pub fn config(&self) -> PathBuf {
        self.dir.join("config")
    }

    /// Those of the kernel's own modules that it has of these.
    pub fn own_modules(&self, names: &[&str]) -> Vec<PathBuf> {
        names
            .iter()
            .map(|name| self.dir.join("build/kernel").join(format!("{name}.ko")))
            .filter(|module| module.is_file())
            .collect()
    }

    /// The source this kernel was built from.
    pub fn source(&self) -> PathBuf {
        self.dir.join("build/source")
    }

    /// MiB of memory that a guest with this kernel needs.
    pub fn memory(&self) -> u32 {
        match self.flavour {
            Flavour::Debug => 1024,
            _ => 512,
        }
    }

    /// Seconds within which a guest's init has to say that it runs.
    pub fn up_limit(&self) -> u64 {
        match self.flavour {
            Flavour::Debug => 120,
            _ => 60,
        }
    }
}

/// The files of the modules named.
pub fn module_files(dir: &Path, names: &[&str]) -> Vec<PathBuf> {
    names
        .iter()
        .map(|name| dir.join(format!("{name}.ko")))
        .collect()
}

/// Runs a set-up script that reports on stderr and prints one path.
fn printed_path(mut command: Command) -> anyhow::Result<PathBuf> {
    let script = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failure(Exit::Setup, format!("cannot run {script}: {e}")))?;
    if !output.status.success() {
        let words = format!("{script} failed: {}", output.status);
        return Err(match Exit::of_script(output.status.code()) {
            Some(exit) => told_failure(exit, words + "; its own words are above"),
            None => failure(Exit::Setup, words),
        });
    }
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if path.is_dir() {
        Ok(path)
    } else {
        Err(failure(
            Exit::Setup,
            format!("{script} printed no directory, but `{}`", path.display()),
        ))
    }
}
