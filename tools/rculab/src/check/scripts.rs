// SPDX-License-Identifier: GPL-2.0

//! The tests of the scripts: `tests/scripts/*.sh`, which print KTAP.

use std::{process::Command, time::Instant};

use anyhow::Context as _;

use crate::check::{
    Context, host,
    suite::{Suite, Verdict},
};

pub fn run(context: &Context<'_>, suite: &mut Suite) -> anyhow::Result<()> {
    let tests = super::files(&context.place.file("tests/scripts"), ".sh")?;
    let wanted: Vec<_> = tests
        .into_iter()
        .filter(|(name, _)| suite.wants(name))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let parser = context.parser()?;
    for (name, path) in wanted {
        let start = Instant::now();
        let output = Command::new("bash")
            .arg(&path)
            .output()
            .with_context(|| format!("cannot run {}", path.display()))?;
        let ktap = String::from_utf8_lossy(&output.stdout);
        let points = parser.parse(&ktap, &suite.dir.file(&format!("scripts-{name}.ktap")))?;
        let failed = points
            .iter()
            .any(|point| matches!(point.verdict, Verdict::Fail(_)));
        for point in points {
            suite.record(
                &format!("{name}: {}", point.name()),
                start.elapsed(),
                point.verdict,
            );
        }
        if !output.status.success() && !failed {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let why = format!("{}\n{}", output.status, host::tail(&stderr));
            suite.fail(&name, start.elapsed(), &why);
        }
    }
    Ok(())
}
