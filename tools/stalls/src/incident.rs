// SPDX-License-Identifier: GPL-2.0

//! Joins the reports of one stall, and makes episodes of them.
//!
//! What one report cannot tell, several can: the tick rate from the time between them, and the
//! culprit from what their stacks have in common.

mod moment;

use std::collections::HashMap;

use crate::cause::{self, Context, Path};
use crate::hz::{self, Hz};
use crate::model::{Episode, Kind};
use crate::report::Report;
use moment::{MOMENT, moment, share};

/// So many reports are looked at together.
const BATCH: usize = 256;

/// Which stall the last report of a machine belonged to.
#[derive(Clone, Debug)]
struct Last {
    source: Option<String>,
    flavor: String,
    kind: Kind,
    gp_seq: Option<i64>,
    cpus: Vec<u32>,
    elapsed: Option<i64>,
    time: Option<f64>,
    line: u64,
    incident: u64,
}

impl Last {
    /// Later, and for no longer: it is another stall, as long as that one was.
    fn as_long(&self, elapsed: Option<i64>, time: Option<f64>) -> bool {
        let later = self
            .time
            .zip(time)
            .is_some_and(|(then, now)| now > then + 5.0);
        later && moment(self.elapsed, elapsed)
    }
}

/// Makes episodes of reports.
#[derive(Debug, Default)]
pub struct Incidents {
    waiting: Vec<Report>,
    recent: Vec<Last>,
    count: u64,
}

impl Incidents {
    /// Takes a report; gives episodes when enough came together.
    pub fn push(&mut self, report: Report) -> Vec<Episode> {
        self.waiting.push(report);
        if self.waiting.len() >= BATCH {
            self.flush()
        } else {
            Vec::new()
        }
    }

    /// Gives the episodes of all reports so far.
    pub fn flush(&mut self) -> Vec<Episode> {
        let mut reports = std::mem::take(&mut self.waiting);
        let numbers: Vec<(u64, bool)> = reports.iter().map(|report| self.number(report)).collect();
        share(&mut reports, &numbers);
        let rates = rates(&reports, &numbers);
        let culprits = culprits(&reports, &numbers);
        let running = running(&reports, &numbers);
        reports
            .iter()
            .zip(numbers)
            .zip(rates)
            .zip(culprits)
            .map(|(((report, (incident, first)), hz), culprit)| {
                let context = Context {
                    hz,
                    culprit: culprit.as_deref(),
                    first,
                    running: running.get(&incident).copied().unwrap_or(0),
                };
                episode(report, incident, context)
            })
            .collect()
    }

    /// Which stall a report is of, and whether it is the first report of it.
    fn number(&mut self, report: &Report) -> (u64, bool) {
        const REMEMBERED: usize = 64;
        let gp_seq = report.gp_seq();
        let elapsed = report.elapsed();
        let expedited = report.header.kind == Kind::Expedited;
        let same = |last: &&mut Last| {
            last.source == report.source
                && last.flavor == report.header.flavor
                && (last.kind == Kind::Expedited) == expedited
                && match (last.gp_seq, gp_seq) {
                    (Some(before), Some(now)) => before == now,
                    // Old kernels print no number: then the same CPUs, ever longer.
                    (None, None) => {
                        last.cpus == report.cpus
                            && !last.as_long(elapsed, report.time)
                            && (last.kind == report.header.kind || moment(last.elapsed, elapsed))
                    }
                    _ => false,
                }
                && match (last.elapsed, elapsed) {
                    (Some(before), Some(now)) => now + MOMENT >= before,
                    (None, None) => report.header.kind == Kind::Tasks,
                    _ => true,
                }
        };
        if let Some(last) = self.recent.iter_mut().rev().find(same) {
            last.elapsed = elapsed;
            last.time = report.time;
            last.line = report.line;
            return (last.incident, false);
        }
        // Of a header whose head is lost nobody knows which stall it was of.
        let lost = |last: &Last| {
            last.source == report.source
                && last.flavor == report.header.flavor
                && last.kind == report.header.kind
                && last.kind != Kind::Tasks
                && last.elapsed.is_none()
        };
        let first = !self.recent.iter().any(lost);
        self.count += 1;
        if self.recent.len() >= REMEMBERED {
            self.recent.remove(0);
        }
        self.recent.push(Last {
            source: report.source.clone(),
            flavor: report.header.flavor.clone(),
            kind: report.header.kind,
            gp_seq,
            cpus: report.cpus.clone(),
            elapsed,
            time: report.time,
            line: report.line,
            incident: self.count,
        });
        (self.count, first)
    }
}

