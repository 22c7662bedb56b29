// SPDX-License-Identifier: GPL-2.0

//! Stalls over time, as a picture: one bar a stall, from its grace period's start to
//! its last report.

use svg::Document;
use svg::node::element::{Line, Rectangle, Style, Text, Title};

use super::report::waited_for;
use crate::cause::human;
use crate::model::Episode;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 300.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 50.0;
const ROW: f64 = 22.0;

const STYLE: &str = "
svg { background: #fff; }
text { font: 12px sans-serif; fill: #222; }
.axis { stroke: #999; stroke-width: 1; }
.bar { fill: #c0392b; }
.guess { fill: #e0a59e; }
@media (prefers-color-scheme: dark) {
  svg { background: #1b1b1b; }
  text { fill: #ddd; }
}";

/// So many stalls have a row of their own; more are drawn together in one row.
const ROWS: usize = 200;

/// The reports of one stall, or of many.
#[derive(Clone, Debug)]
struct Bar {
    incident: Option<u64>,
    name: String,
    told: String,
    start: f64,
    end: f64,
    reports: u64,
    /// Without a tick rate a bar has no length: it marks the reports.
    measured: bool,
}

/// What is to be drawn: it grows with the stalls of a log up to a limit, and then no more.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    bars: Vec<Bar>,
    /// Those that found no row.
    rest: Option<Bar>,
    reports: u64,
}

impl Timeline {
    /// Takes a report.
    pub fn push(&mut self, episode: &Episode) {
        self.reports += 1;
        let Some(end) = episode.timestamp else {
            return;
        };
        let known = self
            .bars
            .iter_mut()
            .rfind(|bar| bar.incident == Some(episode.incident));
        let start = (end - episode.elapsed_seconds.unwrap_or(0.0)).max(0.0);
        if let Some(bar) = known {
            bar.add(start, end);
            return;
        }
        if self.bars.len() < ROWS {
            self.bars.push(Bar::new(episode, start, end));
            return;
        }
        match &mut self.rest {
            Some(rest) => rest.add(start, end),
            None => {
                self.rest = Some(Bar {
                    incident: None,
                    name: "all later stalls".into(),
                    told: format!("from line {} on", episode.line),
                    ..Bar::new(episode, start, end)
                });
            }
        }
    }

    /// The picture.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    pub fn render(&self) -> String {
        let bars: Vec<&Bar> = self.bars.iter().chain(&self.rest).collect();
        let from = bars
            .iter()
            .map(|bar| bar.start)
            .fold(f64::INFINITY, f64::min);
        let to = bars
            .iter()
            .map(|bar| bar.end)
            .fold(f64::NEG_INFINITY, f64::max);
        let height = TOP + ROW * bars.len().max(1) as f64 + 20.0;
        let mut document = Document::new()
            .set("viewBox", (0.0, 0.0, WIDTH, height))
            .set("width", WIDTH)
            .set("height", height)
            .set("role", "img")
            .add(Style::new(STYLE));
        if bars.is_empty() {
            let text = if self.reports == 0 {
                "No RCU stall."
            } else {
                "The log has no time stamps to draw by."
            };
            return document.add(label(LEFT, TOP, text)).to_string();
        }
        let span = (to - from).max(0.001);
        let x = |time: f64| LEFT + (time - from) / span * (WIDTH - LEFT - RIGHT);
        let drawn: u64 = bars.iter().map(|bar| bar.reports).sum();
        let plural = if drawn == 1 { "" } else { "s" };
        document = document
            .add(label(
                10.0,
                20.0,
                &format!("RCU stalls: {drawn} report{plural} in {}", human(span)),
            ))
            .add(axis(x(from), x(to)))
            .add(label(x(from), TOP - 12.0, &format!("{from:.1} s")))
            .add(label(x(to), TOP - 12.0, &format!("{to:.1} s")).set("text-anchor", "end"));
        for (row, bar) in bars.iter().enumerate() {
            let y = TOP + ROW * row as f64 + 6.0;
            document = document.add(label(10.0, y + 12.0, &bar.name)).add(
                Rectangle::new()
                    .set("class", if bar.measured { "bar" } else { "guess" })
                    .set("x", x(bar.start))
                    .set("y", y)
                    .set("width", (x(bar.end) - x(bar.start)).max(3.0))
                    .set("height", ROW - 8.0)
                    .add(Title::new(format!(
                        "{}; reports: {}",
                        bar.told, bar.reports
                    ))),
            );
        }
        document.to_string()
    }
}

impl Bar {
    fn new(episode: &Episode, start: f64, end: f64) -> Self {
        let culprit = episode
            .culprit
            .as_ref()
            .map_or_else(String::new, |name| format!(", {name}()"));
        Self {
            incident: Some(episode.incident),
            name: format!("{}: {}", waited_for(episode), episode.cause.word()),
            told: format!("line {}: {}{culprit}", episode.line, episode.cause.title()),
            start,
            end,
            reports: 1,
            measured: episode.elapsed_seconds.is_some(),
        }
    }

    fn add(&mut self, start: f64, end: f64) {
        self.start = self.start.min(start);
        self.end = self.end.max(end);
        self.reports += 1;
    }
}

fn label(x: f64, y: f64, text: &str) -> Text {
    Text::new(text).set("x", x).set("y", y)
}

fn axis(from: f64, to: f64) -> Line {
    Line::new()
        .set("class", "axis")
        .set("x1", from)
        .set("x2", to)
        .set("y1", TOP - 4.0)
        .set("y2", TOP - 4.0)
}
