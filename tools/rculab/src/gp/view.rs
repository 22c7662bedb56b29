// SPDX-License-Identifier: GPL-2.0

//! Readings as text: a frame for a terminal, or a line for a pipe.

use std::fmt::Write as _;

use crate::gp::files::{Buckets, Files, median};

/// So many readings are in a sparkline.
const KEPT: usize = 48;

/// What is measured, by the names of its column and of its line.
const LATENCIES: [(&str, &str); 4] = [
    ("grace_period", "grace period"),
    ("synchronize", "synchronize_rcu()"),
    ("expedited", "..._expedited()"),
    ("callback", "call_rcu()"),
];

/// What is shown of normal and of expedited grace periods, and its name in the file.
const STATES: [(&str, &str); 7] = [
    ("completed", "completed"),
    ("state", "state"),
    ("age, ms", "age_ms"),
    ("longest, ms", "longest_ms"),
    ("per second, 1 s", "per_second_1s"),
    ("           10 s", "per_second_10s"),
    ("           60 s", "per_second_60s"),
];

#[derive(Default)]
struct Latency {
    before: Buckets,
    medians: Vec<Option<u64>>,
}

/// What was seen up to now.
#[derive(Default)]
pub struct View {
    files: Files,
    latencies: [Latency; 4],
}

impl View {
    pub fn take(&mut self, files: Files) {
        for (latency, (column, _)) in self.latencies.iter_mut().zip(LATENCIES) {
            let now = files.latencies(column);
            latency.medians.push(median(&latency.before, &now));
            if latency.medians.len() > KEPT {
                latency.medians.remove(0);
            }
            latency.before = now;
        }
        self.files = files;
    }

    fn gp(&self, name: &str) -> &str {
        self.files.value("rcugp", name).unwrap_or("-")
    }

    /// A line of `name=value` words.
    pub fn line(&self) -> String {
        let mut line = format!(
            "completed={} state={} age_ms={} longest_ms={} per_second={} expedited_per_second={}",
            self.gp("completed"),
            self.gp("state"),
            self.gp("age_ms"),
            self.gp("longest_ms"),
            self.gp("per_second_1s"),
            self.gp("expedited_per_second_1s"),
        );
        for (latency, (column, _)) in self.latencies.iter().zip(LATENCIES) {
            let _ = write!(line, " {column}_us={}", below(latency.last()));
        }
        let _ = write!(line, " stalls={}", self.files.stalls());
        line
    }

    /// Several lines.
    pub fn frame(&self) -> String {
        let mut frame = format!(
            "{:<20}{:>12}{:>12}\n",
            "grace periods", "normal", "expedited"
        );
        for (what, name) in STATES {
            let expedited = format!("expedited_{name}");
            let _ = writeln!(
                frame,
                "{what:<20}{:>12}{:>12}",
                self.gp(name),
                self.gp(&expedited),
            );
        }
        let _ = writeln!(
            frame,
            "{:<20}{:>12}\n",
            "stall reports",
            self.files.stalls()
        );
        let _ = writeln!(frame, "{:<20}{:>12}", "half took less than", "us");
        for (latency, (_, name)) in self.latencies.iter().zip(LATENCIES) {
            let median = below(latency.last());
            let _ = writeln!(
                frame,
                "{name:<20}{median:>12}  {}",
                sparkline(&latency.medians)
            );
        }
        let tree = self.files.tree();
        if !tree.is_empty() {
            let _ = writeln!(frame, "\nwho owes a quiescent state");
            for line in tree {
                let _ = writeln!(frame, "  {line}");
            }
        }
        frame
    }
}

impl Latency {
    fn last(&self) -> Option<u64> {
        self.medians.last().copied().flatten()
    }
}

fn below(median: Option<u64>) -> String {
    median.map_or_else(|| "-".to_owned(), |us| us.to_string())
}

/// A character each, as high as its logarithm.
fn sparkline(values: &[Option<u64>]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let known = || values.iter().flatten().map(|value| value.max(&1).ilog2());
    let (Some(least), Some(most)) = (known().min(), known().max()) else {
        return String::new();
    };
    let height = |value: u64| {
        let above = value.max(1).ilog2() - least;
        // All alike are in the middle.
        let part = (above * 7).checked_div(most - least).unwrap_or(3);
        HEIGHTS[part as usize]
    };
    values
        .iter()
        .map(|value| value.map_or(' ', height))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(completed: i64, took: [u64; 2]) -> Files {
        let rcugp = format!(
            "# a comment\ncompleted {completed}\nstate in-flight\nage_ms 2.500\nlongest_ms 12.000\n\
             per_second_1s 48.3\nexpedited_per_second_1s 9.9\nper_second_10s 50.0\n\
             expedited_per_second_10s -\n\
             less_than_us grace_period synchronize expedited callback\n\
             4096 {} 1 0 0\n8192 {} 0 0 0\n",
            took[0], took[1]
        );
        let rcuhier = "# a comment\nlevel first last  tree\n\
             \x20   0     0    3  0-3\n    1     0    1  ├─ 0-1 cpu1\n";
        let stalls = "# a comment\nkind count last_seq last_ms_ago\n\
             detected 1 5 17.000\nexpedited 0 - -\n";
        let texts = [
            ("rcugp", rcugp.as_str()),
            ("rcuhier", rcuhier),
            ("stalls", stalls),
        ];
        Files(
            texts
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        )
    }

    #[test]
    fn what_a_person_sees() {
        let mut view = View::default();
        view.take(reading(-100, [10, 0]));
        view.take(reading(-50, [11, 20]));
        view.take(reading(0, [31, 21]));
        insta::assert_snapshot!("frame", view.frame());
        insta::assert_snapshot!("line", view.line());
    }

    #[test]
    fn without_tracepoints() {
        let mut view = View::default();
        view.take(Files::default());
        assert!(view.line().starts_with("completed=- state=-"));
    }

    #[test]
    fn sparks() {
        assert_eq!(sparkline(&[Some(1), None, Some(1024), Some(32)]), "▁ █▄");
        assert_eq!(sparkline(&[Some(7), Some(7)]), "▄▄");
        assert_eq!(sparkline(&[None]), "");
    }
}
