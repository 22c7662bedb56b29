// SPDX-License-Identifier: GPL-2.0

//! What a person reads in a terminal: one block a stall.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use textwrap::Options;

use crate::cause::human;
use crate::model::{Confidence, Episode, Kind, Quote};

const TITLE: Style = AnsiColor::Red.on_default().bold();
const LABEL: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();
/// The column that the text begins in.
const INDENT: &str = "            ";

/// The reports of one stall, in order.
#[must_use]
pub fn incidents(episodes: &[Episode]) -> Vec<Vec<&Episode>> {
    let mut incidents: Vec<Vec<&Episode>> = Vec::new();
    for episode in episodes {
        match incidents
            .iter_mut()
            .find(|incident| incident[0].incident == episode.incident)
        {
            Some(incident) => incident.push(episode),
            None => incidents.push(vec![episode]),
        }
    }
    incidents
}

/// The report that tells most: the surest, then the last.
#[must_use]
pub fn telling<'a>(incident: &[&'a Episode]) -> Option<&'a Episode> {
    incident
        .iter()
        .copied()
        .max_by_key(|episode| (episode.confidence, episode.culprit.is_some(), episode.line))
}

/// Who is waited for, in words.
#[must_use]
pub fn waited_for(episode: &Episode) -> String {
    let list = |what: &str, numbers: &[u32]| match numbers {
        [] => None,
        [one] => Some(format!("{what} {one}")),
        many => {
            let shown: Vec<String> = many.iter().take(8).map(u32::to_string).collect();
            let more = if many.len() > 8 {
                format!(" and {} more", many.len() - 8)
            } else {
                String::new()
            };
            Some(format!("{what}s {}{more}", shown.join(", ")))
        }
    };
    let parts: Vec<String> = [
        list("CPU", &episode.stalled_cpus),
        list("task", &episode.stalled_tasks),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        "nobody in particular".into()
    } else {
        parts.join(" and ")
    }
}

/// How long, in words.
#[must_use]
pub fn duration(episode: &Episode) -> String {
    match (episode.elapsed_jiffies, episode.elapsed_seconds, episode.hz) {
        (Some(jiffies), Some(seconds), Some(hz)) => {
            format!(
                "{} ({jiffies} jiffies, HZ={hz} {})",
                human(seconds),
                episode.hz_from.unwrap_or("")
            )
        }
        (Some(jiffies), ..) => {
            format!("{jiffies} jiffies (the log does not tell how many make a second)")
        }
        _ => "not said".into(),
    }
}

/// The whole report.
#[must_use]
pub fn render(episodes: &[Episode], width: usize) -> String {
    let mut out = String::new();
    let incidents = incidents(episodes);
    for (at, incident) in incidents.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Writing to a String does not fail.
        let _ = block(&mut out, incident, width);
    }
    if incidents.len() > 1 {
        let _ = writeln!(
            out,
            "\n{STRONG}{} stalls in {} reports.{STRONG:#}",
            incidents.len(),
            episodes.len()
        );
    }
    out
}

fn block(out: &mut String, incident: &[&Episode], width: usize) -> std::fmt::Result {
    let (Some(episode), Some(first), Some(last)) =
        (telling(incident), incident.first(), incident.last())
    else {
        return Ok(());
    };
    let kind = match episode.kind {
        Kind::Expedited => "expedited RCU stall",
        Kind::Tasks => "Tasks RCU stall",
        Kind::SelfDetected | Kind::Detected => "RCU stall",
    };
    let at = first
        .timestamp
        .map_or_else(String::new, |time| format!(" at {time:.3} s"));
    let machine = first
        .source
        .as_ref()
        .map_or_else(String::new, |name| format!(" on {name}"));
    let title = format!("{kind}: {}", episode.cause.title());
    for line in textwrap::wrap(&title, Options::new(width).subsequent_indent("  ")) {
        writeln!(out, "{TITLE}{line}{TITLE:#}")?;
    }
    row(
        out,
        "where",
        &format!(
            "{}{machine}: {}; line {}{at}",
            first.flavor,
            waited_for(episode),
            first.line
        ),
        width,
    )?;
    let repeats = match incident.len() {
        1 => String::new(),
        n => format!(
            "; {n} reports, the first after {}",
            first.elapsed_seconds.map_or_else(
                || format!("{} jiffies", first.elapsed_jiffies.unwrap_or(0)),
                human
            )
        ),
    };
    row(
        out,
        "how long",
        &format!("{}{repeats}", duration(last)),
        width,
    )?;
    let sure = match episode.confidence {
        Confidence::High => "sure",
        Confidence::Medium => "likely",
        Confidence::Low => "a guess",
    };
    row(
        out,
        "cause",
        &format!("{} ({sure})", episode.cause.word()),
        width,
    )?;
    if let Some(culprit) = &episode.culprit {
        row(out, "culprit", &format!("{culprit}()"), width)?;
    }
    row(out, "why", &episode.explanation, width)?;
    quotes(out, "evidence", &episode.evidence, width)?;
    quotes(out, "around it", &episode.companions, width)?;
    for (at, step) in episode.next_steps.iter().enumerate() {
        let label = if at == 0 { "next" } else { "" };
        row(out, label, &format!("{}. {step}", at + 1), width)?;
    }
    Ok(())
}

fn quotes(out: &mut String, label: &str, quotes: &[Quote], width: usize) -> std::fmt::Result {
    for (at, quote) in quotes.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        row(
            out,
            label,
            &format!("{}: {}", quote.line, quote.text),
            width,
        )?;
    }
    Ok(())
}

fn row(out: &mut String, label: &str, text: &str, width: usize) -> std::fmt::Result {
    let options = Options::new(width)
        .initial_indent(INDENT)
        .subsequent_indent(INDENT)
        .break_words(true);
    let wrapped = textwrap::fill(&text.replace('\t', " "), options);
    let body = wrapped.get(INDENT.len()..).unwrap_or("");
    writeln!(out, "  {LABEL}{label:<10}{LABEL:#}{body}")
}
