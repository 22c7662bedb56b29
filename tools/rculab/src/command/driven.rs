// SPDX-License-Identifier: GPL-2.0

//! Scenarios that a module cannot bring about: the host or a program in the guest does.

use std::{path::PathBuf, process::Command, thread, time::Duration};

use anyhow::Context;

use crate::{
    channel::SlowReader,
    cli,
    command::{
        prepare, report_end, run_dir,
        stall::{self, SHORTEST_TIMEOUT, extra_delay, jiffies_a_second},
        words::KernelWords,
    },
    console,
    exit::{Exit, failure},
    guest::{self, End, Watch},
    initramfs::Job,
    kernel::module_files,
    monitor::Monitor,
    place::Place,
    qemu::Accel,
    term,
};

/// How long the host stops a guest.
const STOPPED: Duration = Duration::from_secs(8);

/// How long a guest may take.
const DEADLINE: Duration = Duration::from_secs(180);

/// A scenario that the lab drives.
pub struct Driven {
    pub name: &'static str,
    pub what: &'static str,
    script: &'static str,
    /// Variables for the script.
    env: &'static [(&'static str, &'static str)],
    /// Programs that the guest needs beside busybox.
    programs: &'static [&'static str],
    /// What the kernel prints: `a|b + c`, or nothing.
    pub expected: Option<&'static str>,
    /// Whether the module's account has to say the same.
    account: bool,
    /// Whether the console loses characters, so that the account alone counts.
    torn: bool,
    /// Words for the kernel's command line.
    append: &'static [&'static str],
    /// The machine, if it has to be this one.
    accel: Option<Accel>,
    /// Whether it is about wall time, which an instruction clock does not know.
    wall: bool,
    /// What the host does to the guest when the script asks for it.
    hand: Hand,
}

impl Driven {
    /// What most have in common.
    const COMMON: Self = Self {
        name: "",
        what: "",
        script: "",
        env: &[],
        programs: &[],
        expected: None,
        account: true,
        torn: false,
        append: &[],
        accel: None,
        wall: false,
        hand: Hand::Off,
    };
}

/// What the host does to a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    /// Nothing.
    Off,
    /// Stops it by QEMU's monitor: its clock stands still.
    Pause,
    /// Stops the QEMU process: its clock goes on.
    Freeze,
    /// Reads its console slowly until the account has come.
    ReadSlowly,
    /// Sends it an NMI.
    Nmi,
}

pub static ALL: [Driven; 9] = [
    Driven {
        name: "vm-pause",
        what: "the monitor stops the machine for 8 s, inside a reader of 2 s",
        script: include_str!("../../guest/driven/vm_stopped.sh"),
        env: &[("STOPPED", "8")],
        hand: Hand::Pause,
        ..Driven::COMMON
    },
    Driven {
        name: "vm-freeze",
        what: "the QEMU process is stopped for 8 s, inside a reader of 2 s",
        script: include_str!("../../guest/driven/vm_stopped.sh"),
        env: &[("STOPPED", "8")],
        // The reader's time is up as soon as the guest goes on: whether it, or its CPU, still has to
        // be waited for is chance, and the account of a reader knows nothing else.
        expected: Some("self-detected|detected"),
        account: false,
        wall: true,
        hand: Hand::Freeze,
        ..Driven::COMMON
    },
    Driven {
        name: "user-loop",
        what: "a process computes for ever",
        script: include_str!("../../guest/driven/user_loop.sh"),
        ..Driven::COMMON
    },
    Driven {
        name: "taprio-interval",
        what: "the real TAPRIO qdisc, with intervals shorter than its handler",
        script: include_str!("../../guest/driven/taprio.sh"),
        env: &[("INTERVAL", "48"), ("STEP", "")],
        programs: &["/usr/sbin/tc", "/usr/sbin/ip"],
        expected: Some("self-detected|detected"),
        // It does not end: there is no account, and it must not take the interrupts of the results'
        // port with it.
        append: &["irqaffinity=0"],
        account: false,
        ..Driven::COMMON
    },
    Driven {
        name: "taprio-clock-step",
        what: "the real TAPRIO qdisc, sane intervals, and the clock is set forward by half an hour",
        script: include_str!("../../guest/driven/taprio.sh"),
        env: &[("INTERVAL", "100000"), ("STEP", "1800")],
        programs: &["/usr/sbin/tc", "/usr/sbin/ip"],
        expected: Some("self-detected|detected"),
        ..Driven::COMMON
    },
    Driven {
        name: "slow-console",
        what: "warnings printed with preemption off, to a console that is read slowly",
        script: include_str!("../../guest/driven/slow_console.sh"),
        expected: Some("self-detected|detected"),
        torn: true,
        wall: true,
        hand: Hand::ReadSlowly,
        ..Driven::COMMON
    },
    Driven {
        name: "slow-machine",
        what: "work with preemption off, on a processor half as fast as the one it was tuned on",
        script: include_str!("../../guest/driven/work.sh"),
        expected: Some("self-detected|detected"),
        accel: Some(Accel::Slow),
        ..Driven::COMMON
    },
    Driven {
        name: "fast-machine",
        what: "the same work, on the processor that it was tuned on",
        script: include_str!("../../guest/driven/work.sh"),
        accel: Some(Accel::Warp),
        ..Driven::COMMON
    },
    Driven {
        name: "cpu-dead",
        what: "a CPU halts with interrupts off, until the monitor sends an NMI",
        script: include_str!("../../guest/driven/cpu_dead.sh"),
        expected: Some("detected"),
        append: &["apic_extnmi=all"],
        hand: Hand::Nmi,
        ..Driven::COMMON
    },
];

