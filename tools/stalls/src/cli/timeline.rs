// SPDX-License-Identifier: GPL-2.0

//! Stalls over time, as a picture: one bar a report, from the grace period's start to the report.

use svg::Document;
use svg::node::element::{Line, Rectangle, Style, Text, Title};

use super::report::waited_for;
use crate::cause::human;
use crate::model::Episode;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 230.0;
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

/// The picture.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub fn render(episodes: &[Episode]) -> String {
    let drawn: Vec<(&Episode, f64, f64)> = episodes
        .iter()
        .filter_map(|episode| {
            let end = episode.timestamp?;
            // Without a tick rate the bar has no length: it marks the report.
            let start = end - episode.elapsed_seconds.unwrap_or(0.0);
            Some((episode, start.max(0.0), end))
        })
        .collect();
    let from = drawn
        .iter()
        .map(|(_, start, _)| *start)
        .fold(f64::INFINITY, f64::min);
    let to = drawn
        .iter()
        .map(|(.., end)| *end)
        .fold(f64::NEG_INFINITY, f64::max);
    let height = TOP + ROW * drawn.len().max(1) as f64 + 20.0;
    let mut document = Document::new()
        .set("viewBox", (0.0, 0.0, WIDTH, height))
        .set("width", WIDTH)
        .set("height", height)
        .set("role", "img")
        .add(Style::new(STYLE));
    if drawn.is_empty() {
        let text = if episodes.is_empty() {
            "No RCU stall."
        } else {
            "The log has no time stamps to draw by."
        };
        return document.add(label(LEFT, TOP, text)).to_string();
    }
    let span = (to - from).max(0.001);
    let x = |time: f64| LEFT + (time - from) / span * (WIDTH - LEFT - RIGHT);
    document = document
        .add(label(
            10.0,
            20.0,
            &format!("RCU stalls: {} reports in {}", drawn.len(), human(span)),
        ))
        .add(axis(x(from), x(to)))
        .add(label(x(from), TOP - 12.0, &format!("{from:.1} s")))
        .add(label(x(to), TOP - 12.0, &format!("{to:.1} s")).set("text-anchor", "end"));
    for (row, (episode, start, end)) in drawn.iter().enumerate() {
        let y = TOP + ROW * row as f64 + 6.0;
        let class = if episode.elapsed_seconds.is_some() {
            "bar"
        } else {
            "guess"
        };
        let culprit = episode
            .culprit
            .as_ref()
            .map_or_else(String::new, |name| format!(", {name}()"));
        let name = format!("{}: {}", waited_for(episode), episode.cause.word());
        document = document.add(label(10.0, y + 12.0, &name)).add(
            Rectangle::new()
                .set("class", class)
                .set("x", x(*start))
                .set("y", y)
                .set("width", (x(*end) - x(*start)).max(3.0))
                .set("height", ROW - 8.0)
                .add(Title::new(format!(
                    "line {}: {}{culprit}",
                    episode.line,
                    episode.cause.title()
                ))),
        );
    }
    document.to_string()
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
