// SPDX-License-Identifier: GPL-2.0

//! Lists that share objects, [`rcu::list::Chain`], and the ways to be refused.

use super::{
    list::{
        filled,
        seen, //
    },
    support::{
        lock,
        Drops,
        Probe, //
    },
};
use kernel::prelude::*;
use rcu::{
    list::{
        Node,
        Refusal,
        Shared, //
    },
    RcuList, //
};

type First = Pin<KBox<RcuList<Probe, 0, Shared<2>>>>;
type Second = Pin<KBox<RcuList<Probe, 1, Shared<2>>>>;

fn values<'g>(entries: impl Iterator<Item = &'g Probe>) -> Result<KVec<u32>> {
    let mut values = KVec::new();
    for probe in entries {
        // Readers must not sleep.
        values.push(probe.value, GFP_ATOMIC)?;
    }
    Ok(values)
}

#[kunit_tests(rcu_list_shared)]
mod shared {
    use super::*;

    #[test]
    fn an_object_in_two_lists_goes_with_the_last() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let first: First = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let second: Second = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let mut guard = lock.lock();
        for value in 0..3 {
            let (one, other) = Node::pair(drops.probe(value), GFP_KERNEL)?;
            first.cursor(&mut guard)?.push_back(one);
            second.cursor(&mut guard)?.push_front(other);
        }
        drop(
            first
                .cursor(&mut guard)?
                .remove()
                .ok_or(ENOENT)?
                .synchronize(),
        );
        assert_eq!(drops.count(), 0);
        let mut cursor = second.cursor(&mut guard)?;
        assert!(cursor.find(|probe| probe.value == 0));
        cursor.remove().ok_or(ENOENT)?.call_rcu();
        drop(guard);
        assert!(drops.wait_for(1));
        drop(first);
        assert_eq!(drops.count(), 1);
        drop(second);
        assert_eq!(drops.count(), 3);
        Ok(())
    }

    #[test]
    fn both_links_wait_at_once() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let first: First = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let second: Second = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let mut guard = lock.lock();
        let (one, other) = Node::pair(drops.probe(1), GFP_KERNEL)?;
        first.cursor(&mut guard)?.push_back(one);
        second.cursor(&mut guard)?.push_back(other);
        let one = first.cursor(&mut guard)?.remove().ok_or(ENOENT)?;
        let other = second.cursor(&mut guard)?.remove().ok_or(ENOENT)?;
        one.call_rcu();
        other.call_rcu();
        drop(guard);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn found_in_one_removed_from_the_other() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let first: First = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let second: Second = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        let mut guard = lock.lock();
        for value in 0..3 {
            let (one, other) = Node::pair(drops.probe(value), GFP_KERNEL)?;
            first.cursor(&mut guard)?.push_back(one);
            second.cursor(&mut guard)?.push_back(other);
        }
        let reader = rcu::read_lock();
        let entry = first.iter(&reader).nth(1).ok_or(ENOENT)?;
        second
            .cursor_at(&mut guard, entry)?
            .remove()
            .ok_or(ENOENT)?
            .call_rcu();
        assert!(values(second.iter(&reader).map(|entry| entry.get()))? == [0, 2]);
        assert!(values(first.iter(&reader).map(|entry| entry.get()))? == [0, 1, 2]);
        // It is not there any more.
        let again = second.cursor_at(&mut guard, entry).map(|_| ());
        assert!(again == Err(Refusal::NotHere));
        Ok(())
    }

    #[test]
    fn wrong_list_changes_nothing() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let (own, other) = (filled(&lock, &drops, 0..2)?, filled(&lock, &drops, 5..6)?);
        let mut guard = lock.lock();
        let reader = rcu::read_lock();
        let entry = own.iter(&reader).next().ok_or(ENOENT)?;
        let refused = other.cursor_at(&mut guard, entry).map(|_| ());
        assert!(refused == Err(Refusal::NotHere));
        drop(reader);
        assert!(*seen(&own)? == [0, 1]);
        assert!(*seen(&other)? == [5]);
        Ok(())
    }

    #[test]
    fn removed_entry_is_not_there_twice() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..2)?;
        let mut guard = lock.lock();
        let reader = rcu::read_lock();
        let entry = list.iter(&reader).next().ok_or(ENOENT)?;
        let old = list.cursor_at(&mut guard, entry)?.remove().ok_or(ENOENT)?;
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        // Nor when the callback has taken the place of what told so.
        old.call_rcu();
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        // Nor in the place of what replaced it.
        let entry = list.iter(&reader).next().ok_or(ENOENT)?;
        let new = Node::new(drops.probe(9), GFP_ATOMIC)?;
        let old = list.cursor_at(&mut guard, entry)?.replace(new);
        old.map_err(|_| EINVAL)?.call_rcu();
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        drop(reader);
        assert!(*seen(&list)? == [9]);
        Ok(())
    }

    #[test]
    fn insert_before_and_after() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..2)?;
        let node = |value| Node::new(drops.probe(value), GFP_KERNEL);
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard)?;
        assert!(cursor.find(|probe| probe.value == 1));
        cursor.insert_before(node(10)?);
        cursor.insert_after(node(11)?);
        assert!(*seen(&list)? == [0, 10, 1, 11]);
        // Behind the last entry is before the first one.
        assert!(!cursor.find(|_| false));
        cursor.insert_before(node(12)?);
        cursor.insert_after(node(13)?);
        assert!(*seen(&list)? == [13, 0, 10, 1, 11, 12]);
        cursor.move_prev();
        assert!(cursor.current().is_some_and(|probe| probe.value == 12));
        Ok(())
    }

    #[test]
    fn retain_removes_the_others() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..6)?;
        let mut sum = 0;
        list.cursor(&mut lock.lock())?.retain(
            |probe| probe.value % 3 == 0,
            |old| {
                sum += old.value;
                old.call_rcu();
            },
        );
        assert!(*seen(&list)? == [0, 3]);
        assert_eq!(sum, 1 + 2 + 4 + 5);
        assert!(drops.wait_for(4));
        Ok(())
    }
}

