// SPDX-License-Identifier: GPL-2.0

//! The account of a run.

mod json;
mod table;

pub(crate) use json::Json;
pub(crate) use table::Table;

use crate::{
    observer::{
        Class,
        Words, //
    },
    place::Place,
    scenario::Expected,
    stall::{
        Notes,
        Part,
        Stall, //
    },
    trigger::Request, //
};
use kernel::{
    fmt,
    prelude::*,
    sync::Arc,
    time::Delta, //
};
use wrappers::rcu_state::GpSeq;

/// What was heard while the stalls of a run went on; their accounts share it.
pub(crate) struct Heard {
    /// RCU's sequence number when they had begun, before a grace period was asked for.
    pub(crate) before: GpSeq,
    /// The same during them, of the last grace period that was in flight.
    pub(crate) during: GpSeq,
    /// The same at the end.
    pub(crate) after: GpSeq,
    /// What the kernel said.
    pub(crate) words: Words,
    /// Whether a report of one of the stalls was due. If so it may be of that one, whatever is
    /// expected of the others.
    pub(crate) due: bool,
}

/// What came of one stall of a run.
pub(crate) struct Account {
    pub(crate) request: Request,
    pub(crate) place: Place,
    /// The how many-th of those that the request asks for.
    pub(crate) round: u64,
    /// The how many-th of those at once, and how many these are.
    pub(crate) part: Part,
    /// When it began, in nanoseconds of the monotonic clock; zero if it did not.
    pub(crate) began_ns: u64,
    pub(crate) lasted_ns: u64,
    /// Whether somebody aborted it.
    pub(crate) stopped: bool,
    pub(crate) notes: Notes,
    /// How long the kernel waits before it prints what is expected.
    pub(crate) timeout: Delta,
    pub(crate) expected: Expected,
    /// What was heard; none if the run never came to listen.
    pub(crate) heard: Option<Arc<Heard>>,
    /// Why the scenario failed.
    pub(crate) error: Option<Error>,
}

/// How a run compares with what was expected of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    AsExpected,
    SilentAsExpected,
    Missing,
    Unexpected,
    Aborted,
    Failed,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AsExpected => "as expected",
            Self::SilentAsExpected => "silent as expected",
            Self::Missing => "missing",
            Self::Unexpected => "unexpected",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
        }
    }
}

/// How much later than the timeout a report may come: the grace period begins after the stall, and
/// another CPU reports it later still.
const LATE: Delta = Delta::from_secs(1);

/// Whether a report of a stall that `lasted` so long is due.
fn is_due(expected: Expected, lasted: Delta, timeout: Delta) -> bool {
    !expected.is_empty() && lasted >= timeout
}

impl Heard {
    /// Whether a report of `stall`, which is over, was due.
    pub(crate) fn is_due(stall: &Stall) -> bool {
        let lasted = Delta::from_nanos(stall.lasted_ns() as i64);
        is_due(stall.expected(), lasted, stall.timeout())
    }
}

impl Account {
    /// The account of a stall that is over, or that could not begin.
    pub(crate) fn of(stall: &Stall, round: u64, heard: Option<Arc<Heard>>, result: Result) -> Self {
        Self {
            request: *stall.request(),
            place: stall.place(),
            round,
            part: stall.part(),
            began_ns: stall.began_ns(),
            lasted_ns: stall.lasted_ns(),
            stopped: stall.is_stopped(),
            notes: stall.take_notes(),
            timeout: stall.timeout(),
            expected: stall.expected(),
            heard,
            error: result.err(),
        }
    }

    /// What the kernel said, if anybody listened.
    fn words(&self) -> Option<&Words> {
        self.heard.as_deref().map(|heard| &heard.words)
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let Some(heard) = self.heard.as_deref() else {
            return if self.stopped {
                Verdict::Aborted
            } else {
                Verdict::Failed
            };
        };
        let words = &heard.words;
        let said = self.expected.iter().all(|group| {
            group.iter().any(|class| words.count(*class) > 0)
                || (group.contains(&Class::Detected) && self.is_spoken_for(words))
        });
        let lasted = Delta::from_nanos(self.lasted_ns as i64);
        let due = |late| is_due(self.expected, lasted, self.timeout + late);
        let left_changed = self.notes.changes.iter().any(|(_, back)| back.is_err());
        let never_began = self.began_ns == 0 && !self.stopped;

        if self.error.is_some() || left_changed || never_began {
            Verdict::Failed
        } else if due(Delta::ZERO) && said {
            Verdict::AsExpected
        } else if words.reports() > 0 && !heard.due {
            Verdict::Unexpected
        } else if self.stopped {
            Verdict::Aborted
        } else if due(LATE) {
            Verdict::Missing
        } else {
            Verdict::SilentAsExpected
        }
    }

    /// Whether a CPU reported itself, during the stall, that is not the victim.
    ///
    /// It may be one that waits for the victim with preemption off. The grace period is the one that
    /// the victim holds up, and nobody else reports that for three more timeouts.
    fn is_spoken_for(&self, words: &Words) -> bool {
        let during = self.began_ns..self.began_ns + self.lasted_ns;
        words.episodes.iter().any(|episode| {
            episode.class == Class::SelfDetected
                && episode.printed_by != self.place.victim.as_u32()
                && during.contains(&episode.at)
        })
    }

