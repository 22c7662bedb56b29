// SPDX-License-Identifier: GPL-2.0

//! Each scenario that the lab drives ends as it says, on the lab kernel.
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

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    if !context.full && !suite.is_named() {
        return Ok(());
    }
    for scenario in &driven::ALL {
        if !suite.wants(scenario.name) {
            continue;
        }
        let start = Instant::now();
        match provoke(scenario.name) {
            Ok(()) => suite.pass(scenario.name, start.elapsed()),
            Err(e) => suite.fail(scenario.name, start.elapsed(), &format!("{e:#}")),
        }
    }
    Ok(())
}

fn provoke(scenario: &str) -> anyhow::Result<()> {
    let output = Command::new(env::current_exe()?)
        .args(["stall", scenario, "--kernel", "lab"])
        .stdin(Stdio::null())
        .output()?;
    ensure!(
        output.status.success(),
        "{}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
