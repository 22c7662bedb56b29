// SPDX-License-Identifier: GPL-2.0

//! Ways to share one list between readers and updaters.
//!
//! All have the same list, the same walk and the same update. They differ in what a reader does
//! around its walk, and an updater around its update.

use core::hint::black_box;
use kernel::{
    new_mutex,
    new_spinlock,
    prelude::*,
    sync::{
        lock::{
            Backend,
            Guard, //
        },
        Mutex,
        SpinLock, //
    }, //
};
use rcu::{
    list::{
        Node,
        Removed, //
    },
    RcuList, //
};
use wrappers::{
    rwlock::RwLock,
    seqlock::SeqLock, //
};

/// How many entries the list has, at any time.
pub(crate) const ENTRIES: u64 = 100;

pub(crate) struct Entry {
    pub(crate) key: u64,
    value: u64,
}

impl Entry {
    pub(crate) fn new(key: u64, value: u64) -> Result<Node<Self>> {
        Ok(Node::new(Self { key, value }, GFP_KERNEL)?)
    }
}

/// The list, once with either kind of lock for its updaters, and the locks of the other schemes.
#[pin_data]
pub(crate) struct Lists {
    #[pin]
    spinlock: SpinLock<()>,
    #[pin]
    under_spinlock: RcuList<Entry>,
    #[pin]
    mutex: Mutex<()>,
    #[pin]
    under_mutex: RcuList<Entry>,
    #[pin]
    rwlock: RwLock,
    #[pin]
    seqlock: SeqLock,
}

impl Lists {
    pub(crate) fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            spinlock <- new_spinlock!((), "rcu_bench::spinlock"),
            under_spinlock <- RcuList::new(&spinlock),
            mutex <- new_mutex!((), "rcu_bench::mutex"),
            under_mutex <- RcuList::new(&mutex),
            rwlock <- RwLock::new(),
            seqlock <- SeqLock::new(),
        })
        .pin_chain(|lists| {
            for key in 0..ENTRIES {
                let (one, other) = (Entry::new(key, key)?, Entry::new(key, key)?);
                lists
                    .under_spinlock
                    .cursor(&mut lists.spinlock.lock())?
                    .push_back(one);
                lists
                    .under_mutex
                    .cursor(&mut lists.mutex.lock())?
                    .push_back(other);
            }
            Ok(())
        })
    }
}

/// A way to share it.
pub(crate) struct Scheme {
    pub(crate) name: &'static str,
    /// Walks the list, and says how many entries there were; or nothing, if the walk has to be done
    /// again.
    pub(crate) read: fn(&Lists) -> Option<u64>,
    /// Replaces the entry of the same key.
    pub(crate) update: fn(&Lists, Node<Entry>) -> Result<Removed<Entry>>,
}

pub(crate) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "RcuList",
        read: |lists| Some(walk(&lists.under_spinlock)),
        update: |lists, new| replace(&lists.under_spinlock, &mut lists.spinlock.lock(), new),
    },
    Scheme {
        name: "Mutex",
        read: |lists| {
            let _held = lists.mutex.lock();
            Some(walk(&lists.under_mutex))
        },
        update: |lists, new| replace(&lists.under_mutex, &mut lists.mutex.lock(), new),
    },
    Scheme {
        name: "SpinLock",
        read: |lists| {
            let _held = lists.spinlock.lock();
            Some(walk(&lists.under_spinlock))
        },
        update: |lists, new| replace(&lists.under_spinlock, &mut lists.spinlock.lock(), new),
    },
    // The spinlock that the list itself asks for is free in the next two.
    Scheme {
        name: "rwlock",
        read: |lists| {
            let _held = lists.rwlock.read();
            Some(walk(&lists.under_spinlock))
        },
        update: |lists, new| {
            let _held = lists.rwlock.write();
            replace(&lists.under_spinlock, &mut lists.spinlock.lock(), new)
        },
    },
    // That a walk saw one state of the list is all that a seqlock can say, and it says so when the
    // walk is over. That what the walk comes to is alive is RCU's doing here too.
    Scheme {
        name: "seqlock",
        read: |lists| lists.seqlock.unless_written(|| walk(&lists.under_spinlock)),
        update: |lists, new| {
            let _held = lists.seqlock.write();
            replace(&lists.under_spinlock, &mut lists.spinlock.lock(), new)
        },
    },
];

/// Looks at each entry, and says how many there are.
#[inline(always)]
fn walk(list: &RcuList<Entry>) -> u64 {
    let (mut seen, mut sum) = (0, 0);
    for entry in list.iter(&rcu::read_lock()) {
        seen += 1;
        sum += entry.value;
    }
    black_box(sum);
    seen
}

fn replace<B: Backend>(
    list: &RcuList<Entry>,
    guard: &mut Guard<'_, (), B>,
    new: Node<Entry>,
) -> Result<Removed<Entry>> {
    let mut cursor = list.cursor(guard)?;
    cursor.find(|entry| entry.key == new.key);
    cursor.replace(new).map_err(|_| ENOENT)
}
