// SPDX-License-Identifier: GPL-2.0

//! `rculab demo`, as a person sees it.

use std::{
    env,
    process::{Command, Stdio},
};

use anyhow::ensure;

use crate::check::{Context, suite::Suite};

/// The scenarios that it provokes.
const SCENARIOS: [&str; 2] = ["reader", "hrtimer-storm"];

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    suite.test("both stalls come, and their accounts are whole", || {
        let mut demo = Command::new(env::current_exe()?);
        demo.arg("demo").stdin(Stdio::null());
        if let Some(series) = &context.series {
            demo.args(["--series", series]);
        }
        let output = demo.output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let trouble = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{}:\n{said}{trouble}",
            output.status
        );
        for scenario in SCENARIOS {
            let whole = has_account(&said, scenario);
            ensure!(whole, "no whole account of {scenario}:\n{said}");
        }
        Ok(())
    });
    Ok(())
}

/// Whether the module's account of a scenario stands there from its first line to its last, with
/// nothing else in between: what is not the guest's is not indented.
fn has_account(said: &str, scenario: &str) -> bool {
    let begins = format!("   scenario             {scenario} ");
    let accounts = said.split("   what                 value\n").skip(1);
    accounts.into_iter().any(|account| {
        let lines: Vec<&str> = account
            .lines()
            .take_while(|line| line.starts_with("   "))
            .collect();
        let is_there = |begin: &str| lines.iter().any(|line| line.starts_with(begin));
        is_there(&begins) && is_there("   verdict  ") && is_there("   report   ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_cut_is_not_whole() {
        let said = "=> It stalls.
   what                 value
   scenario             reader cpu=1 secs=5
   verdict              as expected
   \n   report           delay,ms  printed  t,jiffies  who
   detected             3052        1        752  P167

Next
";
        assert!(has_account(said, "reader"));
        assert!(!has_account(said, "hrtimer-storm"));
        let cut = said.replace("   verdict", "=> It stalls.\n   verdict");
        assert!(!has_account(&cut, "reader"));
    }
}