#[kunit_tests(rcu_list_chain)]
mod chain {
    use super::*;

    #[test]
    fn splice_after_a_grace_period() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let (from, to) = (filled(&lock, &drops, 0..3)?, filled(&lock, &drops, 10..12)?);
        let chain = from.cursor(&mut lock.lock())?.take_all().ok_or(ENOENT)?;
        assert!(from.is_empty());
        assert!(from.cursor(&mut lock.lock())?.take_all().is_none());
        to.cursor(&mut lock.lock())?
            .splice_front(chain.synchronize());
        assert!(*seen(&to)? == [0, 1, 2, 10, 11]);
        // They are the new list's now, which can remove them.
        let mut guard = lock.lock();
        let reader = rcu::read_lock();
        let entry = to.iter(&reader).next().ok_or(ENOENT)?;
        assert!(from.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        to.cursor_at(&mut guard, entry)?
            .remove()
            .ok_or(ENOENT)?
            .call_rcu();
        drop(reader);
        drop(guard);
        assert!(*seen(&to)? == [1, 2, 10, 11]);
        let chain = to.cursor(&mut lock.lock())?.take_all().ok_or(ENOENT)?;
        from.cursor(&mut lock.lock())?
            .push_back(Node::new(drops.probe(7), GFP_KERNEL)?);
        from.cursor(&mut lock.lock())?
            .splice_back(chain.synchronize_expedited());
        assert!(*seen(&from)? == [7, 1, 2, 10, 11]);
        Ok(())
    }

    // With one CPU for good a spinlock has no size, and so is no list's.
    #[cfg(CONFIG_SMP)]
    #[test]
    fn reader_in_a_taken_list_comes_to_its_end() -> Result {
        let drops = Drops::new()?;
        let lock = KBox::pin_init(kernel::new_spinlock!((), "rcu::tests::spin"), GFP_KERNEL)?;
        let list: Pin<KBox<RcuList<Probe>>> = KBox::pin_init(RcuList::new(&*lock), GFP_KERNEL)?;
        for value in 0..3 {
            let node = Node::new(drops.probe(value), GFP_KERNEL)?;
            list.cursor(&mut lock.lock())?.push_back(node);
        }
        let late = Node::new(drops.probe(9), GFP_KERNEL)?;
        let reader = rcu::read_lock();
        let mut iter = list.iter(&reader);
        assert!(iter.next().is_some_and(|probe| probe.value == 0));
        list.cursor(&mut lock.lock())?
            .take_all()
            .ok_or(ENOENT)?
            .call_rcu();
        list.cursor(&mut lock.lock())?.push_back(late);
        assert!(values(iter.map(|entry| entry.get()))? == [1, 2]);
        assert!(values(list.iter(&reader).map(|entry| entry.get()))? == [9]);
        assert_eq!(drops.count(), 0);
        drop(reader);
        assert!(drops.wait_for(3));
        Ok(())
    }

    #[test]
    fn reclaimed_by_one_callback() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        for count in [1, 2, 100] {
            let list = filled(&lock, &drops, 0..count)?;
            let before = drops.count();
            let retired = rcu::retirements().total();
            list.cursor(&mut lock.lock())?
                .take_all()
                .ok_or(ENOENT)?
                .call_rcu();
            assert_eq!(rcu::retirements().total(), retired + 1);
            assert!(drops.wait_for(before + count));
        }
        Ok(())
    }

    #[test]
    fn taken_apart() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..3)?;
        let chain = list
            .cursor(&mut lock.lock())?
            .take_all()
            .ok_or(ENOENT)?
            .synchronize();
        let (first, rest) = chain.pop();
        assert_eq!(first.value, 0);
        list.cursor(&mut lock.lock())?.push_back(first);
        assert!(*seen(&list)? == [0]);
        drop(rest);
        assert_eq!(drops.count(), 2);
        Ok(())
    }
    #[test]
    fn one_updater_takes_all_and_goes_on() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list = filled(&lock, &drops, 0..3)?;
        let mut guard = lock.lock();
        let reader = rcu::read_lock();
        let entry = list.iter(&reader).nth(1).ok_or(ENOENT)?;
        let taken = list.cursor(&mut guard)?.take_all().ok_or(ENOENT)?;
        assert!(list.cursor_at(&mut guard, entry).map(|_| ()) == Err(Refusal::NotHere));
        drop((reader, taken));
        assert!(list.is_empty());
        // It stands at none of what it takes.
        let mut cursor = list.cursor(&mut guard)?;
        cursor.push_back(Node::new(drops.probe(9), GFP_KERNEL)?);
        cursor.move_prev();
        cursor.take_all().ok_or(ENOENT)?.call_rcu();
        assert!(cursor.current().is_none() && cursor.remove().is_none());
        cursor.insert_before(Node::new(drops.probe(7), GFP_KERNEL)?);
        cursor.push_front(Node::new(drops.probe(8), GFP_KERNEL)?);
        assert!(*seen(&list)? == [8, 7]);
        drop(guard);
        assert!(drops.wait_for(4));
        Ok(())
    }
}
