// SPDX-License-Identifier: GPL-2.0

//! The account of a run.

use crate::{
    conductor::Place,
    observer::{
        Class,
        Words, //
    },
    stall::Stall, //
};
use kernel::{
    fmt,
    prelude::*,
    time::Delta, //
};
use wrappers::rcu_state::GpSeq;

/// What came of a run.
pub(crate) struct Account {
    pub(crate) place: Place,
    /// How long a grace period could take before it was reported.
    pub(crate) timeout: Delta,
    /// RCU's sequence number when the stall had begun, before a grace period was asked for.
    pub(crate) before: GpSeq,
    /// The same during the stall, of the last grace period that was in flight.
    pub(crate) during: GpSeq,
    /// Whether all that the run changed was put back.
    pub(crate) restored: bool,
    /// What the kernel said; none if the run never came to listen.
    pub(crate) words: Option<Words>,
    /// Why the scenario failed.
    pub(crate) error: Option<Error>,
}

/// How a run compares with what was expected of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    AsExpected,
    SilentAsExpected,
    Missing,
    Unexpected,
    Aborted,
    Failed,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsExpected => "as expected",
            Self::SilentAsExpected => "silent as expected",
            Self::Missing => "missing",
            Self::Unexpected => "unexpected",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
        })
    }
}

impl Account {
    /// The account of a run that could not begin.
    pub(crate) fn failed(place: Place, error: Error) -> Self {
        let seq = GpSeq::now();
        Self {
            place,
            timeout: wrappers::rcu_state::stall_timeout(),
            before: seq,
            during: seq,
            restored: true,
            words: None,
            error: Some(error),
        }
    }

    fn verdict(&self, stall: &Stall) -> Verdict {
        let Some(words) = &self.words else {
            return Verdict::Failed;
        };
        let classes = (stall.request().scenario.expects)(stall.request());
        let lasted = Delta::from_nanos(stall.lasted_ns() as i64);
        // The grace period begins after the stall, and another CPU reports it later still.
        let late = Delta::from_secs(1);

        if self.error.is_some() {
            Verdict::Failed
        } else if lasted >= self.timeout && classes.iter().any(|class| words.count(*class) > 0) {
            Verdict::AsExpected
        } else if words.reports() > 0 {
            Verdict::Unexpected
        } else if stall.is_stopped() {
            Verdict::Aborted
        } else if !classes.is_empty() && lasted >= self.timeout + late {
            Verdict::Missing
        } else {
            Verdict::SilentAsExpected
        }
    }

    /// Returns the account in one line.
    pub(crate) fn summary<'a>(&'a self, stall: &'a Stall) -> impl fmt::Display + 'a {
        Summary(self, stall)
    }

    /// Writes the account as tables.
    pub(crate) fn write(&self, stall: &Stall, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "what", "value")?;
        row(f, "scenario", stall.request())?;
        row(f, "victim cpu", self.place.victim.as_u32())?;
        match self.place.conductor {
            Some(cpu) => row(f, "conductor cpu", cpu.as_u32())?,
            None => row(f, "conductor cpu", "-")?,
        }
        row(f, "stall, ms", ms(stall.lasted_ns()))?;
        row(f, "timeout, ms", self.timeout.as_millis())?;
        row(f, "g= before", Seq(self.before))?;
        row(f, "g= during", Seq(self.during))?;
        stall.for_each_fact(|name, value| row(f, name, value))?;
        if let Some(error) = self.error {
            row(f, "error", fmt!("{error:?}"))?;
        }
        if let Some(words) = &self.words {
            row(f, "lines heard", words.lines)?;
            row(f, "lines cut", words.cut)?;
            row(f, "pieces dropped", words.dropped)?;
            row(f, "reports", words.reports())?;
        }
        row(f, "put back", if self.restored { "all" } else { "not all" })?;
        let request = stall.request();
        row(f, "expected", request.scenario.expected(request))?;
        row(f, "verdict", self.verdict(stall))?;

        match &self.words {
            Some(words) => write_words(words, stall, f),
            None => Ok(()),
        }
    }
}

fn write_words(words: &Words, stall: &Stall, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_fmt(fmt!("\n{:<16} {:>5}\n", "line", "count"))?;
    for class in Class::all().filter(|class| words.count(*class) > 0) {
        f.write_fmt(fmt!("{:<16} {:>5}\n", class.name(), words.count(class)))?;
    }

    f.write_fmt(fmt!(
        "\n{:<16} {:>8} {:>8} {:>10}  who\n",
        "report",
        "delay,ms",
        "printed",
        "t,jiffies"
    ))?;
    for episode in &words.episodes {
        let delay = ms(stall.since_begin(episode.at));
        f.write_fmt(fmt!(
            "{:<16} {delay:>8} {:>8} ",
            episode.class.name(),
            episode.printed_by
        ))?;
        match episode.jiffies {
            Some(jiffies) => f.write_fmt(fmt!("{jiffies:>10}"))?,
            None => f.write_fmt(fmt!("{:>10}", "-"))?,
        }
        f.write_fmt(fmt!("  {episode}\n"))?;
    }
    Ok(())
}

fn row(f: &mut fmt::Formatter<'_>, what: &str, value: impl fmt::Display) -> fmt::Result {
    f.write_fmt(fmt!("{what:<20} {value}\n"))
}

fn ms(ns: u64) -> u64 {
    ns / 1_000_000
}

/// A sequence number as the kernel prints it, and what it says.
struct Seq(GpSeq);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.0.in_flight() {
            "in flight"
        } else {
            "idle"
        };
        f.write_fmt(fmt!("{} {state}", self.0.printed()))
    }
}

struct Summary<'a>(&'a Account, &'a Stall);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(account, stall) = self;
        f.write_fmt(fmt!(
            "{} ended after {} ms: {}",
            stall.request(),
            ms(stall.lasted_ns()),
            account.verdict(stall)
        ))?;
        let Some(words) = &account.words else {
            return Ok(());
        };
        let reports = words.reports();
        let plural = if reports == 1 { "" } else { "s" };
        f.write_fmt(fmt!(", {reports} report{plural}"))?;
        match words.episodes.first() {
            Some(first) => f.write_fmt(fmt!(
                ", the first after {} ms",
                ms(stall.since_begin(first.at))
            )),
            None => Ok(()),
        }
    }
}
