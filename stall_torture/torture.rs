// SPDX-License-Identifier: GPL-2.0

//! The module's files, and the one run at a time that they start, show and stop.

use crate::{
    conductor::conduct,
    history::History,
    place::{
        self,
        Place, //
    },
    problem::Problem,
    scenario::{
        cpus_for,
        expected_among,
        expected_of,
        ExpectedWords, //
    },
    scenarios,
    stall::{
        Part,
        Stall, //
    },
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

/// A run: one stall, or several at once.
struct Run {
    stalls: KVec<Arc<Stall>>,
    over: Atomic<bool>,
}

/// The run as one would write it.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, stall) in self.stalls.iter().enumerate() {
            let plus = if index > 0 { " + " } else { "" };
            f.write_fmt(fmt!("{plus}{}", stall.request()))?;
        }
        Ok(())
    }
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
        let history = &*self.history;
        dir.read_callback_file(c"report", history, &History::show_last);
        dir.read_callback_file(c"report.json", history, &History::show_json);
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
             repeat=1-{} (1) holdoff=0-{} (s: 0)\n\
             several at once, on different CPUs: a line 'one cpu=1 + other cpu=2'\n\n",
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
                cpus_for(&plain),
                scenario.what,
                ExpectedWords(expected_of(&plain))
            ))?;
            for param in scenario.params {
                let (name, values, default) = (param.name, param.values, param.default);
                f.write_fmt(fmt!("{:<27}{name}={values} ({default})\n", ""))?;
            }
            if (scenario.beside)(&plain) {
                f.write_fmt(fmt!("{:<27}beside others\n", ""))?;
            }
            for need in scenario.needs {
                f.write_fmt(fmt!("{:<27}needs {need}\n", ""))?;
            }
        }
        Ok(())
    }

    fn show_status(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.runs.lock().running() {
            Some(run) => f.write_fmt(fmt!("running {run}\n")),
            None => f.write_fmt(fmt!("idle\n")),
        }
    }

    fn trigger(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            let problem =
                |problem: Problem<'_>| self.refuse(problem.error(), fmt!("trigger: {problem}"));
            let mut requests = Request::parse_all(line, &self.limits()).map_err(problem)?;
            if !has_hypervisor() && !self.settings.allow_bare_metal {
                return Err(self.refuse(
                    EPERM,
                    fmt!(
                        "trigger: this is no virtual machine: load the module with \
                         allow_bare_metal=1"
                    ),
                ));
            }
            let needs = |request: &Request| {
                let need = request.scenario.needs.iter().find(|need| need.is_unmet())?;
                Some((request.scenario.name, need))
            };
            if let Some((name, need)) = requests.iter().find_map(needs) {
                return Err(self.refuse(not_supported(), fmt!("trigger: {name} needs {need}")));
            }
            let conductor = place::choose(&mut requests, &cpus_read_lock()).map_err(problem)?;
            self.start(&mut requests, conductor)
        })
    }

    fn abort(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            if line != "1" {
                return Err(self.refuse(EINVAL, fmt!("abort: expected 1")));
            }
            if let Some(run) = self.runs.lock().running() {
                run.stalls.iter().for_each(|stall| stall.stop());
            }
            Ok(())
        })
    }

    fn refuse(&self, error: Error, why: fmt::Arguments<'_>) -> Error {
        self.last_error.note(error, why)
    }

    fn start(&self, requests: &mut [Request], conductor: Option<CpuId>) -> Result {
        let mut runs = self.runs.lock();
        if let Some(run) = runs.running() {
            return Err(self.refuse(EBUSY, fmt!("trigger: busy with {run}: abort it or wait")));
        }

        // From here on the requests say all that they leave open.
        for request in requests.iter_mut() {
            let default = self.default_secs(request);
            request.secs.get_or_insert(default);
        }
        let mut stalls = KVec::with_capacity(requests.len(), GFP_KERNEL)?;
        for (index, request) in requests.iter().enumerate() {
            let part = Part {
                number: index + 1,
                of: requests.len(),
            };
            let stall = Stall::new(
                *request,
                Place::of(request, conductor)?,
                part,
                expected_among(requests, request),
            );
            stalls.push(Arc::pin_init(stall, GFP_KERNEL)?, GFP_KERNEL)?;
        }
        let run = Run {
            stalls,
            over: Atomic::new(false),
        };
        let run = Arc::new(run, GFP_KERNEL)?;
        let thread = KThread::spawn(c"stall_conductor", conductor, {
            let (run, history) = (run.clone(), self.history.clone());
            move |this| {
                conduct(&run.stalls, this, |account| history.add(account));
                // Pairs with the load in `running`: who sees this sees the accounts.
                run.over.store(true, Release);
            }
        })?;

        runs.conductor = Some(thread);
        runs.newest = Some(run);
        Ok(())
    }
}
