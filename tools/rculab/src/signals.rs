// SPDX-License-Identifier: GPL-2.0

//! Ctrl-C, SIGTERM and SIGHUP: the guest is stopped first, then we go.

use std::{
    sync::{Mutex, PoisonError, mpsc::Sender},
    thread,
};

use anyhow::Context;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::guest::Event;

/// Where a signal is delivered while a guest runs.
static GUEST: Mutex<Option<Sender<Event>>> = Mutex::new(None);

/// From here on signals go to the running guest, or end the program when none runs.
pub fn watch() -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot catch signals")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let guest = GUEST.lock().unwrap_or_else(PoisonError::into_inner);
            let delivered = guest
                .as_ref()
                .is_some_and(|events| events.send(Event::Signal(signal)).is_ok());
            if !delivered {
                std::process::exit(128 + signal);
            }
        }
    });
    Ok(())
}

/// While this value lives, signals are events of a guest.
pub struct Delivery;

impl Delivery {
    pub fn to(events: Sender<Event>) -> Self {
        *GUEST.lock().unwrap_or_else(PoisonError::into_inner) = Some(events);
        Self
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        *GUEST.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
