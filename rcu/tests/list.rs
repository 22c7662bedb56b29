// SPDX-License-Identifier: GPL-2.0

//! [`rcu::RcuList`].

use super::support::{
    lock,
    Drops,
    Probe,
    Reader, //
};
use core::ops::Range;
use kernel::{
    bindings,
    prelude::*,
    sync::Mutex, //
};
use rcu::{
    list::{
        Node,
        Refusal,
        Shared,
        Sole, //
    },
    RcuList, //
};

pub(super) type List = Pin<KBox<RcuList<Probe>>>;

fn list(lock: &Mutex<()>) -> Result<List> {
    KBox::pin_init(RcuList::new(lock), GFP_KERNEL)
}

fn node(drops: &Drops, value: u32) -> Result<Node<Probe>> {
    Ok(Node::new(drops.probe(value), GFP_KERNEL)?)
}

/// A list of these values.
pub(super) fn filled(lock: &Mutex<()>, drops: &Drops, range: Range<u32>) -> Result<List> {
    let list = list(lock)?;
    for value in range {
        list.cursor(&mut lock.lock())?
            .push_back(node(drops, value)?);
    }
    Ok(list)
}

/// What a reader sees.
pub(super) fn seen(list: &List) -> Result<KVec<u32>> {
    let mut values = KVec::with_capacity(16, GFP_KERNEL)?;
    let guard = rcu::read_lock();
    for probe in list.iter(&guard) {
        values
            .push_within_capacity(probe.value)
            .map_err(|_| ENOSPC)?;
    }
    Ok(values)
}

#[kunit_tests(rcu_list)]
mod tests {
    use super::*;

