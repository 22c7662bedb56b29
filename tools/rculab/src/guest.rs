// SPDX-License-Identifier: GPL-2.0

//! One guest, from start to end: boots it, listens to it, and says how it ended.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;

use crate::{
    channel::{self, SlowReader},
    console::{self, Alarm},
    exit::Exit,
    initramfs::Job,
    kernel::Kernel,
    monitor::Monitor,
    qemu::{self, Accel, Machine},
    rundir::RunDir,
    signals::{self, Delivery},
    term,
};

/// How long a guest that has nothing left to do may take to vanish.
const LAST_BREATH: Duration = Duration::from_secs(10);

/// How often a guest may boot that dies of code which is no longer there.
///
/// A kernel replaces its code with the other CPUs running: a breakpoint first, the rest, then the first
/// byte. With a thread of TCG for each CPU, one of them may still execute the breakpoint when the kernel
/// no longer knows of it. That is rare, QEMU's fault, and says nothing of the job.
const BOOTS: u32 = 3;

/// A kernel parameter: modules load without running their KUnit suites, which takes seconds.
pub const NO_KUNIT: &str = "kunit.enable=0";

/// A guest to be run.
#[derive(Clone, Debug)]
pub struct Guest {
    pub kernel: Kernel,
    pub accel: Accel,
    pub cpus: u32,
    /// More words for the kernel's command line.
    pub append: Vec<String>,
    /// Time from start to the first sign of init.
    pub up_limit: Duration,
    /// Time from there to the end of the job.
    pub deadline: Duration,
    /// The job's channel is the terminal that we run in.
    pub terminal: bool,
    /// Whether the watcher is given QEMU's monitor.
    pub monitor: bool,
}

impl Guest {
    pub fn new(kernel: &Kernel, accel: Accel) -> Self {
        Self {
            kernel: kernel.clone(),
            accel,
            cpus: 2,
            append: Vec::new(),
            up_limit: Duration::from_secs(kernel.up_limit()),
            deadline: Duration::from_secs(300),
            terminal: false,
            monitor: false,
        }
    }
}

/// What a guest, or the world around it, did.
#[derive(Debug)]
pub enum Event {
    Console(String),
    Result(String),
    /// A channel is closed: QEMU is gone or going.
    Closed,
    Signal(i32),
}

/// Listens to a guest.
pub trait Watch {
    /// QEMU runs, and these are its monitor, if the guest was to have one, and who reads its
    /// console.
    fn started(&mut self, _monitor: Monitor, _reader: SlowReader) {}

    /// A line of the kernel's console.
    fn console(&mut self, _line: &str) {}

    /// A line of the job's output; the answer, if any, is a new deadline from now on.
    fn result(&mut self, _line: &str) -> Option<Duration> {
        None
    }
}

/// Listens to nothing: the files of the run directory are enough.
pub struct Deaf;

impl Watch for Deaf {}

/// How a guest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The job ran to its end, with this exit status.
    Exited(i32),
    Panicked(String),
    /// It panicked as it booted, on a breakpoint in its code that is no longer there.
    StaleCode(String),
    Deadline(Duration),
    NeverUp(String),
    ModuleFailed(String),
    QemuFailed(String),
    Signal(i32),
}

impl End {
    pub fn exit(&self) -> Exit {
        match self {
            End::Exited(0) => Exit::Pass,
            End::Exited(_) => Exit::TestFailed,
            End::Panicked(_) | End::StaleCode(_) => Exit::Panicked,
            End::Deadline(_) => Exit::Deadline,
            End::NeverUp(_) => Exit::NeverUp,
            End::ModuleFailed(_) => Exit::ModuleFailed,
            End::QemuFailed(_) => Exit::NoQemu,
            End::Signal(signal) => Exit::Signal(*signal),
        }
    }

    /// One line for a person.
    pub fn words(&self) -> String {
        match self {
            End::Exited(0) => "the guest's job passed".to_owned(),
            End::Exited(status) => format!("the guest's job failed with status {status}"),
            End::Panicked(line) | End::StaleCode(line) => {
                format!("the guest kernel panicked: {line}")
            }
            End::Deadline(limit) => format!(
                "the guest was not done after its {} s, and was ended",
                limit.as_secs()
            ),
            End::NeverUp(why) => format!("the guest never came up: {why}"),
            End::ModuleFailed(words) => format!("a module did not load: {words}"),
            End::QemuFailed(words) => format!("QEMU: {words}"),
            End::Signal(signal) => format!("interrupted by signal {signal}"),
        }
    }
}

