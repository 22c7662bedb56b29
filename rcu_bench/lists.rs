// SPDX-License-Identifier: GPL-2.0

//! Lists of so many entries: walk, look up, insert, remove.

use crate::{
    operation::{
        times_each,
        Operation,
        MANY, //
    },
    reference, //
};
use core::hint::black_box;
use kernel::{
    new_spinlock,
    prelude::*,
    sync::SpinLock, //
};
use rcu::{
    list::Node,
    RcuHashTable,
    RcuHlist,
    RcuList, //
};
use wrappers::time::cycles;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "list, walk",
        rounds: MANY,
        c: reference::rculab_bench_list_walk,
        rust: walk,
    },
    Operation {
        name: "hlist, walk",
        rounds: MANY,
        c: reference::rculab_bench_hlist_walk,
        rust: hlist_walk,
    },
    Operation {
        name: "hash table, look up",
        rounds: MANY,
        c: reference::rculab_bench_table_lookup,
        rust: look_up,
    },
    Operation {
        name: "list, insert",
        rounds: MANY,
        c: reference::rculab_bench_list_insert,
        rust: insert,
    },
    Operation {
        name: "hlist, insert",
        rounds: MANY,
        c: reference::rculab_bench_hlist_insert,
        rust: hlist_insert,
    },
    Operation {
        name: "list, remove and kfree_rcu",
        rounds: MANY,
        c: reference::rculab_bench_list_remove,
        rust: remove,
    },
];

/// As C's.
struct Entry {
    #[expect(dead_code, reason = "as large as C's")]
    key: u64,
    value: u64,
}

#[pin_data]
struct Lists {
    #[pin]
    lock: SpinLock<()>,
    #[pin]
    list: RcuList<Entry>,
    #[pin]
    hlist: RcuHlist<Entry>,
}

impl Lists {
    fn make() -> Result<Pin<KBox<Self>>> {
        KBox::pin_init(
            pin_init!(Self {
                lock <- new_spinlock!((), "rcu_bench::lists"),
                list <- RcuList::new(&lock),
                hlist <- RcuHlist::new(&lock),
            }),
            GFP_KERNEL,
        )
    }
}

fn nodes(count: u32) -> Result<KVec<Node<Entry>>> {
    let mut nodes = KVec::with_capacity(count as usize, GFP_KERNEL)?;
    for value in 0..u64::from(count) {
        nodes.push(
            Node::new(Entry { key: value, value }, GFP_KERNEL)?,
            GFP_KERNEL,
        )?;
    }
    Ok(nodes)
}

fn filled(count: u32) -> Result<Pin<KBox<Lists>>> {
    let lists = Lists::make()?;
    for node in nodes(count)? {
        lists.list.cursor(&mut lists.lock.lock())?.push_back(node);
    }
    for node in nodes(count)? {
        lists.hlist.cursor(&mut lists.lock.lock())?.push_front(node);
    }
    Ok(lists)
}

fn walk(rounds: u32) -> Result<u64> {
    let lists = filled(rounds)?;
    let mut sum = 0;
    let start = cycles();
    for entry in lists.list.iter(&rcu::read_lock()) {
        sum += entry.value;
    }
    let ticks = cycles() - start;
    black_box(sum);
    Ok(ticks)
}

fn hlist_walk(rounds: u32) -> Result<u64> {
    let lists = filled(rounds)?;
    let mut sum = 0;
    let start = cycles();
    for entry in lists.hlist.iter(&rcu::read_lock()) {
        sum += entry.value;
    }
    let ticks = cycles() - start;
    black_box(sum);
    Ok(ticks)
}

fn look_up(rounds: u32) -> Result<u64> {
    let table: Pin<KBox<RcuHashTable<u64, u64, 256>>> =
        KBox::pin_init(RcuHashTable::new(), GFP_KERNEL)?;
    for key in 0..u64::from(rounds) {
        let entry = RcuHashTable::<u64, u64, 256>::entry(key, key, GFP_KERNEL)?;
        table.insert(entry).map_err(|_| EEXIST)?;
    }
    let mut sum = 0;
    let ticks = times_each(0..u64::from(rounds), |key| {
        sum += table.get(&key, &rcu::read_lock()).copied().unwrap_or(0);
    });
    black_box(sum);
    Ok(ticks)
}

#[expect(
    clippy::needless_borrows_for_generic_args,
    reason = "so that the array is freed behind the clock"
)]
fn insert(rounds: u32) -> Result<u64> {
    let (lists, nodes) = (Lists::make()?, nodes(rounds)?);
    let mut guard = lists.lock.lock();
    let mut cursor = lists.list.cursor(&mut guard)?;
    Ok(times_each(&mut nodes.into_iter(), |node| {
        cursor.push_front(node);
    }))
}

#[expect(
    clippy::needless_borrows_for_generic_args,
    reason = "so that the array is freed behind the clock"
)]
fn hlist_insert(rounds: u32) -> Result<u64> {
    let (lists, nodes) = (Lists::make()?, nodes(rounds)?);
    let mut guard = lists.lock.lock();
    let mut cursor = lists.hlist.cursor(&mut guard)?;
    Ok(times_each(&mut nodes.into_iter(), |node| {
        cursor.push_front(node);
    }))
}

fn remove(rounds: u32) -> Result<u64> {
    let lists = filled(rounds)?;
    let mut guard = lists.lock.lock();
    let start = cycles();
    let mut cursor = lists.list.cursor(&mut guard)?;
    while let Some(old) = cursor.remove() {
        old.call_rcu();
    }
    Ok(cycles() - start)
}
