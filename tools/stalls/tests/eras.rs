// SPDX-License-Identifier: GPL-2.0

//! Reports made from the format strings of each era, through every transport.
//!
//! What is printed is chosen at random, and must be read back: the fields, whatever carried the
//! lines, however the stream is cut into chunks.

use std::collections::BTreeMap;

use proptest::prelude::*;
use stalls::{Episode, Kind, Scanner};

/// One way to print, after the kernels that printed so.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Era {
    /// 2.6.32: no flavour.
    Nameless,
    /// 2.6.36 to 3.2: one line.
    State,
    /// 3.3 to 3.8, CONFIG_RCU_CPU_STALL_INFO=n.
    Braces,
    /// 3.3 to 3.9, CONFIG_RCU_CPU_STALL_INFO=y: no flags, two numbers.
    Info,
    /// 4.1 to 4.15: three flags, c=.
    ThreeFlags,
    /// 4.16 to 5.17: four flags, `rcu: `.
    FourFlags,
    /// 5.18 to 7.2.
    Ncpus,
}

const ERAS: [Era; 7] = [
    Era::Nameless,
    Era::State,
    Era::Braces,
    Era::Info,
    Era::ThreeFlags,
    Era::FourFlags,
    Era::Ncpus,
];

#[derive(Clone, Debug)]
struct Stall {
    era: Era,
    by: Option<u32>,
    cpus: Vec<(u32, u64, bool)>,
    tasks: Vec<u32>,
    elapsed: i64,
    gp: i64,
    callbacks: u64,
    ncpus: u32,
    starved: Option<i64>,
    timer: Option<i64>,
    seven_three: bool,
}

