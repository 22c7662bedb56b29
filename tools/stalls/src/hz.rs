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

/// Reads it out of a boot message.
#[must_use]
pub fn boot(text: &str) -> Option<Hz> {
    static LPJ: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\d+\.\d+) BogoMIPS \(lpj=(\d+)\)").expect("a constant pattern")
    });
    static JIFFIES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"clocksource: jiffies: .*max_idle_ns: (\d+) ns").expect("a constant pattern")
    });
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

/// Guesses it from a first report, which comes at the default timeout: 21 s, or 60 s.
#[must_use]
pub fn guess(elapsed: i64) -> Option<Hz> {
    [21, 60].into_iter().find_map(|timeout| {
        let rate = USUAL.into_iter().find(|rate| {
            let due = timeout * rate;
            (due..=due + due / 50).contains(&elapsed)
        })?;
        Some(Hz {
            rate: u32::try_from(rate).ok()?,
            from: GUESS,
        })
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
    }
}
