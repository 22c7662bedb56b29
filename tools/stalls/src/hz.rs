// SPDX-License-Identifier: GPL-2.0

//! How many jiffies a second has, as far as a log tells.

use std::sync::LazyLock;

use regex::Regex;

/// The tick rates that kernels are built with.
const RATES: [u32; 13] = [
    24, 32, 48, 64, 100, 128, 200, 250, 256, 300, 500, 1000, 1024,
];

/// The rates that the guess from a default timeout knows.
const USUAL: [i64; 4] = [100, 250, 300, 1000];

/// The timeouts that it knows, in seconds: the kernel's own, that of distributions, and both with
/// what a kernel that checks RCU adds. Where two fit, the first of the list does.
const DEFAULTS: [i64; 4] = [21, 60, 26, 65];

/// The timeout of syzbot's kernels, which have 100 jiffies a second, with what checking RCU adds.
const SYZBOT: (i64, i64) = (105, 100);

/// A tick rate, and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hz {
    /// Jiffies in a second.
    pub rate: u32,
    /// How it is known.
    pub from: &'static str,
}

impl Hz {
    /// It was read or measured, not guessed.
    #[must_use]
    pub fn known(&self) -> bool {
        self.from != GUESS
    }
}

const GUESS: &str = "guessed from the default timeout";

/// The rate nearest to `measured`, if it is near.
fn snap(measured: f64, from: &'static str) -> Option<Hz> {
    RATES
        .into_iter()
        .find(|&rate| (measured / f64::from(rate) - 1.0).abs() < 0.012)
        .map(|rate| Hz { rate, from })
}

/// Reads it out of a boot message, or of rcutorture's.
#[must_use]
pub fn boot(text: &str) -> Option<Hz> {
    static LPJ: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\d+\.\d+) BogoMIPS \(lpj=(\d+)\)").expect("a constant pattern")
    });
    static JIFFIES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"clocksource: jiffies: .*max_idle_ns: (\d+) ns").expect("a constant pattern")
    });
    if let Some((_, rate)) = text.split_once(" (HZ=") {
        let rate: f64 = rate.split(')').next()?.parse().ok()?;
        return snap(rate, "from rcutorture");
    }
    if !text.contains("BogoMIPS") && !text.contains("clocksource: jiffies") {
        return None;
    }
    if let Some(found) = LPJ.captures(text) {
        let (bogomips, lpj): (f64, f64) = (found[1].parse().ok()?, found[2].parse().ok()?);
        return snap(bogomips * 500_000.0 / lpj, "from BogoMIPS");
    }
    let idle: f64 = JIFFIES.captures(text)?[1].parse().ok()?;
    // The kernel's own arithmetic: what 32 bits of jiffies last, less a safety margin.
    snap(1.911_260_446_275e18 / idle, "from the jiffies clocksource")
}

/// Measures it between two reports of one stall.
#[must_use]
pub fn between(jiffies: i64, seconds: f64) -> Option<Hz> {
    if jiffies < 500 || seconds < 2.0 {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rate needs no more than 52 bits"
    )]
    snap(
        jiffies as f64 / seconds,
        "from the time between two reports",
    )
}

/// Takes it from the CPU time table, which spans half the timeout at a first report.
#[must_use]
pub fn table(elapsed: i64, period_ms: u64) -> Option<Hz> {
    if period_ms < 1000 {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rate needs no more than 52 bits"
    )]
    snap(
        elapsed as f64 * 500.0 / period_ms as f64,
        "from the CPU time table",
    )
}

/// Guesses it from a first report, which comes at a default timeout.
#[must_use]
pub fn guess(elapsed: i64) -> Option<Hz> {
    let usual = DEFAULTS
        .into_iter()
        .flat_map(|timeout| USUAL.map(|rate| (timeout, rate)));
    due(usual.chain([SYZBOT]), elapsed, 50)
}

/// The same of a machine whose kernels have 100 jiffies a second, as s390's do.
#[must_use]
pub fn guess_slow(elapsed: i64) -> Option<Hz> {
    due(
        DEFAULTS.map(|timeout| (timeout, 100)).into_iter(),
        elapsed,
        50,
    )
}

/// The same of an expedited report, which comes a little later.
#[must_use]
pub fn guess_expedited(elapsed: i64) -> Option<Hz> {
    let usual = [21, 26]
        .into_iter()
        .flat_map(|timeout| [100, 250, 1000].map(|rate| (timeout, rate)));
    due(usual, elapsed, 25)
}

/// The rate at which the first of these timeouts is over, and for no more than its `part`.
fn due(timeouts: impl Iterator<Item = (i64, i64)>, elapsed: i64, part: i64) -> Option<Hz> {
    let mut timeouts = timeouts;
    let (_, rate) = timeouts.find(|(timeout, rate)| {
        let due = timeout * rate;
        (due..=due + due / part).contains(&elapsed)
    })?;
    Some(Hz {
        rate: u32::try_from(rate).ok()?,
        from: GUESS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_boot_messages() {
        let rate = |text| boot(text).map(|hz| hz.rate);
        assert_eq!(
            rate(
                "Calibrating delay loop (skipped), value calculated using timer frequency.. 5599.85 BogoMIPS (lpj=2799927)"
            ),
            Some(1000)
        );
        assert_eq!(
            rate(
                "clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 7645041785100000 ns"
            ),
            Some(250)
        );
        assert_eq!(
            rate(
                "clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 19112604462750000 ns"
            ),
            Some(100)
        );
        assert_eq!(
            rate("onoff: 45/45:56/57 28,827 (HZ=1000) barrier: 808"),
            Some(1000)
        );
    }

    #[test]
    fn measures_and_guesses() {
        assert_eq!(
            between(63241 - 42141, 21.105_673).map(|hz| hz.rate),
            Some(1000)
        );
        assert_eq!(table(10500, 52490).map(|hz| hz.rate), Some(100));
        assert_eq!(guess(5252).map(|hz| hz.rate), Some(250));
        assert_eq!(guess(15002).map(|hz| hz.rate), Some(250));
        assert_eq!(guess(12345), None);
        // Kernels that check RCU wait for 5 s more; syzbot's wait for 100 s.
        assert_eq!(guess(6502).map(|hz| hz.rate), Some(250));
        assert_eq!(guess(26000).map(|hz| hz.rate), Some(1000));
        assert_eq!(guess(65002).map(|hz| hz.rate), Some(1000));
        assert_eq!(guess(10502).map(|hz| hz.rate), Some(100));
        assert_eq!(guess_slow(6502).map(|hz| hz.rate), Some(100));
        assert_eq!(guess_expedited(2684).map(|hz| hz.rate), Some(100));
        assert_eq!(guess_expedited(6368), None);
    }
}