/// The tick rate of each report's machine.
fn rates(reports: &[Report], numbers: &[(u64, bool)]) -> Vec<Option<Hz>> {
    let measured = |source: &Option<String>| {
        let pairs = reports.iter().zip(numbers).enumerate();
        pairs
            .filter(|(_, (report, _))| report.source == *source)
            .find_map(|(at, (report, (incident, _)))| {
                let (later, _) = reports[at + 1..]
                    .iter()
                    .zip(&numbers[at + 1..])
                    .find(|(later, (other, _))| other == incident && later.source == *source)?;
                hz::between(
                    later.elapsed()? - report.elapsed()?,
                    later.time? - report.time?,
                )
            })
    };
    let of = |source: &Option<String>, pick: &dyn Fn(&Report) -> Option<Hz>| {
        reports
            .iter()
            .filter(|report| report.source == *source)
            .find_map(pick)
    };
    let first = |at: usize| numbers[at].1;
    let mut known: Vec<(Option<String>, Option<Hz>)> = Vec::new();
    reports
        .iter()
        .map(|report| {
            // What this boot's own messages said goes before anything that another may have.
            if let Some(hz) = report.hz {
                return Some(hz);
            }
            if let Some((_, hz)) = known.iter().find(|(source, _)| *source == report.source) {
                return *hz;
            }
            let hz = measured(&report.source)
                .or_else(|| {
                    of(&report.source, &|report| {
                        hz::table(report.elapsed()?, report.times?[3])
                    })
                })
                .or_else(|| {
                    let firsts = reports.iter().enumerate().filter(|(at, other)| {
                        first(*at)
                            && other.source == report.source
                            && other.header.kind != Kind::Expedited
                    });
                    firsts
                        .filter_map(|(_, other)| {
                            let slow = other.slow().then(|| hz::guess_slow(other.elapsed()?));
                            slow.flatten().or_else(|| hz::guess(other.elapsed()?))
                        })
                        .next()
                })
                .or_else(|| {
                    of(&report.source, &|report| {
                        let expedited = report.expedited.as_ref()?;
                        hz::guess_expedited(expedited.elapsed)
                    })
                });
            known.push((report.source.clone(), hz));
            hz
        })
        .collect()
}

/// In how many of a stall's reports the tasks ran that are waited for; 0 if once they did not.
fn running(reports: &[Report], numbers: &[(u64, bool)]) -> HashMap<u64, usize> {
    let mut looks: HashMap<u64, Option<usize>> = HashMap::new();
    for (report, (incident, _)) in reports.iter().zip(numbers) {
        let ran = report.tasks.iter().all(|task| task.off_cpu.is_none());
        if !report.tasks.is_empty() {
            let known = looks.entry(*incident).or_insert(Some(0));
            *known = known.filter(|_| ran).map(|known| known + 1);
        }
    }
    let looks = looks.into_iter();
    looks
        .map(|(incident, ran)| (incident, ran.unwrap_or(0)))
        .collect()
}

/// The function that each stall's stacks agree on.
fn culprits(reports: &[Report], numbers: &[(u64, bool)]) -> Vec<Option<String>> {
    let paths: Vec<Path> = reports.iter().map(cause::path).collect();
    let mut agreed: HashMap<u64, Option<String>> = HashMap::new();
    for (incident, _) in numbers {
        agreed.entry(*incident).or_insert_with(|| {
            let of = |vague: bool| {
                let told = numbers
                    .iter()
                    .zip(&paths)
                    .filter(move |((other, _), path)| {
                        other == incident && path.vague == vague && !path.names.is_empty()
                    });
                agree(
                    &told
                        .map(|(_, path)| path.names.as_slice())
                        .collect::<Vec<_>>(),
                )
            };
            of(false).or_else(|| of(true))
        });
    }
    numbers
        .iter()
        .zip(&paths)
        .map(|((incident, _), path)| {
            let agreed = agreed.get(incident).cloned().flatten();
            // A report without a stack of its own inherits nothing, but a storm that was caught
            // between two callbacks is the storm of the stall's other reports.
            let storms = |name: &str| {
                let of = numbers
                    .iter()
                    .zip(&paths)
                    .filter(|((other, _), _)| other == incident);
                of.filter(|(_, path)| path.storm)
                    .any(|(_, path)| path.names.iter().any(|known| known == name))
            };
            agreed.filter(|name| !path.names.is_empty() || path.storm && storms(name))
        })
        .collect()
}