    #[test]
    fn order() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = list(&lock)?;
        assert!(seen(&list)?.is_empty());
        for value in [1, 2] {
            list.cursor(&mut lock.lock())?
                .push_back(node(&drops, value)?);
        }
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        cursor.push_front(node(&drops, 0)?);
        // The cursor stays where it was, and both ends are the list's all the same.
        assert!(cursor.current().is_some_and(|probe| probe.value == 1));
        cursor.push_back(node(&drops, 3)?);
        cursor.push_front(node(&drops, 9)?);
        assert!(*seen(&list)? == [9, 0, 1, 2, 3]);
        Ok(())
    }

    #[test]
    fn cursor() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..3)?;
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        assert!(cursor.current().is_some_and(|probe| probe.value == 0));
        cursor.move_next();
        assert!(cursor.current().is_some_and(|probe| probe.value == 1));
        assert!(cursor.find(|probe| probe.value == 2));
        assert!(!cursor.find(|probe| probe.value == 0));
        // Behind the last entry there is nothing to see, remove or replace.
        assert!(cursor.current().is_none());
        assert!(cursor.remove().is_none());
        assert!(cursor.replace(node(&drops, 9)?).is_err());
        cursor.move_next();
        assert!(cursor.current().is_none());
        Ok(())
    }

    #[test]
    fn remove() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..3)?;
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        assert!(cursor.find(|probe| probe.value == 1));
        let old = cursor.remove().ok_or(EINVAL)?;
        assert!(cursor.current().is_some_and(|probe| probe.value == 2));
        assert!(*seen(&list)? == [0, 2]);
        assert_eq!((old.value, drops.count()), (1, 0));
        drop(guard);
        drop(old.synchronize());
        assert_eq!(drops.count(), 1);
        Ok(())
    }

    #[test]
    fn replace() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..3)?;
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        cursor.find(|probe| probe.value == 1);
        let old = cursor.replace(node(&drops, 7)?).map_err(|_| EINVAL)?;
        assert!(cursor.current().is_some_and(|probe| probe.value == 7));
        assert!(*seen(&list)? == [0, 7, 2]);
        drop(guard);
        assert_eq!(old.synchronize().value, 1);
        Ok(())
    }

    // With one CPU for good a spinlock has no size, and so is no list's.
    #[cfg(CONFIG_SMP)]
    #[test]
    fn reader_goes_on_from_a_removed_entry() -> Result {
        // A spinlock, since a reader takes it here.
        let lock = KBox::pin_init(kernel::new_spinlock!((), "rcu::tests::spin"), GFP_KERNEL)?;
        let list: List = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let drops = Drops::new()?;
        for value in 0..4 {
            let node = node(&drops, value)?;
            list.cursor(&mut lock.lock())?.push_back(node);
        }
        let guard = rcu::read_lock();
        let mut iter = list.iter(&guard);
        assert!(iter.next().is_some_and(|probe| probe.value == 0));
        let here = iter.next().ok_or(EINVAL)?;
        // The reader stands on 1; now 1 and 2 go.
        let mut updater = lock.lock();
        let mut cursor = list.cursor(&mut updater)?;
        cursor.move_next();
        for _ in 0..2 {
            cursor.remove().ok_or(EINVAL)?.call_rcu();
        }
        drop(updater);
        // From 1 the links lead on as they were when it was removed.
        assert!(iter.next().is_some_and(|probe| probe.value == 2));
        assert!(iter.next().is_some_and(|probe| probe.value == 3));
        assert!(iter.next().is_none());
        assert_eq!((here.value, drops.count()), (1, 0));
        drop(guard);
        assert!(drops.wait_for(2));
        assert!(*seen(&list)? == [0, 3]);
        Ok(())
    }

    #[test]
    fn node_returns_after_a_grace_period() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let (one, other) = (filled(&lock, &drops, 0..1)?, list(&lock)?);
        let old = one.cursor(&mut lock.lock())?.remove().ok_or(EINVAL)?;
        let mut node = old.synchronize();
        // It is nobody else's: it may be changed, and go into another list.
        let inner = drops.probe(5);
        *node = inner;
        other.cursor(&mut lock.lock())?.push_back(node);
        assert!(seen(&one)?.is_empty());
        assert!(*seen(&other)? == [5]);
        Ok(())
    }

    /// That it does not go in before is for the compiler to refuse: `tests/ui/early_reinsert.rs`.
    #[test]
    fn node_does_not_return_while_a_reader_may_stand_on_it() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..2)?;
        let reader = Reader::vanilla()?;
        let old = list.cursor(&mut lock.lock())?.remove().ok_or(EINVAL)?;
        let mut polled = match old.start_poll().try_finish() {
            Ok(_) => return Err(EBUSY),
            Err(polled) => polled,
        };
        reader.leave();
        let mut node = None;
        for _ in 0..10 {
            match polled.try_finish() {
                Ok(back) => {
                    node = Some(back);
                    break;
                }
                Err(later) => polled = later,
            }
            rcu::synchronize();
        }
        list.cursor(&mut lock.lock())?
            .push_back(node.ok_or(ETIMEDOUT)?);
        assert!(*seen(&list)? == [1, 0]);
        assert_eq!(drops.count(), 0);
        Ok(())
    }

    #[test]
    fn readers_of_each_kind() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..3)?;
        let bh = rcu::read_lock_bh();
        assert!(list.iter(&bh).map(|probe| probe.value).eq(0..3));
        drop(bh);
        let sched = rcu::read_lock_sched();
        assert!(list.iter(&sched).map(|probe| probe.value).eq(0..3));
        Ok(())
    }

    #[test]
    fn a_node_takes_no_more_than_in_c() {
        let head = size_of::<bindings::callback_head>();
        let links = size_of::<bindings::list_head>();
        assert_eq!(Node::<u64, 0, Sole>::OVERHEAD, head + links);
        assert_eq!(
            Node::<u64, 0, Shared<2>>::OVERHEAD,
            2 * (head + links) + size_of::<usize>()
        );
    }

    #[test]
    fn wrong_lock_changes_nothing() -> Result {
        let (own, wrong, drops) = (lock()?, lock()?, Drops::new()?);
        let list = filled(&own, &drops, 0..2)?;
        assert!(list.cursor(&mut wrong.lock()).is_err());
        let mut guard = wrong.lock();
        let reader = rcu::read_lock();
        let entry = list.iter(&reader).next().ok_or(ENOENT)?;
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::WrongLock));
        drop(reader);
        assert!(*seen(&list)? == [0, 1]);
        Ok(())
    }

    #[test]
    fn drop_drops_all() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        drop(filled(&lock, &drops, 0..5)?);
        assert_eq!(drops.count(), 5);
        Ok(())
    }
}
