// SPDX-License-Identifier: GPL-2.0

//! A recording as a picture: grace periods as bars, and below them a row a CPU.

use svg::{
    Document,
    node::element::{Group, Line, Rectangle, Style, Text, Title},
};

use crate::gp::events::{Events, Span};

/// More grace periods than this are too narrow to be told apart.
const MOST_BARS: usize = 100;

const WIDTH: f64 = 1280.0;
const LEFT: f64 = 120.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 84.0;
const ROW: f64 = 34.0;
const BAR: f64 = 20.0;
const LABEL: f64 = 16.0;

/// So many labels stand below one another before the next is at the top again.
const MOST_LABELS: usize = 4;

const STYLE: &str = "
text { font: 13px sans-serif; fill: #222 }
.title { font-size: 17px; font-weight: bold }
.small { font-size: 11px; fill: #555 }
.grid { stroke: #e4e4e4 }
.lane { stroke: #ccc }
.gp { fill: #0072b2 }
.odd { fill: #56b4e9 }
.exp { fill: #e69f00 }
.fqs { stroke: #fff }
.qs { stroke: #009e73; stroke-width: 2 }
.idle { stroke: #999; stroke-width: 2 }
.gone { fill: #ddd }
.stall { stroke: #d00; stroke-width: 2; stroke-dasharray: 6 3 }
.alarm { fill: #d00; font-weight: bold }
";

/// Times on the clock of the guest, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: u64,
    pub to: u64,
}

impl Window {
    /// What is worth seeing: the stalls if there are some, else the last grace periods.
    pub fn choose(events: &Events, last_ms: Option<u64>) -> Option<Self> {
        let (first, to) = events.range()?;
        if let Some(ms) = last_ms {
            let from = to.saturating_sub(ms.saturating_mul(1_000_000)).max(first);
            return Some(Self { from, to });
        }
        let spans = events.spans("gp-start", "gp-end");
        let start = |index: usize| spans.get(index).and_then(|span| span.start);
        if let (Some(stall), Some(last)) = (events.stalls().next(), events.stalls().last()) {
            // From a few grace periods before the late one to a few after it.
            let before = spans
                .iter()
                .take_while(|span| started_by(span, stall.ns))
                .count();
            let after = spans
                .iter()
                .take_while(|span| started_by(span, last.ns))
                .count();
            return Some(Self {
                from: start(before.saturating_sub(6)).unwrap_or(first),
                to: spans.get(after + 5).and_then(|span| span.end).unwrap_or(to),
            });
        }
        let from = start(spans.len().saturating_sub(MOST_BARS)).unwrap_or(first);
        Some(Self { from, to })
    }

    fn x(self, ns: u64) -> f64 {
        let span = (self.to - self.from).max(1) as f64;
        let part = ns.clamp(self.from, self.to) - self.from;
        LEFT + (WIDTH - LEFT - RIGHT) * part as f64 / span
    }

    fn has(self, ns: u64) -> bool {
        (self.from..=self.to).contains(&ns)
    }

    fn meets(self, span: &Span) -> bool {
        span.start.is_none_or(|ns| ns <= self.to) && span.end.is_none_or(|ns| ns >= self.from)
    }
}

fn started_by(span: &Span, ns: u64) -> bool {
    span.start.is_none_or(|start| start <= ns)
}

/// Draws the part of a recording that lies in the window.
pub fn draw(events: &Events, window: Window) -> String {
    let cpus: Vec<u32> = events.cpus().into_iter().collect();
    let rows = 2 + cpus.len();
    let bottom = TOP + ROW * rows as f64;
    let reports = events.stalls().filter(|event| window.has(event.ns)).count();
    let labels = LABEL * reports.min(MOST_LABELS) as f64;
    let height = bottom + labels + 48.0;
    let mut document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("width", WIDTH)
        .set("height", height)
        .add(Style::new(STYLE))
        .add(rectangle(0.0, 0.0, WIDTH, height).set("fill", "#fff"))
        .add(text(16.0, 28.0, "title", &heading(events, window)))
        .add(axis(window, bottom));

    let normal = events.spans("gp-start", "gp-end");
    let expedited = events.spans("exp-start", "exp-end");
    document = document
        .add(lane(0, "grace periods"))
        .add(bars(window, 0, &normal, ["gp", "gp odd"]))
        .add(scans(events, window))
        .add(lane(1, "expedited"))
        .add(bars(window, 1, &expedited, ["exp", "exp"]));
    for (row, cpu) in (2..).zip(&cpus) {
        let own = Events {
            all: events
                .all
                .iter()
                .filter(|event| event.cpu == *cpu)
                .cloned()
                .collect(),
            reason: None,
        };
        document = document
            .add(lane(row, &format!("CPU {cpu}")))
            .add(bars(
                window,
                row,
                &own.spans("cpu-offline", "cpu-online"),
                ["gone", "gone"],
            ))
            .add(ticks(&own, window, row, ["qs-idle", "idle"]))
            .add(ticks(&own, window, row, ["qs", "qs"]));
    }
    document
        .add(stalls(events, window, bottom))
        .add(legend(bottom + labels + 30.0))
        .to_string()
        + "\n"
}

fn heading(events: &Events, window: Window) -> String {
    let normal = events.spans("gp-start", "gp-end");
    let expedited = events.spans("exp-start", "exp-end");
    let count = |spans: &[Span]| spans.iter().filter(|span| window.meets(span)).count();
    let stalls = events.stalls().filter(|event| window.has(event.ns)).count();
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    format!(
        "RCU: {} in {}, {} expedited, {}",
        plural(count(&normal), "grace period"),
        time(window.to - window.from),
        count(&expedited),
        plural(stalls, "stall report"),
    )
}

/// A span of time, in the unit that suits it.
fn time(ns: u64) -> String {
    match ns {
        0..10_000_000 => format!("{:.2} ms", ns as f64 / 1e6),
        10_000_000..1_000_000_000 => format!("{} ms", ns / 1_000_000),
        _ => format!("{:.2} s", ns as f64 / 1e9),
    }
}

fn y(row: usize) -> f64 {
    TOP + ROW * row as f64 + (ROW - BAR) / 2.0
}

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Rectangle {
    Rectangle::new()
        .set("x", rounded(x))
        .set("y", rounded(y))
        .set("width", rounded(width))
        .set("height", rounded(height))
}

fn vertical(x: f64, from: f64, to: f64, class: &str) -> Line {
    Line::new()
        .set("class", class)
        .set("x1", rounded(x))
        .set("x2", rounded(x))
        .set("y1", rounded(from))
        .set("y2", rounded(to))
}

fn text(x: f64, y: f64, class: &str, words: &str) -> Text {
    Text::new(words)
        .set("class", class)
        .set("x", rounded(x))
        .set("y", rounded(y))
}

/// Tenths of a pixel are enough.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn lane(row: usize, name: &str) -> Group {
    let middle = y(row) + BAR / 2.0;
    let line = Line::new()
        .set("class", "lane")
        .set("x1", LEFT)
        .set("x2", WIDTH - RIGHT)
        .set("y1", middle)
        .set("y2", middle);
    Group::new()
        .add(line)
        .add(text(LEFT - 12.0, middle + 4.0, "", name).set("text-anchor", "end"))
}

/// The steps of the axis: about ten, of a length that is 1, 2 or 5 times a power of ten.
fn step(span: u64) -> u64 {
    let mut unit = 1000;
    loop {
        for step in [unit, 2 * unit, 5 * unit] {
            if span / step <= 12 {
                return step;
            }
        }
        unit *= 10;
    }
}

fn axis(window: Window, bottom: f64) -> Group {
    let span = window.to - window.from;
    let step = step(span);
    let mut axis = Group::new();
    for ns in (0..=span).step_by(step as usize) {
        let x = window.x(window.from + ns);
        let label = if step >= 1_000_000 {
            format!("{} ms", ns / 1_000_000)
        } else {
            format!("{:.1} ms", ns as f64 / 1e6)
        };
        axis = axis
            .add(vertical(x, TOP - 8.0, bottom, "grid"))
            .add(text(x, TOP - 14.0, "small", &label).set("text-anchor", "middle"));
    }
    axis.add(text(
        16.0,
        46.0,
        "small",
        &format!("from {:.6} s after boot on", window.from as f64 / 1e9),
    ))
}

fn bars(window: Window, row: usize, spans: &[Span], classes: [&str; 2]) -> Group {
    let mut group = Group::new();
    for span in spans.iter().filter(|span| window.meets(span)) {
        let from = window.x(span.start.unwrap_or(window.from));
        let to = window.x(span.end.unwrap_or(window.to));
        let took = match (span.start, span.end) {
            (Some(start), Some(end)) => time(end.saturating_sub(start)),
            _ => "not seen whole".to_owned(),
        };
        // Neighbours differ, as there is no gap between them when RCU is busy.
        let class = classes[((span.gp_seq >> 2) & 1) as usize];
        let bar = rectangle(from, y(row), (to - from).max(1.0), BAR)
            .set("class", class)
            .add(Title::new(format!("{}: {took}", span.gp_seq)));
        group = group.add(bar);
        if to - from > 64.0 {
            let label = text((from + to) / 2.0, y(row) + 14.0, "", &took);
            let fill = if class == "gp" {
                "fill: #fff"
            } else {
                "fill: #000"
            };
            group = group.add(label.set("text-anchor", "middle").set("style", fill));
        }
    }
    group
}

/// Events of the CPUs, each a kind and how it is drawn.
fn ticks(events: &Events, window: Window, row: usize, [kind, class]: [&str; 2]) -> Group {
    let mut group = Group::new();
    for event in events.of_kind(kind).filter(|event| window.has(event.ns)) {
        group = group.add(vertical(window.x(event.ns), y(row), y(row) + BAR, class));
    }
    group
}

/// The scans for idle CPUs, at the foot of the grace periods: as many as have room.
fn scans(events: &Events, window: Window) -> Group {
    let mut group = Group::new();
    let mut last = 0.0;
    for event in events
        .of_kind("fqs-start")
        .filter(|event| window.has(event.ns))
    {
        let x = window.x(event.ns);
        if x - last >= 4.0 {
            group = group.add(vertical(x, y(0) + BAR - 5.0, y(0) + BAR, "fqs"));
            last = x;
        }
    }
    group
}

fn stalls(events: &Events, window: Window, bottom: f64) -> Group {
    let mut group = Group::new();
    let seen = events.stalls().filter(|event| window.has(event.ns));
    for (number, event) in seen.enumerate() {
        let x = window.x(event.ns);
        // Labels of neighbours stand below one another.
        let foot = bottom + LABEL * (number % MOST_LABELS + 1) as f64;
        group = group.add(vertical(x, TOP - 8.0, foot, "stall"));
        let words = format!("{} by CPU {}", event.kind.replace('-', " "), event.cpu);
        let (at, anchor) = if x < WIDTH / 2.0 {
            (x + 5.0, "start")
        } else {
            (x - 5.0, "end")
        };
        group = group.add(text(at, foot, "alarm", &words).set("text-anchor", anchor));
    }
    group
}

fn legend(y: f64) -> Group {
    let mut group = Group::new();
    let mut x = LEFT;
    let boxes = [
        ("gp", "grace period"),
        ("exp", "expedited"),
        ("gone", "CPU offline"),
    ];
    for (class, words) in boxes {
        group = group
            .add(rectangle(x, y - 10.0, 16.0, 12.0).set("class", class))
            .add(text(x + 22.0, y, "small", words));
        x += 130.0;
    }
    let lines = [
        ("qs", "quiescent state"),
        ("idle", "found idle"),
        ("stall", "stall report"),
    ];
    for (class, words) in lines {
        group = group
            .add(vertical(x + 8.0, y - 11.0, y + 3.0, class))
            .add(text(x + 22.0, y, "small", words));
        x += 130.0;
    }
    group
        .add(rectangle(x, y - 10.0, 16.0, 12.0).set("class", "gp"))
        .add(vertical(x + 8.0, y - 3.0, y + 2.0, "fqs"))
        .add(text(x + 22.0, y, "small", "scan for idle CPUs"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const STALL: &str = "\
1000000 0 gp-start 1
2000000 1 qs 1
2500000 0 fqs-start 1
2600000 0 qs-idle 1
3000000 0 gp-end 1
3100000 0 gp-start 5
4000000 0 exp-start 9
4500000 0 exp-end 9
5000000 1 cpu-offline 5
9000000 0 stall-detected 5
9500000 1 cpu-online 5
9900000 0 gp-end 5
";

    #[test]
    fn a_stall() -> anyhow::Result<()> {
        let events = Events::parse(STALL)?;
        let window = Window::choose(&events, None).expect("there are events");
        insta::assert_snapshot!(draw(&events, window));
        Ok(())
    }

    #[test]
    fn windows() -> anyhow::Result<()> {
        let events = Events::parse(STALL)?;
        let last = Window::choose(&events, Some(1));
        assert_eq!(
            last,
            Some(Window {
                from: 8_900_000,
                to: 9_900_000
            })
        );
        assert_eq!(Window::choose(&Events::default(), None), None);

        // Too many to be told apart: the last hundred.
        let mut many = String::new();
        for n in 1..=300 {
            let gp_seq = n * 4 + 1;
            writeln!(many, "{n}000 0 gp-start {gp_seq}\n{n}500 0 gp-end {gp_seq}")?;
        }
        let window = Window::choose(&Events::parse(&many)?, None);
        assert_eq!(
            window,
            Some(Window {
                from: 201_000,
                to: 300_500
            })
        );
        Ok(())
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(step(8_900_000), 1_000_000);
        assert_eq!(step(1_000_000_000), 100_000_000);
        assert_eq!(step(130_000_000), 20_000_000);
    }
}