pub fn find(name: &str) -> Option<&'static Driven> {
    ALL.iter().find(|driven| driven.name == name)
}

/// Listens to the guest, and does what its script asks of the host.
struct Hands {
    driven: &'static Driven,
    words: KernelWords,
    /// What the module thinks came of it.
    verdict: String,
    monitor: Option<Monitor>,
    reader: SlowReader,
    over: bool,
    trouble: Option<anyhow::Error>,
}

impl Hands {
    fn act(&mut self) -> anyhow::Result<()> {
        let monitor = self.monitor.as_mut().context("the guest has no monitor")?;
        match self.driven.hand {
            Hand::Off => {}
            Hand::Pause => {
                monitor.pause()?;
                thread::sleep(STOPPED);
                monitor.go_on()?;
            }
            Hand::Freeze => {
                signal(monitor.pid(), "STOP")?;
                thread::sleep(STOPPED);
                signal(monitor.pid(), "CONT")?;
            }
            Hand::ReadSlowly => self.reader.set(true),
            Hand::Nmi => monitor.inject_nmi()?,
        }
        Ok(())
    }

    /// Whether the kernel did what it should, by its console and by the module's account.
    fn judge(&self, stalled: bool) -> (bool, String) {
        if !self.over {
            return (false, "the guest did not come to the end of it".to_owned());
        }
        let silent = "the kernel stayed silent, as it should".to_owned();
        let (good, words, verdict) = match self.driven.expected {
            None if stalled => {
                let words = "the kernel was to stay silent, and did not".to_owned();
                (false, words, "")
            }
            None => (true, silent, "silent as expected"),
            Some(expected) => match self.words.missing(expected) {
                Some(_) if self.driven.torn => {
                    let words = format!("the module heard what was expected: `{expected}`");
                    (true, words, "as expected")
                }
                None => {
                    let words = format!("the kernel printed what was expected: `{expected}`");
                    (true, words, "as expected")
                }
                Some(kinds) => (false, format!("the kernel did not print `{kinds}`"), ""),
            },
        };
        if good && self.driven.account && self.verdict != verdict {
            let words = format!("{words}; but the module's verdict is `{}`", self.verdict);
            return (false, words);
        }
        (good, words)
    }
}

fn signal(pid: u32, name: &str) -> anyhow::Result<()> {
    let status = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status()?;
    anyhow::ensure!(status.success(), "QEMU cannot be sent SIG{name}");
    Ok(())
}

impl Watch for Hands {
    fn started(&mut self, monitor: Monitor, reader: SlowReader) {
        self.monitor = Some(monitor);
        self.reader = reader;
    }

