// SPDX-License-Identifier: GPL-2.0

//! The module's files, and the one run at a time that they start, show and stop.

use crate::{
    conductor::{
        conduct,
        Place, //
    },
    report::{
        Account,
        Json,
        Table, //
    },
    scenarios,
    stall::Stall,
    trigger::{
        Limits,
        Request, //
    }, //
};
use kernel::{
    cpu::{
        nr_cpu_ids,
        CpuId, //
    },
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Release, //
        },
        Arc,
        Mutex, //
    },
    uaccess::UserSliceReader, //
};
use wrappers::{
    control::{
        not_supported,
        LastError, //
    },
    cpu::{
        cpus_read_lock,
        has_hypervisor, //
    },
    debugfs::ScopedDir,
    kthread::KThread, //
};

/// What the module's parameters say.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) max_secs: u64,
    pub(crate) allow_bare_metal: bool,
}

/// A run.
struct Run {
    stall: Arc<Stall>,
    over: Atomic<bool>,
}

/// The newest run, and the kthread that conducts it.
#[derive(Default)]
struct Runs {
    // Dropped first: that stops the run and waits for it.
    conductor: Option<KThread>,
    newest: Option<Arc<Run>>,
}

impl Runs {
    fn running(&self) -> Option<&Run> {
        self.newest.as_deref().filter(|run| !run.over.load(Acquire))
    }
}

/// The newest accounts.
#[pin_data]
struct History {
    #[pin]
    accounts: Mutex<KVec<Account>>,
}

impl History {
    const MAX: usize = 64;

    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            accounts <- new_mutex!(KVec::new(), "History::accounts"),
        })
    }

    fn add(&self, account: Account) {
        let mut accounts = self.accounts.lock();
        if accounts.len() == Self::MAX {
            // There is an oldest one.
            let _ = accounts.remove(0);
        }
        if accounts.push(account, GFP_KERNEL).is_err() {
            pr_err!("no memory for the account of a run\n");
        }
    }
}

/// What the files work on.
#[pin_data]
pub(crate) struct Torture {
    settings: Settings,
    #[pin]
    runs: Mutex<Runs>,
    history: Arc<History>,
    #[pin]
    last_error: LastError,
}

