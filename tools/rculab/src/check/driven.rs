// SPDX-License-Identifier: GPL-2.0

//! Each scenario that the lab drives ends as it says, on the lab kernel, and so does what `rculab
//! stall` can have the kernel do at a stall.
//!
//! Only in a full check, or by name (`make check T=driven`): each is a boot, and some wait in wall
//! time.

use std::{
    env,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::ensure;

use crate::{
    check::{Context, suite::Suite},
    command::driven,
};

/// What the kernel is to do at a stall of `reader`, and words of it.
const AT_A_STALL: [(&str, &str); 3] = [
    ("panic=1", "Kernel panic - not syncing: RCU Stall"),
    ("ftrace_dump=1", "Dumping ftrace buffer:"),
    ("sysrq_y=1", "rcu_preempt: wait state: RCU_GP_WAIT_FQS(5)"),
];

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    if !context.full && !suite.is_named() {
        return Ok(());
    }
    for scenario in &driven::ALL {
        one(suite, scenario.name, &[scenario.name], "");
    }
    for (param, words) in AT_A_STALL {
        one(suite, param, &["reader", "--param", param], words);
    }
    Ok(())
}

fn one(suite: &Suite, name: &str, args: &[&str], words: &str) {
    if !suite.wants(name) {
        return;
    }
    let start = Instant::now();
    match provoke(args, words) {
        Ok(()) => suite.pass(name, start.elapsed()),
        Err(e) => suite.fail(name, start.elapsed(), &format!("{e:#}")),
    }
}

/// Runs `rculab stall` with these arguments, which has to pass, and to print these words.
fn provoke(args: &[&str], words: &str) -> anyhow::Result<()> {
    let output = Command::new(env::current_exe()?)
        .args(["stall", "--kernel", "lab"])
        .args(args)
        .stdin(Stdio::null())
        .output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(output.status.success(), "{}:\n{said}", output.status);
    ensure!(said.contains(words), "no `{words}` in:\n{said}");
    Ok(())
}
