// SPDX-License-Identifier: GPL-2.0

//! The files `enable`, `ask` and `probe_hz`: whether, how, and how often, the module looks.

use super::{
    counters::Counters,
    latency::{
        Probes,
        Rate, //
    },
};
use core::fmt;
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
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
    rcu_state::IS_TINY,
    tracepoint::{
        rcu::{
            Barrier,
            BatchEnd,
            BatchStart,
            ExpFunnelLock,
            ExpGracePeriod,
            ForcedQuiescentState,
            GracePeriod,
            GracePeriodInit,
            QuiescentStateReport,
            SegmentStats,
            StallWarning,
            TortureRead,
            Watching, //
        },
        Attached,
        Event,
        Probe, //
    }, //
};

/// What runs while the module looks. Dropped in this order.
struct Looking {
    _probes: Probes,
    _attached: Attached<Counters>,
}

#[pin_data]
pub(super) struct Switch {
    /// Held only by those who switch: neither by a probe nor by a reader of a file.
    #[pin]
    looking: Mutex<Option<Looking>>,
    rate: Arc<Rate>,
    counters: Arc<Counters>,
    /// Stalls are rare and their tracepoint is in every kernel: they are always counted.
    _stalls: Attached<Counters>,
    #[pin]
    last_error: LastError,
}

impl Switch {
    pub(super) fn new(counters: Arc<Counters>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            looking <- new_mutex!(None, "Switch::looking"),
            rate: Arc::new(Rate::new(), GFP_KERNEL)?,
            _stalls: {
                let mut stalls = Attached::new(counters.clone());
                attach::<StallWarning>(&mut stalls)?;
                stalls
            },
            counters,
            last_error <- LastError::new("rcu_demo: rcu"),
        })
    }

    pub(super) fn show_enable(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", u8::from(self.counters.enabled()))
    }

    pub(super) fn show_ask(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", u8::from(self.counters.asking.is_on()))
    }

    pub(super) fn show_rate(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.rate.get())
    }

    pub(super) fn show_last_error(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.last_error)
    }

    /// Process context, sleeps.
    pub(super) fn write_enable(&self, reader: &mut UserSliceReader) -> Result {
        self.write_switch("enable", reader, |on| {
            if on {
                return self.enable().map_err(|error| self.failed("enable", error));
            }
            self.disable();
            Ok(())
        })
    }

    /// Process context, sleeps.
    pub(super) fn write_ask(&self, reader: &mut UserSliceReader) -> Result {
        self.write_switch("ask", reader, |on| {
            if on && IS_TINY {
                return Err(self
                    .last_error
                    .note(not_supported(), fmt!("ask: Tiny RCU tells nothing")));
            }
            let _one_at_a_time = self.looking.lock();
            let asking = &self.counters.asking;
            asking.switch(on).map_err(|error| self.failed("ask", error))
        })
    }

    fn write_switch(
        &self,
        name: &str,
        reader: &mut UserSliceReader,
        switch: impl FnOnce(bool) -> Result,
    ) -> Result {
        self.last_error.carry_out(reader, |line| {
            let on = match line {
                "0" => false,
                "1" => true,
                _ => return Err(self.refuse(fmt!("{name}: expected 0 or 1, not '{line}'"))),
            };
            switch(on)
        })
    }

    pub(super) fn write_rate(&self, reader: &mut UserSliceReader) -> Result {
        self.last_error.carry_out(reader, |line| {
            let hz = line.parse().ok().filter(|hz| *hz <= Rate::MAX);
            let hz = hz.ok_or_else(|| {
                self.refuse(fmt!("probe_hz: expected 0 to {}, not '{line}'", Rate::MAX))
            })?;
            self.rate.set(hz);
            Ok(())
        })
    }

    fn failed(&self, name: &str, error: Error) -> Error {
        self.last_error.note(error, fmt!("{name}: {error:?}"))
    }

    fn refuse(&self, why: fmt::Arguments<'_>) -> Error {
        self.last_error.note(EINVAL, why)
    }

    fn enable(&self) -> Result {
        let mut looking = self.looking.lock();
        if looking.is_some() {
            return Ok(());
        }
        self.counters.enable();
        *looking = Some(self.look().inspect_err(|_| self.counters.disable())?);
        drop(looking);
        // So that there is a grace period to tell of.
        rcu::synchronize();
        Ok(())
    }

    fn disable(&self) {
        let mut looking = self.looking.lock();
        self.counters.disable();
        *looking = None;
    }

    fn look(&self) -> Result<Looking> {
        let mut attached = Attached::new(self.counters.clone());
        attach::<GracePeriod>(&mut attached)?;
        attach::<GracePeriodInit>(&mut attached)?;
        attach::<QuiescentStateReport>(&mut attached)?;
        attach::<ForcedQuiescentState>(&mut attached)?;
        attach::<ExpGracePeriod>(&mut attached)?;
        attach::<ExpFunnelLock>(&mut attached)?;
        attach::<Barrier>(&mut attached)?;
        attach::<SegmentStats>(&mut attached)?;
        attach::<BatchStart>(&mut attached)?;
        attach::<BatchEnd>(&mut attached)?;
        attach::<Watching>(&mut attached)?;
        attach::<TortureRead>(&mut attached)?;
        Ok(Looking {
            _probes: Probes::start(&self.counters, &self.rate)?,
            _attached: attached,
        })
    }
}

/// Attaches to a tracepoint if the kernel has it; what it would tell is shown as not known.
fn attach<E: Event>(attached: &mut Attached<Counters>) -> Result
where
    Counters: Probe<E>,
{
    match attached.attach::<E>() {
        Err(error) if error == ENOENT => Ok(()),
        other => other,
    }
}
