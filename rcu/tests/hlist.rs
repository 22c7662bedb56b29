// SPDX-License-Identifier: GPL-2.0

//! [`rcu::RcuHlist`] and [`rcu::RcuHashTable`].

use super::support::{
    lock,
    wait_until,
    Drops,
    Probe, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
};
use rcu::{
    list::{
        Node,
        Refusal, //
    },
    RcuHashTable,
    RcuHlist, //
};
use wrappers::kthread::KThread;

type List = Pin<KBox<RcuHlist<Probe>>>;

/// A list of `0..count`.
fn filled(lock: &Mutex<()>, drops: &Drops, count: u32) -> Result<List> {
    let list: List = KBox::pin_init(RcuHlist::new(lock), GFP_KERNEL)?;
    for value in (0..count).rev() {
        list.cursor(&mut lock.lock())?
            .push_front(Node::new(drops.probe(value), GFP_KERNEL)?);
    }
    Ok(list)
}

fn shows(list: &List, expected: &[u32]) -> bool {
    let guard = rcu::read_lock();
    let mut entries = list.iter(&guard).map(|entry| entry.value);
    entries.by_ref().eq(expected.iter().copied())
}

#[kunit_tests(rcu_hlist)]
mod bare {
    use super::*;

    #[test]
    fn insert_everywhere() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 2)?;
        let node = |value| Node::new(drops.probe(value), GFP_KERNEL);
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        cursor.insert_before(node(10)?);
        assert!(cursor.current().is_some_and(|probe| probe.value == 10));
        assert!(cursor.find(|probe| probe.value == 0));
        assert!(cursor.insert_after(node(11)?).is_ok());
        assert!(!cursor.find(|_| false));
        assert!(cursor.insert_after(node(12)?).is_err());
        cursor.insert_before(node(13)?);
        cursor.push_front(node(14)?);
        assert!(cursor.current().is_some_and(|probe| probe.value == 14));
        assert!(shows(&list, &[14, 10, 0, 11, 1, 13]));
        Ok(())
    }

    #[test]
    fn remove_and_replace() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 4)?;
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        let first = cursor.remove().ok_or(ENOENT)?;
        assert!(cursor.find(|probe| probe.value == 2));
        let new = Node::new(drops.probe(7), GFP_KERNEL)?;
        let third = cursor.replace(new).map_err(|_| EINVAL)?;
        assert!(cursor.current().is_some_and(|probe| probe.value == 7));
        assert!(cursor.find(|probe| probe.value == 3));
        let last = cursor.remove().ok_or(ENOENT)?;
        assert!(cursor.remove().is_none());
        assert!(cursor
            .replace(Node::new(drops.probe(8), GFP_KERNEL)?)
            .is_err());
        drop(guard);
        assert!(shows(&list, &[1, 7]));
        assert_eq!((first.value, third.value, last.value), (0, 2, 3));
        drop((first, third, last));
        assert!(drops.wait_for(4));
        Ok(())
    }

    #[test]
    fn reader_goes_on_from_a_removed_entry() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 4)?;
        let mut guard = lock.lock();
        let reader = rcu::read_lock();
        let mut iter = list.iter(&reader);
        assert!(iter.next().is_some_and(|probe| probe.value == 0));
        let here = iter.next().ok_or(ENOENT)?;
        let mut cursor = list.cursor(&mut guard)?;
        cursor.move_next();
        for _ in 0..2 {
            cursor.remove().ok_or(ENOENT)?.call_rcu();
        }
        assert!(iter.map(|probe| probe.value).eq([2, 3]));
        assert_eq!((here.value, drops.count()), (1, 0));
        drop(reader);
        assert!(drops.wait_for(2));
        assert!(shows(&list, &[0, 3]));
        Ok(())
    }

    #[test]
    fn node_returns_after_a_grace_period() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let (one, other) = (filled(&lock, &drops, 2)?, filled(&lock, &drops, 1)?);
        let old = one.cursor(&mut lock.lock())?.remove().ok_or(ENOENT)?;
        let node = old.synchronize();
        other.cursor(&mut lock.lock())?.push_front(node);
        assert!(shows(&one, &[1]) && shows(&other, &[0, 0]));
        Ok(())
    }

    #[test]
    fn drop_drops_all() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        drop(filled(&lock, &drops, 5)?);
        assert_eq!(drops.count(), 5);
        Ok(())
    }

    #[test]
    fn wrong_lock_or_list_changes_nothing() -> Result {
        let (own, wrong, drops) = (lock()?, lock()?, Drops::new()?);
        let (list, other) = (filled(&own, &drops, 2)?, filled(&own, &drops, 1)?);
        assert!(list.cursor(&mut wrong.lock()).is_err());
        let mut guard = wrong.lock();
        let reader = rcu::read_lock();
        let entry = list.iter(&reader).next().ok_or(ENOENT)?;
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::WrongLock));
        drop((reader, guard));
        let mut guard = own.lock();
        let reader = rcu::read_lock();
        let entry = list.iter(&reader).nth(1).ok_or(ENOENT)?;
        assert!(other.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        let old = list.cursor_at(&mut guard, entry)?.remove().ok_or(ENOENT)?;
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        old.call_rcu();
        drop(reader);
        assert!(shows(&list, &[0]) && shows(&other, &[0]) && !list.is_empty());
        Ok(())
    }
}

