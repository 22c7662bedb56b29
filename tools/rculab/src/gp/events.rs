// SPDX-License-Identifier: GPL-2.0

//! The file `events`: a line each, `ns cpu event gp_seq`, after comments.

use std::collections::BTreeSet;

use anyhow::{Context, bail};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub ns: u64,
    pub cpu: u32,
    pub kind: String,
    pub gp_seq: i64,
}

/// A recording, in the order of time.
#[derive(Debug, Default)]
pub struct Events {
    pub all: Vec<Event>,
    /// Why there may be less than could be, in the module's words.
    pub reason: Option<String>,
}

/// From a start to its end; either may lie outside of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub gp_seq: i64,
    pub start: Option<u64>,
    pub end: Option<u64>,
}

impl Events {
    /// Reads a recording; what is not whole is left out.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut events = Self::default();
        let mut whole_from = 0;
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(comment) = line.strip_prefix('#') {
                let comment = comment.trim();
                if let Some(rest) = comment.strip_prefix("whole from ") {
                    let ns = rest.split(' ').next().unwrap_or_default();
                    whole_from = ns
                        .parse()
                        .with_context(|| format!("line {number}: {line}"))?;
                } else if let Some(reason) = comment.strip_prefix("-: not known, ") {
                    events.reason = Some(reason.to_owned());
                }
                continue;
            }
            let event =
                Event::parse(line).with_context(|| format!("line {number}: no event: `{line}`"))?;
            events.all.push(event);
        }
        events.all.retain(|event| event.ns >= whole_from);
        events.all.sort_by_key(|event| event.ns);
        Ok(events)
    }

    pub fn cpus(&self) -> BTreeSet<u32> {
        self.all.iter().map(|event| event.cpu).collect()
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Event> {
        self.all.iter().filter(move |event| event.kind == kind)
    }

    pub fn stalls(&self) -> impl Iterator<Item = &Event> {
        self.all
            .iter()
            .filter(|event| event.kind.starts_with("stall-"))
    }

    /// The spans that begin with one kind of event and end with another.
    pub fn spans(&self, starts: &str, ends: &str) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for event in &self.all {
            if event.kind == starts {
                spans.push(Span {
                    gp_seq: event.gp_seq,
                    start: Some(event.ns),
                    end: None,
                });
            } else if event.kind == ends {
                match spans.last_mut().filter(|span| span.end.is_none()) {
                    Some(span) => span.end = Some(event.ns),
                    None => spans.push(Span {
                        gp_seq: event.gp_seq,
                        start: None,
                        end: Some(event.ns),
                    }),
                }
            }
        }
        spans
    }

    /// The span of the recording.
    pub fn range(&self) -> Option<(u64, u64)> {
        Some((self.all.first()?.ns, self.all.last()?.ns))
    }
}

impl Event {
    fn parse(line: &str) -> anyhow::Result<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [ns, cpu, kind, gp_seq] = fields[..] else {
            bail!("expected `ns cpu event gp_seq`");
        };
        Ok(Self {
            ns: ns.parse()?,
            cpu: cpu.parse()?,
            kind: kind.to_owned(),
            gp_seq: gp_seq.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = "\
# cpu: whom the event is about; lost: overwritten before this was read
# written by cpu 0: kept 2048, lost 7
# whole from 200 ns on
# ns cpu event gp_seq
100 0 gp-start -3
200 1 gp-end -3
300 0 gp-start 1
350 1 qs 1
";

    #[test]
    fn what_is_not_whole_is_left_out() -> anyhow::Result<()> {
        let events = Events::parse(RECORDED)?;
        assert_eq!(events.range(), Some((200, 350)));
        assert_eq!(events.cpus().into_iter().collect::<Vec<_>>(), [0, 1]);
        let spans = events.spans("gp-start", "gp-end");
        assert_eq!(
            spans,
            [
                Span {
                    gp_seq: -3,
                    start: None,
                    end: Some(200)
                },
                Span {
                    gp_seq: 1,
                    start: Some(300),
                    end: None
                }
            ]
        );
        Ok(())
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "completed 7\n",
            "1 2 qs x\n",
            "1 2 qs 3 4\n",
            "# whole from x ns on\n",
        ] {
            assert!(Events::parse(text).is_err(), "{text}");
        }
        assert!(Events::parse("").is_ok());
    }
}
