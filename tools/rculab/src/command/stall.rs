// SPDX-License-Identifier: GPL-2.0

//! `rculab stall`: one scenario, the kernel's words on it, and a verdict.

use std::{fs, time::Duration};

use crate::{
    cli,
    command::{driven, prepare, report_end, run_dir, stall_all::BOOT_WORDS, words::KernelWords},
    exit::{Exit, failure},
    guest::{self, End, Watch},
    initramfs::Job,
    kernel::{Kernel, module_files},
    place::Place,
    term,
};

/// The smallest stall timeout that the kernel takes, in seconds.
pub const SHORTEST_TIMEOUT: u32 = 3;

/// The seconds that PROVE_RCU adds to any timeout.
const PROVE_RCU_DELAY: u32 = 5;

/// The key that has the guest panic when it stalls.
const PANIC: &str = "panic=1";

/// How the guest says that nothing was provoked, and why.
pub const REFUSED: &str = "@refused ";

/// How many jiffies this kernel counts in a second.
pub fn jiffies_a_second(kernel: &Kernel) -> u32 {
    let config = fs::read_to_string(kernel.config()).unwrap_or_default();
    let hz = |line: &str| line.strip_prefix("CONFIG_HZ=")?.parse().ok();
    // What the kernel itself takes where nothing is said.
    config.lines().find_map(hz).unwrap_or(250)
}

/// Seconds that this kernel adds to its stall timeout.
pub fn extra_delay(kernel: &Kernel) -> u32 {
    let config = fs::read_to_string(kernel.config()).unwrap_or_default();
    let proves = config.lines().any(|line| line == "CONFIG_PROVE_RCU=y");
    if proves { PROVE_RCU_DELAY } else { 0 }
}

/// What the module's report says of one stall.
struct Account {
    /// What it expected: kinds of lines, such as `a|b + c`.
    expected: String,
    /// What it thinks came of it.
    verdict: String,
}

impl Account {
    /// Its verdict on a stall that the kernel had to report, and did.
    const REPORTED: &str = "as expected";

    /// Its verdict on one that the kernel had to keep silent on, and did.
    const SILENT: &str = "silent as expected";

    fn is_good(&self) -> bool {
        matches!(self.verdict.as_str(), Self::REPORTED | Self::SILENT)
    }
}

#[derive(Default)]
struct Listener {
    words: KernelWords,
    /// Of several at once there is an account each.
    accounts: Vec<Account>,
    /// Why nothing was provoked.
    refused: Option<String>,
}

impl Watch for Listener {
    fn console(&mut self, line: &str) {
        self.words.hear(line);
    }

    fn result(&mut self, line: &str) -> Option<Duration> {
        if let Some(why) = line.strip_prefix(REFUSED) {
            self.refused = Some(why.to_owned());
            return None;
        }
        if let Some(expected) = line.strip_prefix("expected ") {
            self.accounts.push(Account {
                expected: expected.trim().to_owned(),
                verdict: String::new(),
            });
        } else if let (Some(verdict), Some(account)) =
            (line.strip_prefix("verdict "), self.accounts.last_mut())
        {
            verdict.trim().clone_into(&mut account.verdict);
        }
        term::guest(line);
        None
    }
}

pub fn stall(place: &Place, args: &cli::Stall) -> anyhow::Result<Exit> {
    if let Some(driven) = words(args).next().and_then(driven::find) {
        return driven::run(place, args, driven);
    }
    let (mut guest, modules) = prepare(place, &args.place, args.warp)?;
    guest.deadline = deadline(args, extra_delay(&guest.kernel));
    let timeout = if args.warp {
        String::new()
    } else {
        SHORTEST_TIMEOUT.to_string()
    };
    guest
        .append
        .extend(BOOT_WORDS.iter().map(|word| (*word).to_owned()));
    let job = Job::script(include_str!("../../guest/stall.sh"))
        .load(module_files(&modules, &["stall_torture"]))
        .env("SCENARIO", &args.scenario)
        .env("PARAMS", args.params.join(" "))
        .env("TIMEOUT", timeout)
        .env("EXTRA_DELAY", extra_delay(&guest.kernel))
        .env("HZ", jiffies_a_second(&guest.kernel));
    let first = args.scenario.split(' ').next().unwrap_or_default();
    let dir = run_dir(place, &format!("stall-{first}"), &guest)?;
    let mut listener = Listener::default();
    let end = guest::run(&guest, &job, &dir, &mut listener)?;
    let panics = words(args).any(|word| word == PANIC);
    match end {
        End::Panicked(line) if panics => return Ok(panicked(&listener, &line)),
        End::Exited(0) if panics => {
            term::verdict(false, "the guest was to panic, and did not");
            return Ok(Exit::TestFailed);
        }
        End::Exited(0) => {}
        end => {
            if let Some(why) = &listener.refused {
                return Err(refused(why));
            }
            report_end(&end, &dir);
            return Ok(end.exit());
        }
    }
    if let Some(meaning) = listener.words.meaning() {
        term::note(&meaning);
    }
    let (seen, verdict) = listener.verdict();
    term::verdict(seen, &format!("{}: {verdict}", args.scenario));
    Ok(if seen { Exit::Pass } else { Exit::TestFailed })
}

/// Nothing was provoked: the module did not take the request, or a knob not its value.
pub fn refused(why: &str) -> anyhow::Error {
    match why.strip_prefix("trigger: ") {
        Some(why) => {
            let words = format!("the module refuses: {why} (all scenarios and keys: make list)");
            failure(Exit::Usage, words)
        }
        None => failure(Exit::TestFailed, format!("nothing was provoked: {why}")),
    }
}

