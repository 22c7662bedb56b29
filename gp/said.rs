// SPDX-License-Identifier: GPL-2.0

//! What `show_rcu_gp_kthreads()` says, in numbers.

use kernel::alloc::KVVec;
use wrappers::time::from_jiffies;

/// Its whole text, a line a `printk()`.
pub(super) struct Said(KVVec<u8>);

/// Where normal grace periods are.
pub(super) struct State {
    pub(super) gp_seq: i64,
    /// Since the last one started.
    pub(super) since_start_ns: u64,
    /// The longest one since boot.
    pub(super) longest_ns: u64,
}

/// A node of the tree that waits for somebody.
pub(super) struct Node {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) gp_seq: i64,
    pub(super) owing: u64,
    pub(super) tasks: bool,
}

/// A CPU whose callbacks are offloaded: how many there are, by what they wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Offloaded {
    pub(super) done: u64,
    pub(super) wait: u64,
    pub(super) ready: u64,
    pub(super) next: u64,
    /// Those that are on their way into the list: the lazy ones are among them.
    pub(super) bypass: u64,
}

impl Said {
    /// Takes a text, unless its end is missing.
    pub(super) fn new(text: KVVec<u8>) -> Option<Self> {
        let said = Self(text);
        let whole = said.lines().any(|line| after(line, "boot:").is_some());
        whole.then_some(said)
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.0.split(|byte| *byte == b'\n');
        lines.filter_map(|line| {
            let line = core::str::from_utf8(line).ok()?;
            Some(line.strip_prefix("rcu: ").unwrap_or(line).trim_start())
        })
    }

    /// Where normal grace periods are.
    pub(super) fn state(&self) -> Option<State> {
        let line = self
            .lines()
            .find(|line| after(line, "wait") == Some("state:"))?;
        Some(State {
            gp_seq: number(line, "->gp_seq")?,
            since_start_ns: jiffies(line, "->gp_start")?,
            longest_ns: jiffies(line, "->gp_max")?,
        })
    }

    /// The nodes that wait for somebody, parents before their children.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.lines().filter_map(|line| {
            let (first, last) = after(line, "rcu_node")?.split_once(':')?;
            let owing = after(line, "->qsmask")?;
            let flags = after(line, owing)?;
            Some(Node {
                first: first.parse().ok()?,
                last: last.parse().ok()?,
                gp_seq: number(line, "->gp_seq")?,
                owing: u64::from_str_radix(owing.trim_start_matches("0x"), 16).ok()?,
                tasks: flags.as_bytes().contains(&b'G'),
            })
        })
    }

    /// The callbacks of a CPU, if they are offloaded.
    pub(super) fn offloaded(&self, cpu: u32) -> Option<Offloaded> {
        self.lines().find_map(|line| {
            let mut words = line.strip_prefix("CB ")?.split_ascii_whitespace();
            let number: u32 = words.next()?.split_once('^')?.0.parse().ok()?;
            // kblSW F<n> L<n> C<n>, and then the segments.
            let segments = (number == cpu).then(|| words.nth(4))??;
            Some(Offloaded {
                done: length(segments, 'D'),
                wait: length(segments, 'W'),
                ready: length(segments, 'R'),
                next: length(segments, 'N'),
                bypass: length(segments, 'B'),
            })
        })
    }
}

/// The word behind another one.
fn after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let mut words = line.split_ascii_whitespace();
    words.find(|word| *word == name)?;
    words.next()
}

fn number(line: &str, name: &str) -> Option<i64> {
    after(line, name)?.parse().ok()
}

/// A number of jiffies, in nanoseconds.
fn jiffies(line: &str, name: &str) -> Option<u64> {
    let delta = from_jiffies(after(line, name)?.parse().ok()?);
    u64::try_from(delta.as_nanos()).ok()
}

/// The number behind the letter of a segment: none is there if the segment is empty.
fn length(segments: &str, letter: char) -> u64 {
    let Some((_, rest)) = segments.split_once(letter) else {
        return 0;
    };
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest.get(..end.unwrap_or(rest.len()))
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(CONFIG_KUNIT = "y")]
#[kernel::prelude::kunit_tests(rculab_gp_said)]
mod tests {
    use super::*;
    use kernel::prelude::*;

    /// In the words of 7.2, with callbacks of each kind.
    const SAID: &str = "\
rcu: rcu_preempt: wait state: RCU_GP_WAIT_FQS(5) ->state: 0x402 ->rt_priority 0 delta \
->gp_start 4 ->gp_activity 4 ->gp_req_activity 4 ->gp_wake_time 8 ->gp_wake_seq 4388 \
->gp_seq 4393 ->gp_seq_needed 4396 ->gp_max 378 ->gp_flags 0x0
rcu: \trcu_node 0:3 ->gp_seq 4393 ->gp_seq_needed 4396 ->qsmask 0x5 ...G ->n_boosts 0
rcu: \tcpu 0 ->gp_seq_needed 4396
rcu:    CB 1^0->2 KbLSW F12 L7 C0 D3W2(4396).N41B5 q51 S CPU 0
rcu: RCU callbacks invoked since boot: 16068
";

    fn said(text: &str) -> Result<Option<Said>> {
        let mut bytes = KVVec::new();
        bytes.extend_from_slice(text.as_bytes(), GFP_KERNEL)?;
        Ok(Said::new(bytes))
    }

    #[test]
    fn states_and_nodes() -> Result {
        let said = said(SAID)?.ok_or(EINVAL)?;
        let state = said.state().ok_or(EINVAL)?;
        assert_eq!(state.gp_seq, 4393);
        assert_eq!(state.since_start_ns, from_jiffies(4).as_nanos() as u64);
        assert_eq!(state.longest_ns, from_jiffies(378).as_nanos() as u64);
        assert_eq!(said.nodes().count(), 1);
        let node = said.nodes().next().ok_or(EINVAL)?;
        assert_eq!((node.first, node.last), (0, 3));
        assert_eq!((node.gp_seq, node.owing), (4393, 5));
        assert!(node.tasks);
        Ok(())
    }

    #[test]
    fn offloaded_callbacks() -> Result {
        let said = said(SAID)?.ok_or(EINVAL)?;
        assert!(said.offloaded(0).is_none());
        let list = Offloaded {
            done: 3,
            wait: 2,
            ready: 0,
            next: 41,
            bypass: 5,
        };
        assert_eq!(said.offloaded(1), Some(list));
        Ok(())
    }

    #[test]
    fn half_of_it_is_nothing() -> Result {
        let (half, _) = SAID.split_once("rcu: RCU").ok_or(EINVAL)?;
        assert!(said(half)?.is_none());
        assert!(said("")?.is_none());
        Ok(())
    }
}