/// The innermost function that all paths share, counted from the outermost.
///
/// The stacks of a loop differ in what the loop calls and agree in what loops.
fn agree(paths: &[&[String]]) -> Option<String> {
    let first = paths.first()?;
    let mut shared = None;
    for depth in 1..=first.len() {
        let name = &first[first.len() - depth];
        if paths
            .iter()
            .all(|path| path.len() >= depth && path[path.len() - depth] == *name)
        {
            shared = Some(name.clone());
        } else {
            break;
        }
    }
    // Nothing in common: what most of them have innermost.
    shared.or_else(|| {
        let count = |name: &String| {
            paths
                .iter()
                .filter(|path| path.first() == Some(name))
                .count()
        };
        paths
            .iter()
            .rev()
            .filter_map(|path| path.first())
            .max_by_key(|name| count(name))
            .cloned()
    })
}

#[expect(clippy::cast_precision_loss, reason = "seconds for people")]
fn episode(report: &Report, incident: u64, context: Context<'_>) -> Episode {
    let judgement = cause::judge(report, context);
    let hz = context.hz;
    let culprit = context.culprit.filter(|_| !judgement.innocent);
    let culprit = culprit.map(str::to_owned);
    let summary = report.summary.as_ref();
    let values = |behind: bool| {
        let lines = report
            .cpu_lines
            .iter()
            .filter(move |cpu| cpu.behind == behind);
        lines.map(|cpu| (cpu.cpu, cpu.value))
    };
    let tiny = report.header.ticks.map(|ticks| (0, ticks));
    Episode {
        line: report.line,
        timestamp: report.time,
        flavor: report.header.flavor.clone(),
        kind: report.header.kind,
        detected_by: summary.and_then(|summary| summary.detected_by),
        stalled_cpus: report.cpus.clone(),
        stalled_tasks: report.tasks.iter().map(|task| task.pid).collect(),
        elapsed_jiffies: report.elapsed(),
        gp_seq: report.gp_seq(),
        callbacks_queued: summary.and_then(|summary| summary.callbacks),
        ncpus: summary.and_then(|summary| summary.ncpus),
        ticks_this_gp: values(false).chain(tiny).collect(),
        gps_behind: values(true).collect(),
        kthread_starved_jiffies: report.starved.as_ref().map(|(jiffies, ..)| *jiffies),
        timer_wakeup_jiffies: report.timer,
        all_qses_seen: report.all_seen.is_some(),
        cause: judgement.cause,
        culprit,
        explanation: judgement.explanation,
        next_steps: judgement.next_steps,
        confidence: judgement.confidence,
        evidence: judgement.evidence,
        incident,
        elapsed_seconds: report
            .elapsed()
            .zip(hz)
            .map(|(jiffies, hz)| jiffies as f64 / f64::from(hz.rate)),
        hz: hz.map(|hz| hz.rate),
        hz_from: hz.map(|hz| hz.from),
        companions: report
            .companions
            .iter()
            .map(|(_, quote)| quote.clone())
            .collect(),
        interleaved: report.interleaved,
        torn: report.torn(),
        truncated: report.truncated(),
        source: report.source.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_of_a_loop_agree_on_the_loop() {
        let path = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let (a, b, c) = (
            path(&["leaf", "loops", "caller"]),
            path(&["loops", "caller"]),
            path(&["other", "loops", "caller"]),
        );
        assert_eq!(agree(&[&a, &b, &c]).as_deref(), Some("loops"));
        assert_eq!(agree(&[&a]).as_deref(), Some("leaf"));
        assert_eq!(agree(&[]), None);
    }
}