type Table = RcuHashTable<u32, Probe, 16>;

#[kunit_tests(rcu_hash_table)]
mod table {
    use super::*;

    /// A table of many keys more than it has buckets.
    fn filled(drops: &Drops) -> Result<Pin<KBox<Table>>> {
        let table: Pin<KBox<Table>> = KBox::pin_init(RcuHashTable::new(), GFP_KERNEL)?;
        for key in 0..100 {
            let entry = Table::entry(key, drops.probe(key + 1000), GFP_KERNEL)?;
            table.insert(entry).map_err(|_| EEXIST)?;
        }
        Ok(table)
    }

    #[test]
    fn each_key_has_its_value() -> Result {
        let drops = Drops::new()?;
        let table = filled(&drops)?;
        let reader = rcu::read_lock();
        for key in 0..100 {
            assert!(table
                .get(&key, &reader)
                .is_some_and(|probe| probe.value == key + 1000));
        }
        assert!(table.get(&100, &reader).is_none());
        drop(reader);
        drop(table);
        assert_eq!(drops.count(), 100);
        Ok(())
    }

    #[test]
    fn a_key_is_there_once() -> Result {
        let drops = Drops::new()?;
        let table = filled(&drops)?;
        let back = table.insert(Table::entry(5, drops.probe(1), GFP_KERNEL)?);
        assert!(back.is_err_and(|entry| entry.key == 5 && entry.value.value == 1));
        let reader = rcu::read_lock();
        assert!(table
            .get(&5, &reader)
            .is_some_and(|probe| probe.value == 1005));
        Ok(())
    }

    #[test]
    fn replace_and_remove() -> Result {
        let drops = Drops::new()?;
        let table = filled(&drops)?;
        let new = Table::entry(5, drops.probe(1), GFP_KERNEL)?;
        let reader = rcu::read_lock();
        let seen = table.get(&5, &reader).ok_or(ENOENT)?;
        table.replace(new).map_err(|_| ENOENT)?.call_rcu();
        assert!(table.get(&5, &reader).is_some_and(|probe| probe.value == 1));
        table.remove(&5).ok_or(ENOENT)?.call_rcu();
        assert!(table.get(&5, &reader).is_none() && table.remove(&5).is_none());
        // The reader still sees what it found.
        assert_eq!((seen.value, drops.count()), (1005, 0));
        drop(reader);
        assert!(drops.wait_for(2));
        let unknown = table.replace(Table::entry(5, drops.probe(1), GFP_KERNEL)?);
        assert!(unknown.is_err());
        Ok(())
    }

    /// A key's value, as it was replaced for the `version`th time.
    struct Version {
        key: u32,
        version: u32,
    }

    /// In two buckets, so that each lookup passes other keys.
    type Versions = RcuHashTable<u32, Version, 2>;

    const KEYS: u32 = 8;

    /// Looks each key up, and says whether one was not there, was another's, or was older than
    /// before.
    fn look_up(table: &Versions, last: &mut [u32; KEYS as usize]) -> bool {
        let mut wrong = false;
        for (key, last) in (0..).zip(last) {
            match table.get(&key, &rcu::read_lock()) {
                Some(found) if found.key == key && found.version >= *last => *last = found.version,
                _ => wrong = true,
            }
        }
        wrong
    }

    #[test]
    fn lookups_go_on_while_entries_are_replaced() -> Result {
        let table = Arc::pin_init(Versions::new(), GFP_KERNEL)?;
        let entry = |key, version| Versions::entry(key, Version { key, version }, GFP_KERNEL);
        for key in 0..KEYS {
            table.insert(entry(key, 0)?).map_err(|_| EEXIST)?;
        }
        let (shared, rounds) = (table.clone(), Arc::new(Atomic::new(0u32), GFP_KERNEL)?);
        let (wrong, counted) = (Arc::new(Atomic::new(0u32), GFP_KERNEL)?, rounds.clone());
        let noted = wrong.clone();
        let reader = KThread::spawn(c"rcu_test_lookup", None, move |this| {
            let mut last = [0; KEYS as usize];
            while !this.should_stop() {
                noted.fetch_add(u32::from(look_up(&shared, &mut last)), Relaxed);
                counted.fetch_add(1, Relaxed);
            }
        })?;
        for round in 1..=100 {
            let before = rounds.load(Relaxed);
            for key in 0..KEYS {
                let old = table.replace(entry(key, round)?);
                old.map_err(|_| ENOENT)?.call_rcu();
            }
            // So that both are at it, even on one CPU.
            assert!(wait_until(|| rounds.load(Relaxed) > before));
        }
        drop(reader);
        assert_eq!(wrong.load(Relaxed), 0);
        Ok(())
    }
}
