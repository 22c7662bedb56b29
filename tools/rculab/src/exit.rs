// SPDX-License-Identifier: GPL-2.0

//! How a command ends: one exit code for each thing that can go wrong.

use std::fmt;

/// The exit codes of `rculab`, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for was seen.
    Pass,
    /// The guest ran to its end, and what was asked for was not seen.
    TestFailed,
    /// The command line makes no sense.
    Usage,
    /// The guest kernel panicked.
    Panicked,
    /// The guest was still busy when its time was over.
    Deadline,
    /// The guest gave no sign of life.
    NeverUp,
    /// A module did not load.
    ModuleFailed,
    /// QEMU did not start, or died.
    NoQemu,
    /// The network is needed and does not answer.
    Network,
    /// The disk is full.
    DiskFull,
    /// Another step of the set-up failed.
    Setup,
    /// Ended by this signal.
    Signal(i32),
}

impl Exit {
    /// The number the shell sees.
    pub fn code(self) -> i32 {
        match self {
            Exit::Pass => 0,
            Exit::TestFailed => 1,
            Exit::Usage => 2,
            Exit::Panicked => 10,
            Exit::Deadline => 11,
            Exit::NeverUp => 12,
            Exit::ModuleFailed => 13,
            Exit::NoQemu => 14,
            Exit::Network => 20,
            Exit::DiskFull => 21,
            Exit::Setup => 22,
            Exit::Signal(signal) => 128 + signal,
        }
    }

    /// What a set-up script's exit code means, if the script has said why it ends so.
    pub fn of_script(code: Option<i32>) -> Option<Exit> {
        let all = [Exit::Usage, Exit::Network, Exit::DiskFull, Exit::Setup];
        all.into_iter().find(|exit| Some(exit.code()) == code)
    }
}

/// An error that knows its exit code.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
    /// Whether whoever failed has told the person why.
    told: bool,
}

/// An error that ends the command with this exit code.
pub fn failure(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    Failure {
        exit,
        message: message.into(),
        told: false,
    }
    .into()
}

/// The same, of something that has told the person why already.
pub fn told_failure(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    Failure {
        exit,
        message: message.into(),
        told: true,
    }
    .into()
}

/// Whether the person knows of this error.
pub fn is_told(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Failure>()
        .is_some_and(|failure| failure.told)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit code of any error: its own if it knows one, a failed set-up otherwise.
pub fn of_error(error: &anyhow::Error) -> Exit {
    let full = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull)
    };
    match error.downcast_ref::<Failure>() {
        Some(failure) => failure.exit,
        None if error.chain().any(full) => Exit::DiskFull,
        None => Exit::Setup,
    }
}