impl Stall {
    fn flavor(&self) -> &'static str {
        match self.era {
            Era::Nameless => "RCU",
            Era::State => "rcu_sched_state",
            Era::Braces | Era::Info => "rcu_bh",
            Era::ThreeFlags => "rcu_sched",
            Era::FourFlags | Era::Ncpus => "rcu_preempt",
        }
    }

    /// The lines that the kernel prints.
    fn lines(&self) -> Vec<String> {
        let Self {
            elapsed,
            gp,
            callbacks,
            ncpus,
            ..
        } = self;
        let flavor = self.flavor();
        let words = |words: Vec<String>| words.concat();
        let list = words(
            self.cpus
                .iter()
                .map(|(cpu, ..)| format!(" {cpu}"))
                .collect(),
        );
        let pids = words(self.tasks.iter().map(|pid| format!(" P{pid}")).collect());
        let first = self.cpus.first().map_or(0, |(cpu, ..)| *cpu);
        let rcu = if matches!(self.era, Era::FourFlags | Era::Ncpus) {
            "rcu: "
        } else {
            ""
        };
        let mut lines = Vec::new();
        match (self.era, self.by) {
            (Era::Nameless, None) => {
                return vec![format!(
                    "INFO: RCU detected CPU {first} stall (t={elapsed} jiffies)"
                )];
            }
            (Era::Nameless, Some(by)) => {
                return vec![format!(
                    "INFO: RCU detected CPU stalls:{list} (detected by {by}, t={elapsed} jiffies)"
                )];
            }
            (Era::State, None) => {
                return vec![format!(
                    "INFO: {flavor} detected stall on CPU {first} (t={elapsed} jiffies)"
                )];
            }
            (Era::State, Some(by)) => {
                return vec![format!(
                    "INFO: {flavor} detected stalls on CPUs/tasks: {{{list}{pids}}} (detected by {by}, t={elapsed} jiffies)"
                )];
            }
            (Era::Braces, None) => {
                return vec![format!(
                    "INFO: {flavor} self-detected stall on CPU {{ {first}}}  (t={elapsed} jiffies g={gp} c={} q={callbacks})",
                    gp - 1
                )];
            }
            (Era::Braces, Some(by)) => {
                return vec![format!(
                    "INFO: {flavor} detected stalls on CPUs/tasks: {{{list}{pids}}} (detected by {by}, t={elapsed} jiffies, g={gp}, c={}, q={callbacks})",
                    gp - 1
                )];
            }
            (_, None) => lines.push(format!("{rcu}INFO: {flavor} self-detected stall on CPU")),
            (_, Some(_)) => lines.push(format!(
                "{rcu}INFO: {flavor} detected stalls on CPUs/tasks:"
            )),
        }
        for (cpu, value, behind) in &self.cpus {
            let title = if *behind {
                "GPs behind"
            } else {
                "ticks this GP"
            };
            lines.push(match self.era {
                Era::Info => format!("\t{cpu}: ({value} {title}) idle=94b/140000000000001/0 drain=0 . timer not pending"),
                Era::ThreeFlags => format!("\t{cpu}-...: ({value} {title}) idle=94b/140000000000001/0 softirq=10/12 fqs=5249 last_accelerate: 1234/5678, nonlazy_posted: 0, .."),
                Era::FourFlags => format!("rcu: \t{cpu}-....: ({value} {title}) idle=9d2/1/0x4000000000000002 softirq=10/12 fqs=2 (false positive?)"),
                _ => format!("rcu: \t{cpu}-...0: ({value} {title}) idle=04cc/1/0x4000000000000000 softirq=38/44 fqs=2579 rcuc=3328 jiffies(starved)"),
            });
        }
        if !self.tasks.is_empty() {
            lines.push(format!(
                "{rcu}\tTasks blocked on level-0 rcu_node (CPUs 0-15):{pids}"
            ));
        }
        let ncpus = if self.era == Era::Ncpus {
            format!(" ncpus={ncpus}")
        } else {
            String::new()
        };
        lines.push(match (self.era, self.by) {
            (Era::Info, None) => format!("\t (t={elapsed} jiffies)"),
            (Era::Info, Some(by)) => format!("\t(detected by {by}, t={elapsed} jiffies)"),
            (Era::ThreeFlags, None) => {
                format!("\t (t={elapsed} jiffies g={gp} c={} q={callbacks})", gp - 1)
            }
            (Era::ThreeFlags, Some(by)) => format!(
                "\t(detected by {by}, t={elapsed} jiffies, g={gp}, c={}, q={callbacks})",
                gp - 1
            ),
            (_, None) => format!("{rcu}\t(t={elapsed} jiffies g={gp} q={callbacks}{ncpus})"),
            (_, Some(by)) => format!(
                "{rcu}\t(detected by {by}, t={elapsed} jiffies, g={gp}, q={callbacks}{ncpus})"
            ),
        });
        if let (Some(jiffies), Era::FourFlags | Era::Ncpus) = (self.timer, self.era) {
            let state = if self.seven_three { "I" } else { "0x402" };
            lines.push(format!("rcu: {flavor} kthread timer wakeup didn't happen for {jiffies} jiffies! g{gp} f0x0 RCU_GP_WAIT_FQS(5) ->state={state}"));
            lines.push("rcu: \tPossible timer handling issue on cpu=0 timer-softirq=2124".into());
        }
        if let (Some(jiffies), Era::ThreeFlags | Era::FourFlags | Era::Ncpus) =
            (self.starved, self.era)
        {
            let state = if self.seven_three { "R" } else { "0x0" };
            let c = if self.era == Era::ThreeFlags {
                format!(" c{}", gp - 1)
            } else {
                String::new()
            };
            lines.push(format!("{rcu}{flavor} kthread starved for {jiffies} jiffies! g{gp}{c} f0x0 RCU_GP_WAIT_FQS(5) ->state={state} ->cpu=0"));
        }
        lines
    }

    fn check(&self, episode: &Episode) {
        let tells = !matches!(self.era, Era::Nameless | Era::State);
        let numbered = tells && self.era != Era::Info;
        let lines = !matches!(self.era, Era::Nameless | Era::State | Era::Braces);
        let values = |behind| {
            let cpus = self
                .cpus
                .iter()
                .filter(move |(.., known)| lines && *known == behind);
            cpus.map(|(cpu, value, _)| (*cpu, *value))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(episode.flavor, self.flavor());
        assert_eq!(
            episode.kind,
            if self.by.is_some() {
                Kind::Detected
            } else {
                Kind::SelfDetected
            }
        );
        assert_eq!(episode.detected_by, self.by.map(i64::from));
        assert_eq!(
            episode.stalled_cpus,
            self.cpus.iter().map(|(cpu, ..)| *cpu).collect::<Vec<_>>()
        );
        assert_eq!(
            episode.stalled_tasks,
            if self.era == Era::Nameless {
                vec![]
            } else {
                self.tasks.clone()
            }
        );
        assert_eq!(episode.elapsed_jiffies, Some(self.elapsed));
        assert_eq!(episode.gp_seq, numbered.then_some(self.gp));
        assert_eq!(episode.callbacks_queued, numbered.then_some(self.callbacks));
        assert_eq!(
            episode.ncpus,
            (self.era == Era::Ncpus).then_some(self.ncpus)
        );
        assert_eq!(episode.ticks_this_gp, values(false));
        assert_eq!(episode.gps_behind, values(true));
        let late = matches!(self.era, Era::FourFlags | Era::Ncpus);
        assert_eq!(episode.timer_wakeup_jiffies, self.timer.filter(|_| late));
        assert_eq!(
            episode.kthread_starved_jiffies,
            self.starved.filter(|_| late || self.era == Era::ThreeFlags)
        );
        assert!(!episode.truncated);
    }
}

