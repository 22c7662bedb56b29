// SPDX-License-Identifier: GPL-2.0

//! What one pastes into a bug report.

use std::fmt::Write;

use super::report::{duration, incidents, telling, waited_for};
use crate::model::Episode;

/// The whole report.
#[must_use]
pub fn render(episodes: &[Episode]) -> String {
    let mut out = String::new();
    for incident in incidents(episodes) {
        // Writing to a String does not fail.
        let _ = section(&mut out, &incident);
    }
    out
}

fn section(out: &mut String, incident: &[&Episode]) -> std::fmt::Result {
    let (Some(episode), Some(last)) = (telling(incident), incident.last()) else {
        return Ok(());
    };
    if !out.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "### RCU stall: {}\n", episode.cause.title())?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(
        out,
        "| where | `{}`: {}, line {} |",
        episode.flavor,
        waited_for(episode),
        incident[0].line
    )?;
    writeln!(
        out,
        "| how long | {}, {} report{} |",
        duration(last),
        incident.len(),
        if incident.len() == 1 { "" } else { "s" }
    )?;
    writeln!(
        out,
        "| cause | `{}`, confidence {} |",
        episode.cause.word(),
        episode.confidence.word()
    )?;
    if let Some(culprit) = &episode.culprit {
        writeln!(out, "| culprit | `{culprit}()` |")?;
    }
    writeln!(out, "\n{}\n\n```", escape(&episode.explanation))?;
    for quote in episode.evidence.iter().chain(&episode.companions) {
        // A fence inside would end ours.
        writeln!(
            out,
            "{}: {}",
            quote.line,
            quote.text.replace("```", "` ` `")
        )?;
    }
    writeln!(out, "```\n")?;
    for step in &episode.next_steps {
        writeln!(out, "1. {}", escape(step))?;
    }
    Ok(())
}

/// Keeps Markdown from reading names as markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    for c in text.chars() {
        code ^= c == '`';
        if !code && matches!(c, '*' | '_' | '<' | '[') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
