// SPDX-License-Identifier: GPL-2.0

//! What the kernel says of a scenario, on the console between two marks.

use crate::{
    console,
    said::{self, Said},
    term,
};

/// What the kernel says between the marks that the guest's script leaves in its log.
#[derive(Default)]
pub struct KernelWords {
    listening: bool,
    lines: Vec<String>,
}

impl KernelWords {
    /// Shows a line if it is between the marks. Says when the last mark has come.
    pub fn hear(&mut self, line: &str) -> bool {
        let over = self.note(line);
        if self.listening && !self.lines.is_empty() {
            term::kernel(line);
        }
        over
    }

    /// As [`KernelWords::hear`], without showing it.
    pub fn note(&mut self, line: &str) -> bool {
        match console::text(line).strip_prefix("rculab: ") {
            Some(mark) if mark.starts_with("begin ") => {
                self.listening = true;
                self.lines.clear();
            }
            Some(mark) if mark.starts_with("end ") => {
                self.listening = false;
                return true;
            }
            _ if self.listening => self.lines.push(line.to_owned()),
            _ => {}
        }
        false
    }

    /// Which of the groups of kinds that were expected (`a|b + c`) the kernel did not print.
    pub fn missing<'a>(&self, expected: &'a str) -> Option<&'a str> {
        expected.split(" + ").find(|kinds| self.count(kinds) == 0)
    }

    /// How many lines there were of a kind, or of one of several kinds: `a|b`.
    pub fn count(&self, kinds: &str) -> usize {
        let wanted = |said: Said| kinds.split('|').any(|kind| kind == said.name());
        self.lines
            .iter()
            .filter_map(|line| Said::of(line))
            .filter(|said| wanted(*said))
            .count()
    }

    pub fn meaning(&self) -> Option<String> {
        said::meaning(&self.lines)
    }
}
