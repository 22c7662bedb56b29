// SPDX-License-Identifier: GPL-2.0

//! What a person sees: stdout is for what was asked for, stderr for the way there.
//!
//! Colours vanish by themselves where the output is no terminal, or `NO_COLOR` is set.

use anstream::{eprint, eprintln, println};
use anstyle::{AnsiColor, Style};

use crate::console::{self, Alarm};

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const NOTE: Style = AnsiColor::Cyan.on_default();
const WARN: Style = AnsiColor::Yellow.on_default();

/// A step on the way.
pub fn step(text: &str) {
    eprintln!("{DIM}rculab: {text}{DIM:#}");
}

/// What went wrong.
pub fn error(text: &str) {
    eprintln!("{BAD}rculab: {text}{BAD:#}");
}

/// A heading.
pub fn heading(text: &str) {
    println!("\n{BOLD}{text}{BOLD:#}");
}

/// A line that explains what is seen.
pub fn note(text: &str) {
    println!("{NOTE}=> {text}{NOTE:#}");
}

/// A line of the guest.
pub fn guest(line: &str) {
    println!("   {line}");
}

/// A line of the guest's kernel.
pub fn kernel(line: &str) {
    let style = match console::alarm(line) {
        Some(Alarm::Panic | Alarm::Bug) => BAD,
        Some(Alarm::Stall) => WARN,
        None => DIM,
    };
    println!("   {style}{line}{style:#}");
}

/// The same beside a terminal that is in raw mode.
pub fn kernel_raw(line: &str) {
    eprint!("{DIM}{line}{DIM:#}\r\n");
}

/// The last line of a command.
pub fn verdict(good: bool, text: &str) {
    let style = if good { GOOD } else { BAD };
    println!("{style}{text}{style:#}");
}
