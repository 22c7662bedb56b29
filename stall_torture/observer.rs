// SPDX-License-Identifier: GPL-2.0

//! What the kernel says while a scenario runs.
//!
//! Data flows one way: `printk() -> console tracepoint -> Ring -> Lines -> Class -> Words`. The
//! first two run wherever the kernel prints; the rest in the run's own kthread.

mod class;
mod episode;
mod lines;
mod ring;
mod text;

pub(crate) use class::Class;
pub(crate) use episode::Episode;

use kernel::{
    cpu::CpuId,
    prelude::*,
    sync::Arc, //
};
use lines::Lines;
use ring::{
    Record,
    Ring, //
};
use wrappers::{
    console::{
        Listener,
        Tap, //
    },
    cpu::Context,
    time::mono_fast_ns, //
};

impl Listener for Ring {
    fn heard(&self, text: &[u8]) {
        self.push(
            mono_fast_ns(),
            CpuId::current().as_u32(),
            Context::current(),
            text,
        );
    }
}

/// What was heard.
pub(crate) struct Words {
    /// The reports of RCU's stall detector, in order, as far as there is room.
    pub(crate) episodes: KVec<Episode>,
    /// The first line of any class.
    pub(crate) first: Option<Record>,
    counts: [u32; Class::COUNT],
    /// Lines of any kind.
    pub(crate) lines: u64,
    /// `printk()` calls that found the ring full.
    pub(crate) dropped: u64,
    /// Lines that were too long to be kept whole.
    pub(crate) cut: u64,
}

impl Words {
    const MAX_EPISODES: usize = 32;

    fn new() -> Result<Self> {
        Ok(Self {
            episodes: KVec::with_capacity(Self::MAX_EPISODES, GFP_KERNEL)?,
            first: None,
            counts: [0; Class::COUNT],
            lines: 0,
            dropped: 0,
            cut: 0,
        })
    }

    /// As if a line of each of `classes` had been heard.
    #[cfg(CONFIG_KUNIT = "y")]
    pub(crate) fn of(classes: &[Class]) -> Result<Self> {
        let mut words = Self::new()?;
        for class in classes {
            words.counts[*class as usize] += 1;
        }
        Ok(words)
    }

    /// How many lines of `class` were heard.
    pub(crate) fn count(&self, class: Class) -> u32 {
        self.counts[class as usize]
    }

    /// How many reports of RCU's stall detector were heard.
    pub(crate) fn reports(&self) -> u32 {
        Class::all()
            .filter(|class| class.is_header())
            .map(|class| self.count(class))
            .sum()
    }

    fn add(&mut self, line: &Record) {
        let text = line.text.as_bytes();
        self.lines += 1;
        self.cut += u64::from(line.text.is_cut());

        let class = Class::of(text);
        if let Some(class) = class {
            self.counts[class as usize] += 1;
            self.first.get_or_insert(*line);
        }
        match class {
            Some(class) if class.is_header() => {
                let episode = Episode::new(class, line.at, line.cpu, line.context, text);
                // Those that find no room are still counted.
                let _ = self.episodes.push_within_capacity(episode);
            }
            _ => {
                let mut newest_first = self.episodes.iter_mut().rev();
                if let Some(episode) = newest_first.find(|e| e.is_open_in(line.context)) {
                    episode.read(text);
                }
            }
        }
    }
}

/// Listens to the kernel from [`Observer::start`] to [`Observer::finish`].
pub(crate) struct Observer {
    tap: Tap<Ring>,
    lines: Lines,
    words: Words,
}

impl Observer {
    /// A report has up to some hundred lines, and is printed within milliseconds.
    const RING_SIZE: usize = 1024;

    /// Begins to listen. Sleeps, and interrupts other CPUs: not while one of them is stuck.
    pub(crate) fn start() -> Result<Self> {
        let ring = Arc::new(Ring::new(Self::RING_SIZE)?, GFP_KERNEL)?;
        Ok(Self {
            lines: Lines::new()?,
            words: Words::new()?,
            tap: Tap::new(ring)?,
        })
    }

    /// Reads what has come in, so that the ring does not fill up.
    pub(crate) fn drain(&mut self) {
        let words = &mut self.words;
        while let Some(record) = self.tap.listener().pop() {
            self.lines.feed(&record, |line| words.add(line));
        }
    }

    /// Stops listening. Sleeps, and interrupts other CPUs: not while one of them is stuck.
    pub(crate) fn finish(mut self) -> Words {
        let ring = self.tap.listener().clone();
        drop(self.tap);

        let words = &mut self.words;
        while let Some(record) = ring.pop() {
            self.lines.feed(&record, |line| words.add(line));
        }
        self.lines.finish(|line| words.add(line));
        self.words.dropped = ring.dropped();
        self.words
    }
}

#[kunit_tests(rculab_observer)]
mod tests {
    use super::*;
    use text::Text;

    fn hear(observed: &[(u64, Context, &str)]) -> Result<Words> {
        let mut lines = Lines::new()?;
        let mut words = Words::new()?;
        for (at, context, text) in observed {
            let piece = Record {
                at: *at,
                cpu: 0,
                context: *context,
                text: Text::new(text.as_bytes()),
            };
            lines.feed(&piece, |line| words.add(line));
        }
        lines.finish(|line| words.add(line));
        Ok(words)
    }

    #[test]
    fn two_reports_at_once_stay_apart() -> Result {
        let (a, b) = (Context::Hardirq(0), Context::Hardirq(1));
        let words = hear(&[
            (
                10,
                a,
                "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
            ),
            (20, b, "rcu: INFO: rcu_preempt self-detected stall on CPU"),
            (
                30,
                a,
                "rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1):",
            ),
            (
                40,
                b,
                "rcu: \t1-....: (2099 ticks this GP) idle=0/1/0x2 softirq=1/1 fqs=2",
            ),
            (50, a, " P77"),
            (60, b, "rcu: \t(t=2100 jiffies g=5 q=6 ncpus=2)"),
            (70, a, ""),
            (
                80,
                a,
                "rcu: \t(detected by 0, t=2102 jiffies, g=5, q=6 ncpus=2)",
            ),
        ])?;

        assert_eq!(words.reports(), 2);
        assert_eq!(words.lines, 6);
        assert_eq!(words.count(Class::TasksBlocked), 1);
        let [first, second] = &words.episodes[..] else {
            return Err(EINVAL);
        };
        assert_eq!(
            (first.class, first.at, first.jiffies),
            (Class::Detected, 10, Some(2102))
        );
        assert_eq!(
            (second.class, second.at, second.jiffies),
            (Class::SelfDetected, 20, Some(2100))
        );
        Ok(())
    }

    #[test]
    fn more_reports_than_there_is_room_for_are_counted() -> Result {
        let mut words = Words::new()?;
        let header = Record {
            at: 0,
            cpu: 0,
            context: Context::Hardirq(0),
            text: Text::new(b"rcu: INFO: rcu_preempt self-detected stall on CPU"),
        };
        for _ in 0..Words::MAX_EPISODES + 5 {
            words.add(&header);
        }
        assert_eq!(words.episodes.len(), Words::MAX_EPISODES);
        assert_eq!(words.reports() as usize, Words::MAX_EPISODES + 5);
        Ok(())
    }
}