/// Runs the job in the guest. All that is heard lands in the run directory.
pub fn run(guest: &Guest, job: &Job, dir: &RunDir, watch: &mut dyn Watch) -> anyhow::Result<End> {
    let mut end = boot(guest, job, dir, watch)?;
    for again in 1..BOOTS {
        if guest.accel != Accel::Tcg || !matches!(end, End::StaleCode(_)) {
            break;
        }
        let kept = format!("console-{again}.log");
        let _ = fs::rename(dir.file("console.log"), dir.file(&kept));
        term::step(&format!(
            "QEMU executed code that the booting kernel had replaced (see {kept}): it boots again"
        ));
        end = boot(guest, job, dir, watch)?;
    }
    dir.write(
        "verdict",
        format!("{} {}\n", end.exit().code(), end.words()),
    )?;
    Ok(end)
}

fn boot(guest: &Guest, job: &Job, dir: &RunDir, watch: &mut dyn Watch) -> anyhow::Result<End> {
    dir.write("verdict", "the run did not come to its end\n")?;
    // A link is enough: the cache keeps the kernel as long as it is in use.
    let _ = std::os::unix::fs::symlink(guest.kernel.config(), dir.file("config"));
    let initramfs = dir.file("initramfs.cpio");
    job.pack(&initramfs)?;

    let sockets = Sockets::bind()?;
    let machine = Machine {
        guest,
        image: guest.kernel.image(),
        initramfs,
        console: sockets.path("console"),
        results: (!guest.terminal).then(|| sockets.path("results")),
        monitor: guest.monitor.then(|| sockets.path("monitor")),
    };
    let command = machine.command();
    dir.write("cmdline", machine.kernel_command_line() + "\n")?;
    dir.write("qemu-cmdline", qemu::shell_text(&command) + "\n")?;

    let (events, inbox) = mpsc::channel();
    let delivery = Delivery::to(events.clone());
    if guest.terminal {
        signals::watch_terminal(events.clone());
    }
    let mut qemu = match Qemu::start(command, dir, guest.terminal) {
        Ok(qemu) => qemu,
        Err(e) => return Ok(End::QemuFailed(format!("cannot be started: {e}"))),
    };
    let mut limit = guest.up_limit;
    let mut until = Instant::now() + limit;
    let channels: &[(&str, channel::Kind)] = if guest.terminal {
        &[("console", Event::Console)]
    } else {
        &[("console", Event::Console), ("results", Event::Result)]
    };
    let slow = SlowReader::default();
    let mut streams = Vec::new();
    while streams.len() < channels.len() {
        if let Some(stream) = sockets.accept(channels[streams.len()].0)? {
            streams.push(stream);
        } else if let Ok(Event::Signal(signal)) = inbox.recv_timeout(Duration::from_millis(5)) {
            return Ok(End::Signal(signal));
        } else if qemu.wait(Duration::ZERO).is_some() {
            return Ok(died(dir));
        } else if Instant::now() > until {
            return Ok(End::NeverUp("QEMU hangs before it has begun".to_owned()));
        }
    }
    for (stream, (name, kind)) in streams.into_iter().zip(channels) {
        let log = dir.file(&format!("{name}.log"));
        let log = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let reader = match *name {
            "console" => slow.clone(),
            _ => SlowReader::default(),
        };
        channel::listen(stream, log, *kind, events.clone(), reader);
    }

    if guest.monitor {
        let monitor = Monitor::connect(&sockets.path("monitor"), qemu.0.id())?;
        watch.started(monitor, slow);
    }

    let mut hearing = Hearing::default();
    let mut order = Order::default();
    let mut open = channels.len();
    let end = loop {
        let left = until.saturating_duration_since(Instant::now());
        let was_up = hearing.up;
        match inbox.recv_timeout(left) {
            Ok(Event::Console(line)) => {
                hearing.console(&line);
                watch.console(&line);
                order.console(&line);
            }
            Ok(Event::Result(line)) => {
                if !hearing.control(&line) {
                    order.result(line);
                }
            }
            Ok(Event::Closed) => {
                open -= 1;
                if open == 0 {
                    break None;
                }
            }
            Ok(Event::Signal(signal)) => break Some(End::Signal(signal)),
            Err(RecvTimeoutError::Timeout) if hearing.up => break Some(End::Deadline(limit)),
            Err(RecvTimeoutError::Timeout) => {
                break Some(End::NeverUp(format!(
                    "no word from init within {} s; {}",
                    limit.as_secs(),
                    hearing.last_line()
                )));
            }
            Err(RecvTimeoutError::Disconnected) => break None,
        }
        while let Some(line) = order.next() {
            if let Some(new) = watch.result(&line) {
                limit = new;
                until = Instant::now() + limit;
            }
        }
        if hearing.up && !was_up {
            limit = guest.deadline;
            until = Instant::now() + limit;
        }
    };
    for line in order.rest() {
        watch.result(&line);
    }
    let status = match end {
        None => qemu.wait(LAST_BREATH),
        Some(_) => None,
    };
    drop(qemu);
    drop(delivery);
    Ok(end.unwrap_or_else(|| hearing.end(guest, status, dir)))
}