fn stall() -> impl Strategy<Value = Stall> {
    let cpus = prop::collection::btree_map(0..5000_u32, (0..100_000_u64, any::<bool>()), 1..4);
    let tasks = prop::collection::btree_set(1..100_000_u32, 0..4);
    let times = (
        prop::option::of(0..5000_u32),
        750..1_000_000_i64,
        -1200..1_000_000_i64,
        0..1_000_000_u64,
    );
    let kthread = (
        prop::option::of(2000..1_000_000_i64),
        prop::option::of(2000..1_000_000_i64),
        any::<bool>(),
    );
    (
        prop::sample::select(&ERAS[..]),
        times,
        cpus,
        tasks,
        1..4096_u32,
        kthread,
    )
        .prop_map(
            |(
                era,
                (by, elapsed, gp, callbacks),
                cpus,
                tasks,
                ncpus,
                (starved, timer, seven_three),
            )| {
                let mut cpus: Vec<_> = cpus
                    .into_iter()
                    .map(|(cpu, (value, behind))| (cpu, value, behind))
                    .collect();
                let mut tasks: Vec<_> = tasks.into_iter().collect();
                if by.is_none() {
                    // A CPU that reports itself reports nothing else.
                    cpus.truncate(1);
                    tasks.clear();
                }
                Stall {
                    era,
                    by,
                    cpus,
                    tasks,
                    elapsed,
                    gp,
                    callbacks,
                    ncpus,
                    starved,
                    timer,
                    seven_three,
                }
            },
        )
}

/// What carries a line.
#[derive(Clone, Copy, Debug)]
enum Transport {
    Raw,
    Time,
    Caller,
    Level,
    Human,
    Syslog,
    SyslogEscaped,
    Journal,
    Iso,
    Json,
    Kmsg,
    Mail,
    MailDeep,
    Html,
    Colour,
    Crlf,
    Logcat,
    Compose,
    Continuous,
}

const TRANSPORTS: [Transport; 19] = [
    Transport::Raw,
    Transport::Time,
    Transport::Caller,
    Transport::Level,
    Transport::Human,
    Transport::Syslog,
    Transport::SyslogEscaped,
    Transport::Journal,
    Transport::Iso,
    Transport::Json,
    Transport::Kmsg,
    Transport::Mail,
    Transport::MailDeep,
    Transport::Html,
    Transport::Colour,
    Transport::Crlf,
    Transport::Logcat,
    Transport::Compose,
    Transport::Continuous,
];

impl Transport {
    fn carry(self, line: &str) -> String {
        match self {
            Self::Raw => line.to_owned(),
            Self::Time => format!("[ 4192.186591] {line}"),
            Self::Caller => format!("[ 4192.186591][   C16] {line}"),
            Self::Level => format!("<3>[ 4192.186591] {line}"),
            Self::Human => format!("[Tue Jan  2 03:04:05 2024] {line}"),
            Self::Syslog => format!("Nov  4 19:39:04 box kernel: [ 4192.186591] {line}"),
            Self::SyslogEscaped => format!("Nov  4 19:39:04 box kernel: {}", line.replace('\t', "#011")),
            Self::Journal => format!("Nov 24 19:39:04 box kernel: {line}"),
            Self::Iso => format!("2024-01-02T03:04:05.678901+01:00 box kernel: {line}"),
            Self::Json => serde_json::json!({"MESSAGE": line, "_HOSTNAME": "box", "_SOURCE_MONOTONIC_TIMESTAMP": "4192186591"}).to_string(),
            Self::Kmsg => format!("3,1234,4192186591,-;{}", line.replace('\t', "\\x09")),
            Self::Mail => format!("> {line}"),
            Self::MailDeep => format!(">> > > [ 4192.186591] {line}"),
            Self::Html => {
                let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                format!("[ 4192.186591] {}<br>", line.replace('\'', "&#39;"))
            }
            Self::Colour => format!("\x1b[1;31m[ 4192.186591] {line}\x1b[0m"),
            Self::Crlf => format!("[ 4192.186591] {line}\r"),
            Self::Logcat => format!("01-02 03:04:05.678     0     0 E kernel  : [ 4192.186591] {line}"),
            Self::Compose => format!("guest-3  | [ 4192.186591] {line}"),
            Self::Continuous => format!("2024-01-02T03:04:05.6789012Z [ 4192.186591] {line}"),
        }
    }
}

