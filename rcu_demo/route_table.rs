// SPDX-License-Identifier: GPL-2.0

//! A route table: read by many, changed by few, as a whole.
//!
//! The table is one object behind an [`Rcu`] cell. A change copies it, changes the copy and
//! publishes that; readers see the old table or the new one, never a mixture. What is left to
//! decide is what becomes of the old table: the updater waits for its readers (`sync`), or lets
//! RCU drop it when they are gone (`call`).
//!
//! Try it, in `/sys/kernel/debug/rcu_demo/route_table`:
//!
//! ```text
//! echo 'readers 2' > control                  # two threads look routes up, all the time
//! echo 'add 10.0.0.0/8 192.168.0.1' > control
//! echo 'del 10.0.0.0/8 call' > control
//! cat routes stats last_error
//! ```

use core::net::Ipv4Addr;
use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
    time::Delta, //
};
use rcu::{
    Rcu,
    RcuBox, //
};
use wrappers::{
    control::{
        Commands,
        LastError, //
    },
    debugfs::ScopedDir,
    kthread::KThread, //
};

/// More routes than this are refused.
const MAX_ROUTES: usize = 256;

/// More readers than this are refused.
const MAX_READERS: usize = 8;

/// The addresses whose first `len` bits are those of `bits`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Prefix {
    bits: u32,
    len: u8,
}

impl Prefix {
    /// Reads `a.b.c.d/len`.
    fn parse(text: &str) -> Option<Self> {
        let (address, len) = text.split_once('/')?;
        let bits = address.parse::<Ipv4Addr>().ok()?.to_bits();
        let len = len.parse().ok().filter(|len| *len <= 32)?;
        // No bit behind the prefix, so that equal prefixes are equal values.
        (bits & !Self::mask(len) == 0).then_some(Self { bits, len })
    }

    fn mask(len: u8) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(len)).unwrap_or(0)
    }

    fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & Self::mask(self.len) == self.bits
    }
}

impl core::fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.bits.to_be_bytes();
        write!(f, "{a}.{b}.{c}.{d}/{}", self.len)
    }
}

#[derive(Clone, Copy)]
struct Route {
    prefix: Prefix,
    gateway: Ipv4Addr,
}

/// One version of the table. Never changed once published.
struct Table {
    version: u64,
    routes: KVec<Route>,
    /// The sum of the routes' gateways, by which a reader tells a table that is whole.
    checksum: u32,
}

impl Table {
    fn new(version: u64, routes: KVec<Route>) -> Result<RcuBox<Self>> {
        let checksum = Self::sum(&routes);
        let table = Self {
            version,
            routes,
            checksum,
        };
        Ok(RcuBox::new(table, GFP_KERNEL)?)
    }

    fn sum(routes: &[Route]) -> u32 {
        routes
            .iter()
            .fold(0, |sum, route| sum.wrapping_add(route.gateway.to_bits()))
    }

    fn lookup(&self, address: Ipv4Addr) -> Option<Ipv4Addr> {
        self.routes
            .iter()
            .filter(|route| route.prefix.contains(address))
            .max_by_key(|route| route.prefix.len)
            .map(|route| route.gateway)
    }

    fn is_whole(&self) -> bool {
        Self::sum(&self.routes) == self.checksum
    }
}

/// What readers and updaters share.
#[pin_data]
struct Shared {
    #[pin]
    update: Mutex<()>,
    #[pin]
    table: Rcu<RcuBox<Table>>,
    lookups: Atomic<u64>,
    hits: Atomic<u64>,
    violations: Atomic<u64>,
    by_synchronize: Atomic<u64>,
    by_call_rcu: Atomic<u64>,
}

/// What becomes of the version that an update unlinked.
#[derive(Clone, Copy)]
enum Reclaim {
    Synchronize,
    CallRcu,
}

impl Reclaim {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "sync" => Some(Self::Synchronize),
            "call" => Some(Self::CallRcu),
            _ => None,
        }
    }
}

impl Shared {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            update <- new_mutex!((), "route_table::update"),
            table <- Rcu::new(Some(Table::new(0, KVec::new())?), &update),
            lookups: Atomic::new(0),
            hits: Atomic::new(0),
            violations: Atomic::new(0),
            by_synchronize: Atomic::new(0),
            by_call_rcu: Atomic::new(0),
        })
    }

    /// Looks an address up, as the readers do it: without a lock.
    fn lookup(&self, address: Ipv4Addr) -> Option<Ipv4Addr> {
        let guard = rcu::read_lock();
        let table = self.table.read(&guard)?;
        self.lookups.fetch_add(1, Relaxed);
        if !table.is_whole() {
            self.violations.fetch_add(1, Relaxed);
        }
        let gateway = table.lookup(address);
        if gateway.is_some() {
            self.hits.fetch_add(1, Relaxed);
        }
        gateway
    }

    /// Publishes a table in which `change` changed the routes.
    fn update(&self, reclaim: Reclaim, change: impl FnOnce(&mut KVec<Route>) -> Result) -> Result {
        let mut lock = self.update.lock();
        let old = self.table.updater(&mut lock)?.update(|table| {
            let mut routes = KVec::new();
            routes.extend_from_slice(table.map_or(&[], |table| &table.routes), GFP_KERNEL)?;
            change(&mut routes)?;
            Table::new(table.map_or(0, |table| table.version + 1), routes)
        })?;
        // What waits for readers need not keep other updaters waiting.
        drop(lock);

        let Some(old) = old else { return Ok(()) };
        match reclaim {
            Reclaim::Synchronize => {
                drop(old.synchronize());
                self.by_synchronize.fetch_add(1, Relaxed);
            }
            Reclaim::CallRcu => {
                old.call_rcu();
                self.by_call_rcu.fetch_add(1, Relaxed);
            }
        }
        Ok(())
    }

    /// Adds a route, or replaces the one with the same prefix.
    fn add(&self, route: Route) -> Result {
        self.update(Reclaim::CallRcu, |routes| {
            if let Some(old) = routes.iter_mut().find(|old| old.prefix == route.prefix) {
                *old = route;
            } else if routes.len() < MAX_ROUTES {
                routes.push(route, GFP_KERNEL)?;
            } else {
                return Err(ENOSPC);
            }
            Ok(())
        })
    }

    fn delete(&self, prefix: Prefix, reclaim: Reclaim) -> Result {
        self.update(reclaim, |routes| {
            let before = routes.len();
            routes.retain(|route| route.prefix != prefix);
            if routes.len() == before {
                return Err(ENOENT);
            }
            Ok(())
        })
    }
}