/// What the guest said that decides how its run is judged.
#[derive(Default)]
struct Hearing {
    up: bool,
    exited: Option<i32>,
    module_failed: Option<String>,
    panicked: Option<String>,
    /// Before it was up it met a breakpoint that it knew nothing of.
    stale_code: bool,
    last: String,
}

impl Hearing {
    fn console(&mut self, line: &str) {
        if console::alarm(line) == Some(Alarm::Panic) && self.panicked.is_none() {
            self.panicked = Some(console::text(line).to_owned());
        }
        self.stale_code |= !self.up && console::text(line).starts_with("Oops: int3: ");
        if let Some(words) = console::text(line).strip_prefix("rculab: ") {
            self.control(words);
        }
        if !line.is_empty() {
            self.last = line.to_owned();
        }
    }

    fn last_line(&self) -> String {
        match self.last.as_str() {
            "" => "the kernel printed nothing".to_owned(),
            line => format!("the last line was `{line}`"),
        }
    }

    /// A line for us, not for the watcher?
    fn control(&mut self, line: &str) -> bool {
        let Some(words) = line.strip_prefix('@') else {
            return false;
        };
        let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
        match word {
            "up" => self.up = true,
            "exit" => self.exited = rest.parse().ok(),
            "module-failed" => self.module_failed = Some(rest.to_owned()),
            _ => return false,
        }
        true
    }

    /// QEMU is gone: what was it?
    fn end(self, guest: &Guest, status: Option<i32>, dir: &RunDir) -> End {
        if let Some(line) = self.panicked {
            return match self.stale_code && !self.up {
                true => End::StaleCode(line),
                false => End::Panicked(line),
            };
        }
        if let Some(words) = self.module_failed {
            return End::ModuleFailed(words);
        }
        match (self.exited, status) {
            (Some(status), _) => End::Exited(status),
            (None, Some(0)) if guest.terminal => End::Exited(0),
            (None, Some(0)) if !self.up => {
                End::NeverUp("it reset or powered off before init said a word".to_owned())
            }
            (None, Some(0)) => {
                End::QemuFailed("ended without a word of the guest: it reset".to_owned())
            }
            (None, _) => died(dir),
        }
    }
}

/// The job's lines, put in order with the console's. The two channels know nothing of each other, so
/// the job says `@after MARK` when it has left a mark in the kernel's log: what it says next waits until
/// the console has brought the mark.
#[derive(Default)]
struct Order {
    /// The marks that the console has brought, and no `@after` has named.
    marks: Vec<String>,
    /// What the job has said, and nobody has heard.
    lines: VecDeque<String>,
}

impl Order {
    const AFTER: &str = "@after ";

    fn console(&mut self, line: &str) {
        if let Some(mark) = console::text(line).strip_prefix("rculab: ") {
            self.marks.push(mark.to_owned());
        }
    }

    fn result(&mut self, line: String) {
        self.lines.push_back(line);
    }

    /// The next line whose turn it is.
    fn next(&mut self) -> Option<String> {
        while let Some(mark) = self.lines.front()?.strip_prefix(Self::AFTER) {
            let heard = self.marks.iter().position(|heard| heard == mark)?;
            self.marks.drain(..=heard);
            self.lines.pop_front();
        }
        self.lines.pop_front()
    }