/// Judges a guest that was to panic when it stalls.
fn panicked(listener: &Listener, line: &str) -> Exit {
    let good = line.contains("RCU Stall") && listener.words.meaning().is_some();
    let words = if good {
        "the guest stalled, and panicked as it was told to"
    } else {
        "the guest panicked of something else"
    };
    term::verdict(good, &format!("{words}: {line}"));
    if good { Exit::Pass } else { Exit::Panicked }
}

impl Listener {
    /// Whether the kernel did what it should, by the module's account and by our own ears.
    fn verdict(&self) -> (bool, String) {
        if self.accounts.is_empty() {
            return (false, "the module gave no account".to_owned());
        }
        if let Some(bad) = self.accounts.iter().find(|account| !account.is_good()) {
            let Account { expected, verdict } = bad;
            return (
                false,
                format!("expected `{expected}`; the module's verdict: {verdict}"),
            );
        }
        let reported: Vec<&str> = self
            .accounts
            .iter()
            .filter(|account| account.verdict == Account::REPORTED)
            .map(|account| account.expected.as_str())
            .collect();
        if reported.is_empty() {
            return if self.words.meaning().is_none() {
                (true, "the kernel stayed silent, as it should".to_owned())
            } else {
                (
                    false,
                    "the module heard nothing, the console has a stall".to_owned(),
                )
            };
        }
        let expected = reported.join(" + ");
        match self.words.missing(&expected) {
            None => (
                true,
                format!("the kernel printed what was expected: `{expected}`"),
            ),
            Some(kinds) => (
                false,
                format!("the module heard `{kinds}`, the console has no such line"),
            ),
        }
    }
}

/// The scenario and its keys, which may be said with it or apart.
pub fn words(args: &cli::Stall) -> impl Iterator<Item = &str> {
    let apart = args.params.iter().map(String::as_str);
    args.scenario.split_whitespace().chain(apart)
}

/// Time for the longest of the stalls, and as much again for a slow host.
fn deadline(args: &cli::Stall, extra: u32) -> Duration {
    let secs = words(args)
        .filter_map(|word| word.strip_prefix("secs=")?.parse::<u64>().ok())
        .max();
    let stall = secs.unwrap_or(60).min(3600) + u64::from(extra);
    Duration::from_secs(60 + 2 * stall)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// What comes of these accounts, `(expected, verdict)`, and of these lines between the marks.
    fn judged(accounts: &[(&str, &str)], console: &[&str]) -> bool {
        let mut listener = Listener::default();
        listener.console("[    1.000000] rculab: begin x");
        for line in console {
            listener.console(line);
        }
        listener.console("[    9.000000] rculab: end x");
        listener.console("[    9.000001] rcu: INFO: rcu_preempt self-detected stall on CPU");
        for (expected, verdict) in accounts {
            listener.result(&format!("expected             {expected}"));
            listener.result(&format!("verdict              {verdict}"));
        }
        listener.verdict().0
    }

    fn heard(expected: &str, verdict: &str, console: &[&str]) -> bool {
        judged(&[(expected, verdict)], console)
    }

    #[test]
    fn both_witnesses_must_agree() {
        let detected = ["[    4.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"];
        assert!(heard("detected", "as expected", &detected));
        assert!(heard("self-detected|detected", "as expected", &detected));
        assert!(!heard("detected + all-seen", "as expected", &detected));
        assert!(heard("silence", "silent as expected", &[]));
        assert!(!heard("detected", "as expected", &[]));
        assert!(!heard("self-detected", "as expected", &detected));
        assert!(!heard("detected", "missing", &[]));
        assert!(!heard("silence", "silent as expected", &detected));
        assert!(!heard("detected", "", &detected));
    }

    #[test]
    fn of_several_at_once_all_must_be_good() {
        let detected = ["[    4.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"];
        let (good, missing) = (("detected", "as expected"), ("detected", "missing"));
        // Too short to be reported, beside one that is not.
        let short = ("tasks-blocked", "silent as expected");

        assert!(judged(&[good, good], &detected));
        assert!(judged(&[good, short], &detected));
        assert!(judged(&[short, good], &detected));
        assert!(judged(&[short, short], &[]));

        assert!(!judged(&[], &detected));
        assert!(!judged(&[missing, good], &detected));
        assert!(!judged(&[good, missing], &detected));
        assert!(!judged(&[short, missing], &[]));
        assert!(!judged(&[missing, short], &[]));
        assert!(!judged(&[good, short, missing], &detected));

        assert!(!judged(&[short, good], &[]));
        assert!(!judged(&[good, short], &[]));
        assert!(!judged(&[good, ("all-seen", "as expected")], &detected));
        assert!(!judged(&[short, short], &detected));
    }

    #[test]
    fn the_longest_of_several_has_its_time() {
        let secs = |words: &[&str]| {
            let line = [&["rculab", "stall"], words].concat();
            match cli::Cli::try_parse_from(line).map(|cli| cli.command) {
                Ok(cli::Command::Lab(cli::Lab::Stall(args))) => deadline(&args, 5).as_secs(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(secs(&["reader"]), 60 + 2 * 65);
        assert_eq!(secs(&["reader", "--param", "secs=100"]), 60 + 2 * 105);
        assert_eq!(secs(&["reader secs=100"]), 60 + 2 * 105);
        assert_eq!(
            secs(&["reader cpu=1 secs=100 + irqs-off", "--param", "secs=5"]),
            60 + 2 * 105
        );
    }
}
