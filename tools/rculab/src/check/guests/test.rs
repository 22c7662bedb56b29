// SPDX-License-Identifier: GPL-2.0

//! A guest test as its head describes it.

use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::kernel::Flavour;

/// A test, as its head describes it.
#[derive(Clone, Debug)]
pub struct Test {
    pub name: String,
    pub script: String,
    pub kernels: Vec<Flavour>,
    pub machine: Shape,
    /// Modules of the kernel's own, by their paths in its directory `kernel`.
    pub modules: Vec<String>,
    pub deadline: Duration,
    pub expects_stall: bool,
    /// Words of the complaints that it provokes, and looks for itself.
    pub expected_bugs: Vec<String>,
    /// Too long for every day.
    pub only_full: bool,
}

/// What tests must agree on to share a boot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    pub cpus: u32,
    pub warp: bool,
    pub append: Vec<String>,
    /// The module that cannot be unloaded any more afterwards, which is what is tested.
    pub leaves: String,
}

impl Test {
    /// Reads the head: lines such as `# kernels: lab debug` before the first line of code.
    pub fn read(name: &str, script: String) -> anyhow::Result<Self> {
        let mut test = Self {
            name: name.to_owned(),
            kernels: Flavour::EVERY_DAY.to_vec(),
            machine: Shape {
                cpus: 2,
                warp: false,
                append: Vec::new(),
                leaves: String::new(),
            },
            modules: Vec::new(),
            deadline: Duration::from_secs(60),
            expects_stall: false,
            expected_bugs: Vec::new(),
            only_full: false,
            script: String::new(),
        };
        for line in script.lines().take_while(|line| line.starts_with('#')) {
            if let Some((key, value)) = line.trim_start_matches("# ").split_once(": ") {
                test.set(key, value)
                    .with_context(|| format!("tests/guest/{name}.sh: `{line}`"))?;
            }
        }
        test.script = script;
        Ok(test)
    }

    fn set(&mut self, key: &str, value: &str) -> anyhow::Result<()> {
        match key {
            "kernels" => {
                let flavour = |word| Flavour::parse(word).context("no such kernel");
                self.kernels = value
                    .split_whitespace()
                    .map(flavour)
                    .collect::<Result<_, _>>()?;
            }
            "cpus" => self.machine.cpus = value.parse()?,
            "deadline" => self.deadline = Duration::from_secs(value.parse()?),
            "warp" => self.machine.warp = yes(value)?,
            "modules" => {
                self.modules = value.split_whitespace().map(str::to_owned).collect();
            }
            "append" => {
                self.machine.append = value.split_whitespace().map(str::to_owned).collect();
            }
            "leaves" => self.machine.leaves = value.to_owned(),
            "only-full" => self.only_full = yes(value)?,
            "expect-stall" => self.expects_stall = yes(value)?,
            "expect-bug" => self.expected_bugs.push(value.to_owned()),
            // Any other line with a colon is a comment.
            _ => {}
        }
        Ok(())
    }
}

fn yes(value: &str) -> anyhow::Result<bool> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => bail!("expected yes or no"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head() {
        let script = "# SPDX-License-Identifier: GPL-2.0\n#\n# What it is for: much.\n\
                      # kernels: lab debug\n# cpus: 4\n# warp: yes\n# append: a=1 b\n\
                      # modules: rcu/rcuscale\n# deadline: 7\n# expect-stall: yes\n\n# cpus: 9\necho\n";
        let test = Test::read("x", script.to_owned()).expect("a good head");
        assert_eq!(test.kernels, [Flavour::Lab, Flavour::Debug]);
        let append = vec!["a=1".to_owned(), "b".to_owned()];
        assert_eq!(
            test.machine,
            Shape {
                cpus: 4,
                warp: true,
                append,
                leaves: String::new(),
            }
        );
        assert_eq!(test.modules, ["rcu/rcuscale"]);
        assert_eq!(test.deadline, Duration::from_secs(7));
        assert!(test.expects_stall);
    }

    #[test]
    fn bad_heads() {
        for head in ["# kernels: lab foo", "# cpus: many", "# warp: maybe"] {
            assert!(Test::read("x", head.to_owned()).is_err(), "{head}");
        }
    }
}
