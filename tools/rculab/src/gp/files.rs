// SPDX-License-Identifier: GPL-2.0

//! One reading of the files.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;

/// The files that a view is made of.
pub const NAMES: [&str; 3] = ["rcugp", "rcuhier", "stalls"];

/// Files by name.
#[derive(Clone, Debug, Default)]
pub struct Files(pub BTreeMap<String, String>);

/// How many things took how long: the buckets' limits in µs (none for the rest), and counts.
pub type Buckets = Vec<(Option<u64>, u64)>;

impl Files {
    /// Reads those in a directory.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let mut files = Self::default();
        for name in NAMES {
            let path = dir.join(name);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}: is rcu_demo loaded?", path.display()))?;
            files.0.insert(name.to_owned(), text);
        }
        Ok(files)
    }

    fn lines(&self, file: &str) -> impl Iterator<Item = &str> {
        let text = self.0.get(file).map_or("", String::as_str);
        text.lines().filter(|line| !line.starts_with('#'))
    }

    /// The value of a line `name value`; none if it is not known.
    pub fn value(&self, file: &str, name: &str) -> Option<&str> {
        self.lines(file)
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .filter(|value| *value != "-")
    }

    /// A column of the table of latencies.
    pub fn latencies(&self, column: &str) -> Buckets {
        let mut rows = self
            .lines("rcugp")
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .skip_while(|row| row.first() != Some(&"less_than_us"));
        let Some(names) = rows.next() else {
            return Vec::new();
        };
        let Some(column) = names.iter().position(|name| *name == column) else {
            return Vec::new();
        };
        rows.filter_map(|row| Some((row.first()?.parse().ok(), row.get(column)?.parse().ok()?)))
            .collect()
    }

    /// The tree, as the module draws it.
    pub fn tree(&self) -> Vec<&str> {
        let mut lines = self.lines("rcuhier");
        let column = lines.next().and_then(|names| names.find("tree"));
        let Some(column) = column else {
            return Vec::new();
        };
        lines
            .filter_map(|line| line.get(column..))
            .filter(|drawn| *drawn != "-")
            .collect()
    }

    /// How often stalls were reported, in all ways.
    pub fn stalls(&self) -> u64 {
        self.lines("stalls")
            .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
            .sum()
    }
}

/// The bucket's limit that half of what came since the reading before is below.
pub fn median(before: &Buckets, now: &Buckets) -> Option<u64> {
    let count_before = |limit| {
        let same = before.iter().find(|(other, _)| *other == limit);
        same.map_or(0, |(_, count)| *count)
    };
    let new: Vec<(Option<u64>, u64)> = now
        .iter()
        .map(|(limit, count)| (*limit, count.saturating_sub(count_before(*limit))))
        .collect();
    let half = new.iter().map(|(_, count)| count).sum::<u64>().div_ceil(2);
    let mut sum = 0;
    new.into_iter()
        .find(|(_, count)| {
            sum += count;
            half > 0 && sum >= half
        })
        .map(|(limit, _)| limit.unwrap_or(u64::MAX))
}