    /// The time from the begin of the stall to `at`, in milliseconds.
    fn delay_ms(&self, at: u64) -> u64 {
        ms(at.saturating_sub(self.began_ns))
    }

    /// Returns the account in one line.
    pub(crate) fn summary(&self) -> impl fmt::Display + '_ {
        Summary(self)
    }
}

fn ms(ns: u64) -> u64 {
    ns / 1_000_000
}

struct Summary<'a>(&'a Account);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.0;
        f.write_fmt(fmt!(
            "{} ended after {} ms: {}",
            account.request,
            ms(account.lasted_ns),
            account.verdict().name()
        ))?;
        let Some(words) = account.words() else {
            return Ok(());
        };
        let reports = words.reports();
        let plural = if reports == 1 { "" } else { "s" };
        f.write_fmt(fmt!(", {reports} report{plural}"))?;
        match words.episodes.first() {
            Some(first) => f.write_fmt(fmt!(", the first after {} ms", account.delay_ms(first.at))),
            None => Ok(()),
        }
    }
}

#[kunit_tests(rculab_report)]
mod tests {
    use super::*;
    use crate::{
        observer::Episode,
        scenarios, //
    };
    use kernel::cpu::CpuId;
    use wrappers::cpu::Context;

    const TIMEOUT_SECS: u64 = 3;

    /// What was heard during a stall of `secs`.
    fn heard(secs: u64, words: Words) -> Result<Arc<Heard>> {
        let heard = Heard {
            before: GpSeq::now(),
            during: GpSeq::now(),
            after: GpSeq::now(),
            words,
            due: secs >= TIMEOUT_SECS,
        };
        Ok(Arc::new(heard, GFP_KERNEL)?)
    }

    /// The account of a stall of `secs` of which a report is expected, after which `said` was heard.
    fn account(secs: u64, said: &[Class]) -> Result<Account> {
        let expected: Expected = &[&[Class::Detected]];
        Ok(Account {
            request: Request::plain(scenarios::find("irqs-off").ok_or(EINVAL)?),
            place: Place {
                victim: CpuId::from_u32(0).ok_or(EINVAL)?,
                conductor: None,
            },
            round: 1,
            part: Part { number: 1, of: 1 },
            began_ns: 1,
            lasted_ns: secs * 1_000_000_000,
            stopped: false,
            notes: Notes::default(),
            timeout: Delta::from_secs(TIMEOUT_SECS as i64),
            expected,
            heard: Some(heard(secs, Words::of(said)?)?),
            error: None,
        })
    }

    #[test]
    fn a_report_is_expected_after_the_timeout() -> Result {
        let verdict = |secs, said: &[Class]| account(secs, said).map(|of| of.verdict());
        assert_eq!(verdict(5, &[Class::Detected])?, Verdict::AsExpected);
        assert_eq!(verdict(5, &[])?, Verdict::Missing);
        assert_eq!(verdict(5, &[Class::SelfDetected])?, Verdict::Missing);
        assert_eq!(verdict(3, &[])?, Verdict::SilentAsExpected);
        assert_eq!(verdict(2, &[])?, Verdict::SilentAsExpected);
        assert_eq!(verdict(2, &[Class::Detected])?, Verdict::Unexpected);
        Ok(())
    }

    #[test]
    fn silence_is_expected_of_some() -> Result {
        for (said, verdict) in [
            (&[][..], Verdict::SilentAsExpected),
            (&[Class::Detected][..], Verdict::Unexpected),
        ] {
            let mut account = account(2, said)?;
            account.expected = &[];
            account.lasted_ns = 5_000_000_000;
            assert_eq!(account.verdict(), verdict);
        }
        Ok(())
    }

    #[test]
    fn a_report_beside_one_that_is_too_short_is_not_of_it() -> Result {
        let mut short = account(2, &[])?;
        let long = account(5, &[Class::Detected])?;
        short.heard = long.heard.clone();
        assert_eq!(short.verdict(), Verdict::SilentAsExpected);
        assert_eq!(long.verdict(), Verdict::AsExpected);
        Ok(())
    }

    #[test]
    fn another_cpu_may_report_itself_first() -> Result {
        let verdict = |cpu: u32, secs: u64| -> Result<Verdict> {
            let mut words = Words::of(&[Class::SelfDetected])?;
            let (at, context) = (secs * 1_000_000_000, Context::Hardirq(cpu));
            let episode = Episode::new(Class::SelfDetected, at, cpu, context, b"");
            words.episodes.push(episode, GFP_KERNEL)?;
            let mut account = account(5, &[])?;
            account.heard = Some(heard(5, words)?);
            Ok(account.verdict())
        };
        assert_eq!(verdict(1, 3)?, Verdict::AsExpected);
        // The victim itself, or of something else, after the stall.
        assert_eq!(verdict(0, 3)?, Verdict::Missing);
        assert_eq!(verdict(1, 6)?, Verdict::Missing);
        Ok(())
    }

    #[test]
    fn what_was_not_put_back_is_a_failure() -> Result {
        for secs in [5, 2] {
            let mut account = account(secs, &[Class::Detected])?;
            account.notes.changes.push(("tick", Ok(())), GFP_KERNEL)?;
            assert!(account.verdict() != Verdict::Failed);
            let left = ("priority", Err(EIO));
            account.notes.changes.push(left, GFP_KERNEL)?;
            assert_eq!(account.verdict(), Verdict::Failed);
        }
        Ok(())
    }
}