fn log(stall: &Stall, transport: Transport) -> String {
    let noise = "usb 1-1: new high-speed USB device number 2 using xhci_hcd";
    let mut text = format!("{}\n", transport.carry(noise));
    for line in stall.lines() {
        text.push_str(&transport.carry(&line));
        text.push('\n');
    }
    text.push_str(&transport.carry(noise));
    text.push('\n');
    text
}

/// The real logs, to be damaged.
fn corpus() -> Vec<Vec<u8>> {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let mut logs = Vec::new();
    for part in ["given", "lab", "real"] {
        for entry in std::fs::read_dir(top.join(part)).expect("a readable directory") {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|extension| extension == "log") {
                logs.push(std::fs::read(path).expect("readable"));
            }
        }
    }
    logs
}

fn read(text: &[u8]) -> Vec<Episode> {
    stalls::explain(text).expect("reading memory does not fail")
}

/// Reads `text` in pieces of the given lengths.
fn read_pieces(text: &[u8], lengths: &[usize]) -> Vec<Episode> {
    let (mut scanner, mut episodes, mut at) = (Scanner::new(), Vec::new(), 0);
    for length in lengths.iter().cycle() {
        if at >= text.len() {
            break;
        }
        let end = text.len().min(at + length);
        episodes.extend(scanner.feed(&text[at..end]));
        at = end;
    }
    episodes.extend(scanner.finish());
    episodes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_a_kernel_prints_is_read_back(stall in stall(), transport in prop::sample::select(&TRANSPORTS[..])) {
        let text = log(&stall, transport);
        let episodes = read(text.as_bytes());
        prop_assert_eq!(episodes.len(), 1, "{}", text);
        prop_assert_eq!(episodes[0].line, 2);
        stall.check(&episodes[0]);
    }

    #[test]
    fn chunks_do_not_matter(
        one in stall(), other in stall(),
        transport in prop::sample::select(&TRANSPORTS[..]),
        lengths in prop::collection::vec(1..90_usize, 1..8),
    ) {
        let text = log(&one, transport) + &log(&other, Transport::Time);
        prop_assert_eq!(read(text.as_bytes()), read_pieces(text.as_bytes(), &lengths));
    }

    #[test]
    fn a_cut_log_does_no_harm(stall in stall(), transport in prop::sample::select(&TRANSPORTS[..]), part in 0.0..1.0_f64) {
        let text = log(&stall, transport);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let cut = (text.len() as f64 * part) as usize;
        prop_assert!(read(&text.as_bytes()[..cut]).len() <= 1);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..4096), lengths in prop::collection::vec(1..200_usize, 1..5)) {
        prop_assert_eq!(read(&bytes), read_pieces(&bytes, &lengths));
    }

    #[test]
    fn a_damaged_log_does_no_harm(
        log in prop::sample::select(corpus()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..40),
        lengths in prop::collection::vec(1..500_usize, 1..5),
    ) {
        let mut bytes = log;
        for (place, byte, how) in damage {
            if bytes.is_empty() { break; }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        prop_assert_eq!(read(&bytes), read_pieces(&bytes, &lengths));
    }

    #[test]
    fn lines_in_any_order_are_read(one in stall(), other in stall(), order in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let mut lines: Vec<String> = one.lines().into_iter().chain(other.lines()).map(|line| Transport::Time.carry(&line)).collect();
        let turn = order.index(lines.len());
        lines.rotate_left(turn);
        if seed % 2 == 0 { lines.reverse(); }
        let text = lines.join("\n");
        let headers = lines.iter().filter(|line| line.contains("INFO: ")).count();
        prop_assert_eq!(read(text.as_bytes()).len(), headers);
    }

    #[test]
    fn two_machines_in_one_log_are_kept_apart(one in stall(), other in stall()) {
        let mut text = String::new();
        let (a, b) = (one.lines(), other.lines());
        for at in 0..a.len().max(b.len()) {
            for (host, lines) in [("alpha", &a), ("beta", &b)] {
                if let Some(line) = lines.get(at) {
                    text.push_str(&format!("Nov  4 19:39:04 {host} kernel: {line}\n"));
                }
            }
        }
        let episodes = read(text.as_bytes());
        prop_assert_eq!(episodes.len(), 2, "{}", text);
        one.check(&episodes[0]);
        other.check(&episodes[1]);
    }
}