/// The example: a table, its readers, and the files that show it.
#[pin_data]
pub(crate) struct RouteTable {
    shared: Arc<Shared>,
    #[pin]
    readers: Mutex<KVec<KThread>>,
    #[pin]
    last_error: LastError,
}

impl RouteTable {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            shared: Arc::pin_init(Shared::new(), GFP_KERNEL)?,
            readers <- new_mutex!(KVec::new(), "route_table::readers"),
            last_error <- LastError::new("rcu_demo: route_table"),
        })
    }

    /// Shows the example in the directory `route_table`.
    pub(crate) fn files<'data>(&'data self, dir: &ScopedDir<'data>) {
        let dir = dir.dir(c"route_table");
        dir.read_callback_file(c"routes", self, &Self::show_routes);
        dir.read_callback_file(c"stats", self, &Self::show_stats);
        dir.command_files(self);
    }

    fn show_routes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guard = rcu::read_lock();
        let Some(table) = self.shared.table.read(&guard) else {
            return Ok(());
        };
        writeln!(f, "# version {}: prefix, gateway", table.version)?;
        for route in &table.routes {
            let [a, b, c, d] = route.gateway.octets();
            writeln!(f, "{} {a}.{b}.{c}.{d}", route.prefix)?;
        }
        Ok(())
    }

    fn show_stats(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &*self.shared;
        writeln!(f, "readers {}", self.readers.lock().len())?;
        writeln!(f, "lookups {}", shared.lookups.load(Relaxed))?;
        writeln!(f, "hits {}", shared.hits.load(Relaxed))?;
        writeln!(f, "violations {}", shared.violations.load(Relaxed))?;
        writeln!(f, "by_synchronize {}", shared.by_synchronize.load(Relaxed))?;
        writeln!(f, "by_call_rcu {}", shared.by_call_rcu.load(Relaxed))?;
        writeln!(f, "outstanding {}", rcu::retirements().outstanding())
    }

    fn prefix(&self, text: &str) -> Result<Prefix> {
        Prefix::parse(text).ok_or_else(|| {
            self.last_error.note(
                EINVAL,
                fmt!("prefix '{text}': expected A.B.C.D/LEN with no bit set behind LEN"),
            )
        })
    }

    /// Starts or stops readers until there are `count`.
    fn set_readers(&self, count: usize) -> Result {
        let mut readers = self.readers.lock();
        while readers.len() > count {
            // Dropping a thread stops it and waits for its end.
            drop(readers.pop());
        }
        while readers.len() < count {
            let shared = self.shared.clone();
            let thread = KThread::spawn(c"route_reader", None, move |this| {
                let mut address = 0u32;
                while !this.should_stop() {
                    for _ in 0..1000 {
                        address = address.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        shared.lookup(Ipv4Addr::from_bits(address));
                    }
                    this.sleep(Delta::from_millis(1));
                }
            })?;
            readers.push(thread, GFP_KERNEL)?;
        }
        Ok(())
    }
}

impl Commands for RouteTable {
    fn last_error(&self) -> &LastError {
        &self.last_error
    }

    fn execute(&self, line: &str) -> Result {
        let mut words = line.split_ascii_whitespace();
        let words = [(); 4].map(|()| words.next());
        let invalid = |what: fmt::Arguments<'_>| self.last_error.note(EINVAL, what);
        match words {
            [Some("add"), Some(prefix), Some(gateway), None] => {
                let route = Route {
                    prefix: self.prefix(prefix)?,
                    gateway: gateway.parse().map_err(|_| {
                        invalid(fmt!("gateway '{gateway}': expected an IPv4 address"))
                    })?,
                };
                self.shared.add(route).map_err(|error| {
                    self.last_error.note(
                        error,
                        fmt!("add: not done, {MAX_ROUTES} routes are the most"),
                    )
                })
            }
            [Some("del"), Some(prefix), Some(reclaim), None] => {
                let reclaim = Reclaim::parse(reclaim).ok_or_else(|| {
                    invalid(fmt!("del: reclaim '{reclaim}': expected 'sync' or 'call'"))
                })?;
                let parsed = self.prefix(prefix)?;
                self.shared.delete(parsed, reclaim).map_err(|error| {
                    self.last_error
                        .note(error, fmt!("del: there is no route {prefix}"))
                })
            }
            [Some("readers"), Some(count), None, None] => {
                let count = count.parse().ok().filter(|count| *count <= MAX_READERS);
                self.set_readers(count.ok_or_else(|| {
                    invalid(fmt!("readers: expected a number from 0 to {MAX_READERS}"))
                })?)
            }
            _ => Err(invalid(fmt!(
                "expected 'add PREFIX GATEWAY', 'del PREFIX sync|call' or 'readers N'"
            ))),
        }
    }
}