impl Torture {
    pub(crate) fn new(settings: Settings) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            settings,
            runs <- new_mutex!(Runs::default(), "Torture::runs"),
            history: Arc::pin_init(History::new(), GFP_KERNEL)?,
            last_error <- LastError::new("stall_torture"),
        })
    }

    /// Makes the files.
    pub(crate) fn files<'data>(&'data self, dir: &ScopedDir<'data>) {
        dir.read_callback_file(c"scenarios", self, &Self::show_scenarios);
        dir.write_only_callback_file(c"trigger", self, &Self::trigger);
        dir.read_callback_file(c"status", self, &Self::show_status);
        dir.read_callback_file(c"report", self, &Self::show_report);
        dir.read_callback_file(c"report.json", self, &Self::show_json);
        dir.write_only_callback_file(c"abort", self, &Self::abort);
        dir.read_callback_file(c"last_error", &self.last_error, &|error, f| {
            core::fmt::Display::fmt(error, f)
        });
    }

    fn limits(&self) -> Limits {
        Limits {
            cpus: nr_cpu_ids(),
            max_secs: self.settings.max_secs,
        }
    }

    /// How long a stall lasts that no one has set a length for: long enough to be reported.
    fn default_secs(&self, request: &Request) -> u64 {
        let timeout = (request.scenario.timeout)(request).as_millis() as u64;
        (timeout.div_ceil(1000) + 5).min(self.settings.max_secs)
    }

    fn show_scenarios(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!(
            "every scenario: cpu=0-{} (the last one online) secs=1-{} (5 more than the timeout)\n\
             repeat=1-{} (1) holdoff=0-{} (s: 0)\n\n",
            nr_cpu_ids() - 1,
            self.settings.max_secs,
            Request::MAX_REPEAT,
            Request::MAX_HOLDOFF
        ))?;
        f.write_fmt(fmt!(
            "{:<20} {:>4}  {:<58} {}\n",
            "name",
            "cpus",
            "does",
            "expected"
        ))?;
        for scenario in scenarios::ALL {
            let plain = Request::plain(scenario);
            f.write_fmt(fmt!(
                "{:<20} {:>4}  {:<58} {}\n",
                scenario.name,
                (scenario.min_cpus)(&plain),
                scenario.what,
                scenario.expected(&plain)
            ))?;
            for param in scenario.params {
                let (name, values, default) = (param.name, param.values, param.default);
                f.write_fmt(fmt!("{:<27}{name}={values} ({default})\n", ""))?;
            }
            for need in scenario.needs {
                f.write_fmt(fmt!("{:<27}needs {need}\n", ""))?;
            }
        }
        Ok(())
    }

    fn show_status(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.runs.lock().running() {
            Some(run) => f.write_fmt(fmt!("running {}\n", run.stall.request())),
            None => f.write_fmt(fmt!("idle\n")),
        }
    }

    fn show_report(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.history.accounts.lock().last() {
            Some(account) => f.write_fmt(fmt!("{}", Table(account))),
            None => f.write_fmt(fmt!("no run is over yet\n")),
        }
    }

    fn show_json(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.history.accounts.lock();
        accounts
            .iter()
            .try_for_each(|account| f.write_fmt(fmt!("{}", Json(account))))
    }

    fn trigger(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            let request = Request::parse(line, &self.limits())
                .map_err(|problem| self.refuse(EINVAL, fmt!("trigger: {problem}")))?;
            if !has_hypervisor() && !self.settings.allow_bare_metal {
                return Err(self.refuse(
                    EPERM,
                    fmt!(
                        "trigger: this is no virtual machine: load the module with \
                         allow_bare_metal=1"
                    ),
                ));
            }
            if let Some(need) = request.scenario.needs.iter().find(|need| need.is_unmet()) {
                let name = request.scenario.name;
                return Err(self.refuse(not_supported(), fmt!("trigger: {name} needs {need}")));
            }
            let place = self.place(&request)?;
            self.start(request, place)
        })
    }

    fn abort(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            if line != "1" {
                return Err(self.refuse(EINVAL, fmt!("abort: expected 1")));
            }
            if let Some(run) = self.runs.lock().running() {
                run.stall.stop();
            }
            Ok(())
        })
    }

    fn refuse(&self, error: Error, why: fmt::Arguments<'_>) -> Error {
        self.last_error.note(error, why)
    }

    /// Chooses the victim, and a CPU for the conductor.
    fn place(&self, request: &Request) -> Result<Place> {
        let cpus = cpus_read_lock();
        let online = cpus.online().count();
        let scenario = request.scenario;
        let min_cpus = (scenario.min_cpus)(request);
        if online < min_cpus {
            return Err(self.refuse(
                EINVAL,
                fmt!(
                    "trigger: {} needs {} CPUs online, not {online}: on the only one the kthread \
                     of grace periods is stuck too, and nobody reports",
                    scenario.name,
                    min_cpus
                ),
            ));
        }

        let victim = match request.cpu {
            Some(cpu) => u32::try_from(cpu)
                .ok()
                .and_then(CpuId::from_u32)
                .filter(|cpu| cpus.is_online(*cpu))
                .ok_or_else(|| self.refuse(EINVAL, fmt!("trigger: cpu={cpu} is offline")))?,
            None => cpus.online().next_back().ok_or(ENODEV)?,
        };
        let conductor = cpus.online().find(|cpu| *cpu != victim);
        Ok(Place { victim, conductor })
    }

    fn start(&self, mut request: Request, place: Place) -> Result {
        let mut runs = self.runs.lock();
        if let Some(run) = runs.running() {
            let other = run.stall.request();
            return Err(self.refuse(EBUSY, fmt!("trigger: busy with {other}: abort it or wait")));
        }

        // From here on the request says all that it leaves open.
        let default = self.default_secs(&request);
        let secs = *request.secs.get_or_insert(default);
        request.cpu = Some(u64::from(place.victim.as_u32()));

        let run = Arc::new(
            Run {
                stall: Arc::pin_init(Stall::new(request, secs), GFP_KERNEL)?,
                over: Atomic::new(false),
            },
            GFP_KERNEL,
        )?;
        let conductor = KThread::spawn(c"stall_conductor", place.conductor, {
            let (run, history) = (run.clone(), self.history.clone());
            move |this| {
                conduct(&run.stall, place, this, |account| history.add(account));
                // Pairs with the load in `running`: who sees this sees the accounts.
                run.over.store(true, Release);
            }
        })?;

        runs.conductor = Some(conductor);
        runs.newest = Some(run);
        Ok(())
    }
}