    /// What is left when the console has no more to say.
    fn rest(self) -> impl Iterator<Item = String> {
        let lines = self.lines.into_iter();
        lines.filter(|line| !line.starts_with(Self::AFTER))
    }
}

/// The two sockets that QEMU connects its serial ports to.
///
/// They lie in a directory with a short name: the name of a socket has 107 bytes at most.
struct Sockets {
    dir: PathBuf,
    listeners: Vec<(&'static str, UnixListener)>,
}

impl Sockets {
    fn bind() -> anyhow::Result<Self> {
        let dir = (0..)
            .map(|n| std::env::temp_dir().join(format!("rculab-{}-{n}", std::process::id())))
            .find_map(|dir| match fs::create_dir(&dir) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => None,
                made => Some(made.map(|()| dir)),
            })
            .context("no directory for the sockets")?
            .context("cannot make a directory for the sockets")?;
        let mut sockets = Self {
            dir,
            listeners: Vec::new(),
        };
        for name in ["console", "results"] {
            let listener = UnixListener::bind(sockets.path(name))?;
            listener.set_nonblocking(true)?;
            sockets.listeners.push((name, listener));
        }
        Ok(sockets)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// QEMU's connection, if it is there already.
    fn accept(&self, name: &str) -> anyhow::Result<Option<UnixStream>> {
        let listener = self.listeners.iter().find(|(known, _)| *known == name);
        let (_, listener) = listener.context("no such socket")?;
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                Ok(Some(stream))
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(e).context("cannot listen to QEMU"),
        }
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        // Nobody needs them any more; at worst an empty directory stays in /tmp.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A running QEMU; it never outlives this value.
struct Qemu(Child);

impl Qemu {
    fn start(mut command: Command, dir: &RunDir, terminal: bool) -> io::Result<Self> {
        if !terminal {
            command.stdin(Stdio::null()).stdout(Stdio::null());
        }
        let stderr = File::create(dir.file("qemu-stderr.log"))?;
        command.stderr(stderr).spawn().map(Self)
    }

    /// The exit code, if it ends within the limit; a death by signal counts as -1.
    fn wait(&mut self, limit: Duration) -> Option<i32> {
        let until = Instant::now() + limit;
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status.code().unwrap_or(-1)),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                _ => return None,
            }
        }
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn died(dir: &RunDir) -> End {
    End::QemuFailed(last_words(dir).unwrap_or_else(|| "died without a word".to_owned()))
}

/// What QEMU itself complained of.
pub fn last_words(dir: &RunDir) -> Option<String> {
    let stderr = fs::read(dir.file("qemu-stderr.log")).unwrap_or_default();
    let stderr = String::from_utf8_lossy(&stderr);
    let line = stderr.lines().find(|line| !line.trim().is_empty())?;
    // It begins with QEMU's name, which the reader knows.
    Some(line.trim_start_matches("qemu-system-x86_64: ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(order: &mut Order) -> Vec<String> {
        std::iter::from_fn(|| order.next()).collect()
    }

    #[test]
    fn a_job_is_heard_after_its_mark() {
        let mut order = Order::default();
        for line in ["provoked", "@after end x", "a table", "of two lines"] {
            order.result(line.to_owned());
        }
        assert_eq!(heard(&mut order), ["provoked"]);
        order.console("[    1.000000] rculab: begin x");
        order.console("[    2.000000] rcu: INFO: rcu_preempt self-detected stall on CPU");
        assert!(heard(&mut order).is_empty());
        order.console("[    3.000000] rculab: end x");
        assert_eq!(heard(&mut order), ["a table", "of two lines"]);
    }

    #[test]
    fn a_mark_that_came_before_is_not_waited_for() {
        let mut order = Order::default();
        order.console("[    3.000000] rculab: end x");
        order.result("@after end x".to_owned());
        order.result("a table".to_owned());
        assert_eq!(heard(&mut order), ["a table"]);
        // It is gone now: the next run of the same has a mark of its own.
        order.result("@after end x".to_owned());
        order.result("another".to_owned());
        assert!(heard(&mut order).is_empty());
    }

    #[test]
    fn what_waits_for_a_mark_that_never_comes_is_heard_at_last() {
        let mut order = Order::default();
        for line in ["@after end x", "a table"] {
            order.result(line.to_owned());
        }
        assert!(heard(&mut order).is_empty());
        assert_eq!(order.rest().collect::<Vec<_>>(), ["a table"]);
    }
}
