// SPDX-License-Identifier: GPL-2.0

//! Ctrl-C, SIGTERM and SIGHUP: the guests are stopped first, then we go.

use std::{
    io::{IsTerminal, stdin},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::Sender,
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::guest::Event;

/// Where signals are delivered.
static GUESTS: Mutex<Guests> = Mutex::new(Guests {
    running: Vec::new(),
    caught: None,
});

struct Guests {
    /// Of each guest that runs, by a number of its own.
    running: Vec<(u64, Sender<Event>)>,
    /// What ends every guest that starts after it, too.
    caught: Option<i32>,
}

fn guests() -> MutexGuard<'static, Guests> {
    GUESTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From here on signals go to the running guests, or end the program when none runs.
pub fn watch() -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot catch signals")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let mut guests = guests();
            if guests.running.is_empty() {
                std::process::exit(128 + signal);
            }
            guests.caught = Some(signal);
            for (_, events) in &guests.running {
                // Who does not listen any more is at its end.
                let _ = events.send(Event::Signal(signal));
            }
        }
    });
    Ok(())
}

/// The signal that ended the guests, if one did.
pub fn caught() -> Option<i32> {
    guests().caught
}

/// Has the end of our terminal count as SIGHUP. The kernel tells only the leader of the session, and
/// who that is need not tell us: make does not.
pub fn watch_terminal(events: Sender<Event>) {
    thread::spawn(move || {
        while stdin().is_terminal() {
            thread::sleep(Duration::from_secs(1));
        }
        // Who does not listen any more is at its end.
        let _ = events.send(Event::Signal(SIGHUP));
    });
}

/// While this value lives, signals are events of a guest.
pub struct Delivery(u64);

impl Delivery {
    pub fn to(events: Sender<Event>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut guests = guests();
        if let Some(signal) = guests.caught {
            let _ = events.send(Event::Signal(signal));
        }
        guests.running.push((number, events));
        Self(number)
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        guests().running.retain(|(number, _)| *number != self.0);
    }
}