    fn console(&mut self, line: &str) {
        if self.words.hear(line) {
            self.over = true;
        }
        if console::text(line).starts_with("rculab: host: ") {
            self.trouble = self.act().err();
        }
    }

    fn result(&mut self, line: &str) -> Option<Duration> {
        if let Some(verdict) = line.strip_prefix("verdict") {
            verdict.trim().clone_into(&mut self.verdict);
            self.reader.set(false);
        }
        term::guest(line);
        None
    }
}

/// A scenario that the lab drives is what it is.
fn takes(driven: &Driven, args: &cli::Stall) -> Result<(), String> {
    let name = driven.name;
    if let Some(first) = stall::words(args).nth(1) {
        return Err(format!(
            "the lab drives {name}: it takes no keys and runs alone, without `{first}`"
        ));
    }
    if driven.wall && args.warp {
        return Err(format!(
            "{name} is about wall time, which an instruction clock does not know: leave out WARP"
        ));
    }
    Ok(())
}

pub fn run(place: &Place, args: &cli::Stall, driven: &'static Driven) -> anyhow::Result<Exit> {
    takes(driven, args).map_err(|words| failure(Exit::Usage, words))?;
    let (mut guest, modules) = prepare(place, &args.place, args.warp)?;
    guest.deadline = DEADLINE;
    guest.monitor = true;
    guest
        .append
        .extend(driven.append.iter().map(|word| (*word).to_owned()));
    if let Some(accel) = driven.accel {
        term::step(&format!("{} runs on {}", driven.name, accel.name()));
        guest.accel = accel;
    }
    let mut job = Job::script(driven.script)
        .load(module_files(&modules, &["stall_torture"]))
        .env("SCENARIO", driven.name)
        .env("TIMEOUT", SHORTEST_TIMEOUT)
        .env("EXTRA_DELAY", extra_delay(&guest.kernel))
        .env("HZ", jiffies_a_second(&guest.kernel));
    for (name, value) in driven.env {
        job = job.env(name, value);
    }
    job.programs = driven.programs.iter().map(PathBuf::from).collect();
    let dir = run_dir(place, &format!("stall-{}", driven.name), &guest)?;
    let mut hands = Hands {
        driven,
        words: KernelWords::default(),
        verdict: String::new(),
        monitor: None,
        reader: SlowReader::default(),
        over: false,
        trouble: None,
    };
    let end = guest::run(&guest, &job, &dir, &mut hands)?;
    if let Some(trouble) = hands.trouble {
        return Err(trouble);
    }
    report_end(&end, &dir);
    if end != End::Exited(0) {
        return Ok(end.exit());
    }
    let meaning = hands.words.meaning();
    if let Some(meaning) = &meaning {
        term::note(meaning);
    }
    let (good, words) = hands.judge(meaning.is_some());
    term::verdict(good, &format!("{}: {words}", driven.name));
    Ok(if good { Exit::Pass } else { Exit::TestFailed })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn refused(words: &[&str]) -> Option<String> {
        let line = [&["rculab", "stall"], words].concat();
        let args = match cli::Cli::try_parse_from(line).map(|cli| cli.command) {
            Ok(cli::Command::Lab(cli::Lab::Stall(args))) => args,
            other => panic!("{other:?}"),
        };
        let driven = stall::words(&args).next().and_then(find);
        takes(driven.expect("the lab drives it"), &args).err()
    }

    #[test]
    fn keys_and_company_are_refused() {
        assert_eq!(refused(&["vm-pause"]), None);
        for words in [
            &["vm-pause", "--param", "secs=5"][..],
            &["vm-pause secs=5"],
            &["vm-pause + reader"],
        ] {
            let why = refused(words).expect("more than a name");
            let word = words[words.len() - 1].trim_start_matches("vm-pause ");
            let first = word.split(' ').next().expect("a word");
            assert!(why.contains(&format!("`{first}`")), "{why}");
        }
    }

    #[test]
    fn what_takes_wall_time_is_not_warped() {
        assert_eq!(refused(&["vm-pause", "--warp"]), None);
        for name in ["vm-freeze", "slow-console"] {
            assert_eq!(refused(&[name]), None);
            assert!(refused(&[name, "--warp"]).is_some_and(|why| why.contains("WARP")));
        }
    }
}
