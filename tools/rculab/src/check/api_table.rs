// SPDX-License-Identifier: GPL-2.0

//! `Documentation/rcu-api.md`: it has every entry of the kernel's RCU API and no other, and what it
//! names of ours is there.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use crate::{
    api,
    check::{Context, suite::Suite},
    kernel::Flavour,
};

const PAGE: &str = "Documentation/rcu-api.md";

/// The kernel's list, and where it begins and ends.
const LIST: &str = "Documentation/RCU/whatisRCU.rst";
const LIST_BEGINS: &str = "FULL LIST OF RCU APIs\n---";
const LIST_ENDS: &str = "See the comment headers in the source code";

/// What the list leaves to the headers.
const HEADERS: [&str; 3] = ["rculist.h", "rculist_nulls.h", "rculist_bl.h"];

/// What a header defines for itself.
const INTERNAL: [&str; 1] = ["check_arg_count_one"];

/// The headings of the list's columns.
const HEADINGS: [&str; 4] = ["Critical sections", "Grace period", "Barrier", "N/A"];

const COMPLETE: &str = "every entry of the kernel, and no other";
const TRUE: &str = "every name is one of the crate";

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    if !suite.wants(COMPLETE) && !suite.wants(TRUE) {
        return Ok(());
    }
    let start = Instant::now();
    let page = context.place.file(PAGE);
    let page =
        fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let rows = rows(&page);
    let kernel = context.kernel(Flavour::Lab)?;
    if suite.wants(COMPLETE) {
        let listed = rows.iter().flat_map(|row| row.kernel.clone()).collect();
        let problems = differences(&entries(&kernel.source())?, &listed);
        record(suite, COMPLETE, start.elapsed(), &problems);
    }
    if suite.wants(TRUE) {
        let modules = kernel.modules(context.place)?;
        let scratch = suite.dir.file("api");
        api::describe(context.place, &modules, &scratch)?;
        let items = api::read(&scratch, "rcu")?;
        let paths: BTreeSet<&str> = items.iter().map(|item| item.path.as_str()).collect();
        let named = rows.iter().flat_map(|row| &row.ours);
        let problems: Vec<String> = named
            .filter(|name| !paths.contains(name.trim_end_matches('!')))
            .map(|name| format!("the crate has no `{name}`"))
            .collect();
        record(suite, TRUE, start.elapsed(), &problems);
    }
    Ok(())
}

fn record(suite: &Suite, name: &str, took: Duration, problems: &[String]) {
    if problems.is_empty() {
        suite.pass(name, took);
    } else {
        suite.fail(name, took, &problems.join("\n"));
    }
}

/// A row of the page's tables: what its first two columns name.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    kernel: Vec<String>,
    ours: Vec<String>,
}

fn rows(page: &str) -> Vec<Row> {
    let columns = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `").map(|_| line.split('|')));
    columns
        .map(|mut columns| {
            let mut names = || code(columns.next().unwrap_or_default());
            // Before the first bar there is nothing.
            names();
            Row {
                kernel: names(),
                ours: names(),
            }
        })
        .collect()
}

/// What stands between backticks.
fn code(text: &str) -> Vec<String> {
    let parts = text.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// What only one of the two has.
fn differences(kernel: &BTreeSet<String>, page: &BTreeSet<String>) -> Vec<String> {
    let missing = kernel.difference(page);
    let surplus = page.difference(kernel);
    missing
        .map(|name| format!("{PAGE} lacks `{name}`"))
        .chain(surplus.map(|name| format!("the kernel has no `{name}`")))
        .collect()
}

/// All entries that the kernel's source knows.
fn entries(source: &Path) -> anyhow::Result<BTreeSet<String>> {
    let read = |path: &str| {
        let path = source.join(path);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let mut entries = listed(&read(LIST)?)?;
    for header in HEADERS {
        entries.extend(defined(&read(&format!("include/linux/{header}"))?));
    }
    Ok(entries)
}

/// The entries of the list: indented, in columns that tabs part.
fn listed(text: &str) -> anyhow::Result<BTreeSet<String>> {
    let (_, list) = text
        .rsplit_once(LIST_BEGINS)
        .with_context(|| format!("{LIST} has no `{LIST_BEGINS}`"))?;
    let (list, _) = list
        .split_once(LIST_ENDS)
        .with_context(|| format!("{LIST} has no `{LIST_ENDS}`"))?;
    let entries: BTreeSet<String> = list
        .lines()
        .filter(|line| line.starts_with('\t'))
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| line.split('\t'))
        .map(str::trim)
        // `[and friends]` are what stands for others.
        .filter(|entry| !entry.is_empty() && !entry.starts_with('[') && !HEADINGS.contains(entry))
        .map(str::to_owned)
        .collect();
    let odd = entries.iter().find(|entry| entry.contains(' '));
    ensure!(odd.is_none(), "{LIST} is not as it used to be: {odd:?}");
    Ok(entries)
}

/// The macros and functions that a header defines for others.
fn defined(header: &str) -> BTreeSet<String> {
    let names = header.lines().filter_map(|line| {
        let is_definition = ["#define ", "static "]
            .iter()
            .any(|word| line.starts_with(word));
        let (head, _) = line.split_once('(').filter(|_| is_definition)?;
        head.rsplit([' ', '\t', '*']).next()
    });
    names
        .filter(|name| !name.starts_with("__") && !INTERNAL.contains(name) && !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn list() {
        let text = "8.  FULL LIST OF RCU APIs <x>\n\n8.  FULL LIST OF RCU APIs\n------\n\nHead::\n\n\
                    \tCritical sections\tGrace period\n\n\trcu_read_lock\t\tcall_rcu\n\
                    \t[and friends]\n\tguard(rcu)()\n\tDEFINE_SRCU // for some\n\nSRCU::\n\
                    See the comment headers in the source code\n\ta b\n";
        let entries = set(&["rcu_read_lock", "call_rcu", "guard(rcu)()", "DEFINE_SRCU"]);
        assert_eq!(listed(text).ok(), Some(entries));
        assert!(listed("nothing").is_err());
    }

    #[test]
    fn header() {
        let text = "#ifndef X\n#define X\n#define list_next_rcu(list)\t(*1)\n\
                    #define __list_check_rcu(dummy) \\\n#define list_tail_rcu(head) \\\n\
                    static inline void list_add_rcu(struct list_head *new,\n\
                    static inline struct hlist_node *first_rcu(struct hlist_head *h)\n";
        let names = set(&[
            "list_next_rcu",
            "list_tail_rcu",
            "list_add_rcu",
            "first_rcu",
        ]);
        assert_eq!(defined(text), names);
    }

    #[test]
    fn page() {
        let text = "| kernel | here | note |\n|---|---|---|\n| `a` | `rcu::b`, `rcu::c!` | `d` |\n";
        let rows = rows(text);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].kernel, ["a"]);
        assert_eq!(rows[0].ours, ["rcu::b", "rcu::c!"]);
        let problems = differences(&set(&["a", "x"]), &set(&["a", "y"]));
        assert_eq!(
            problems,
            [
                "Documentation/rcu-api.md lacks `x`",
                "the kernel has no `y`"
            ]
        );
    }
}
