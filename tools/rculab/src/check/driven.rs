// SPDX-License-Identifier: GPL-2.0

//! Each scenario that the lab drives ends as it says, on the lab kernel, and so does what `rculab
//! stall` can have the kernel do at a stall; and `rculab timeline` draws what a guest did.
//!
//! Only in a full check, or by name (`make check T=driven`): each is a boot, and some wait in wall
//! time.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
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
    // What RCU's kthread is just at is chance.
    ("sysrq_y=1", "rcu_preempt: wait state: RCU_GP_"),
];

/// What a guest is to do for a timeline, and words of the picture: only what is drawn has a title.
const PICTURES: [(&str, &[&str], &str); 2] = [
    ("timeline", &[], "<title>"),
    (
        "timeline of a stall",
        &["--scenario", "reader"],
        "stall detected by CPU",
    ),
];

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    if !context.full && !suite.is_named() {
        return Ok(());
    }
    for scenario in &driven::ALL {
        suite.test(scenario.name, || provoke(&[scenario.name], ""));
    }
    for (param, words) in AT_A_STALL {
        suite.test(param, || provoke(&["reader", "--param", param], words));
    }
    for (name, args, words) in PICTURES {
        suite.test(name, || draw(&suite.dir.file("timeline.svg"), args, words));
    }
    Ok(())
}

/// Runs `rculab stall` with these arguments, which has to pass, and to print these words.
fn provoke(args: &[&str], words: &str) -> anyhow::Result<()> {
    let said = rculab(Command::new(env::current_exe()?).arg("stall").args(args))?;
    ensure!(said.contains(words), "no `{words}` in:\n{said}");
    Ok(())
}

/// Runs `rculab timeline` with these arguments, and looks for words in its picture.
fn draw(picture: &Path, args: &[&str], words: &str) -> anyhow::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    let said = rculab(
        command
            .arg("timeline")
            .arg("--output")
            .arg(picture)
            .args(args),
    )?;
    let drawn = fs::read_to_string(picture)?;
    ensure!(drawn.contains(words), "no `{words}` is drawn:\n{said}");
    Ok(())
}

/// Runs a command on the lab kernel, which has to pass, and returns what it prints.
fn rculab(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .args(["--kernel", "lab"])
        .stdin(Stdio::null())
        .output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(output.status.success(), "{}:\n{said}", output.status);
    Ok(said)
}
