// SPDX-License-Identifier: GPL-2.0

//! [`rcu::RcuBidirList`] and [`rcu::list::SrcuList`].

use super::support::{
    lock,
    Drops,
    Probe, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    },
};
use rcu::{
    list::{
        Forward,
        Node,
        Refusal,
        Sole,
        SrcuList, //
    },
    srcu::Fast,
    RcuBidirList,
    Srcu, //
};

#[kunit_tests(rcu_list_bidir)]
mod bidir {
    use super::*;

    #[test]
    fn both_ways() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list: Pin<KBox<RcuBidirList<Probe>>> =
            KBox::pin_init(RcuBidirList::new(&*lock), GFP_KERNEL)?;
        for value in 0..4 {
            list.cursor(&mut lock.lock())?
                .push_back(Node::new(drops.probe(value), GFP_KERNEL)?);
        }
        let reader = rcu::read_lock();
        assert!(list.iter(&reader).map(|entry| entry.value).eq(0..4));
        assert!(list
            .iter_rev(&reader)
            .map(|entry| entry.value)
            .eq((0..4).rev()));
        Ok(())
    }

    // With one CPU for good a spinlock has no size, and so is no list's.
    #[cfg(CONFIG_SMP)]
    #[test]
    fn reader_goes_back_from_removed_and_replaced_entries() -> Result {
        let drops = Drops::new()?;
        let lock = KBox::pin_init(kernel::new_spinlock!((), "rcu::tests::spin"), GFP_KERNEL)?;
        let list: Pin<KBox<RcuBidirList<Probe>>> =
            KBox::pin_init(RcuBidirList::new(&*lock), GFP_KERNEL)?;
        for value in 0..5 {
            let node = Node::new(drops.probe(value), GFP_KERNEL)?;
            list.cursor(&mut lock.lock())?.push_back(node);
        }
        let reader = rcu::read_lock();
        let mut back = list.iter_rev(&reader);
        assert!(back.next().is_some_and(|probe| probe.value == 4));
        assert!(back.next().is_some_and(|probe| probe.value == 3));
        let new = Node::new(drops.probe(13), GFP_ATOMIC)?;
        let mut updater = lock.lock();
        // The reader stands on 3, which is replaced; 2 goes.
        let mut cursor = list.cursor(&mut updater)?;
        assert!(cursor.find(|probe| probe.value == 2));
        cursor.remove().ok_or(ENOENT)?.call_rcu();
        cursor.replace(new).map_err(|_| EINVAL)?.call_rcu();
        drop(updater);
        // 3 was replaced after 2 had gone, so its way back leads to 1.
        assert!(back.map(|entry| entry.value).eq([1, 0]));
        assert!(list
            .iter_rev(&reader)
            .map(|entry| entry.value)
            .eq([4, 13, 1, 0]));
        assert_eq!(drops.count(), 0);
        drop(reader);
        assert!(drops.wait_for(2));
        Ok(())
    }

    #[test]
    fn splice_goes_both_ways() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let list: Pin<KBox<RcuBidirList<Probe>>> =
            KBox::pin_init(RcuBidirList::new(&*lock), GFP_KERNEL)?;
        for value in 0..3 {
            list.cursor(&mut lock.lock())?
                .push_back(Node::new(drops.probe(value), GFP_KERNEL)?);
        }
        let chain = list
            .cursor(&mut lock.lock())?
            .take_all()
            .ok_or(ENOENT)?
            .synchronize();
        list.cursor(&mut lock.lock())?
            .push_back(Node::new(drops.probe(3), GFP_KERNEL)?);
        list.cursor(&mut lock.lock())?.splice_front(chain);
        let reader = rcu::read_lock();
        assert!(list
            .iter_rev(&reader)
            .map(|entry| entry.value)
            .eq((0..4).rev()));
        Ok(())
    }
}

#[kunit_tests(rcu_list_srcu)]
mod srcu {
    use super::*;

    fn domain() -> Result<Pin<KBox<Srcu>>> {
        KBox::pin_init(rcu::new_srcu!("rcu::tests::list"), GFP_KERNEL)
    }

    fn filled(
        lock: &kernel::sync::Mutex<()>,
        domain: &Srcu,
        drops: &Drops,
    ) -> Result<Pin<KBox<SrcuList<Probe>>>> {
        let list: Pin<KBox<SrcuList<Probe>>> =
            KBox::pin_init(SrcuList::new(lock, domain), GFP_KERNEL)?;
        for value in 0..3 {
            let node = Node::new(drops.probe(value), GFP_KERNEL)?;
            list.cursor(&mut lock.lock(), domain)?.push_back(node);
        }
        Ok(list)
    }

    #[test]
    fn sleeping_reader_goes_on_from_a_removed_entry() -> Result {
        let (lock, domain, drops) = (lock()?, domain()?, Drops::new()?);
        let list = filled(&lock, &domain, &drops)?;
        let reader = domain.read_lock();
        let mut iter = list.iter(&reader)?;
        let here = iter.next().ok_or(ENOENT)?;
        let mut guard = lock.lock();
        let mut cursor = list.cursor(&mut guard, &domain)?;
        cursor.remove().ok_or(ENOENT)?.call_rcu();
        drop(guard);
        fsleep(Delta::from_millis(20));
        assert_eq!((here.value, drops.count()), (0, 0));
        assert!(iter.map(|entry| entry.value).eq([1, 2]));
        drop(reader);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn removed_by_entry_and_moved_by_chain() -> Result {
        let (lock, domain, drops) = (lock()?, domain()?, Drops::new()?);
        let list = filled(&lock, &domain, &drops)?;
        let other = filled(&lock, &domain, &drops)?;
        let reader = domain.read_lock();
        let entry = list.iter(&reader)?.nth(1).ok_or(ENOENT)?;
        let mut guard = lock.lock();
        let refused = other.cursor_at(&mut guard, &domain, entry).map(|_| ());
        assert!(refused == Err(Refusal::NotHere));
        let mut cursor = list.cursor_at(&mut guard, &domain, entry)?;
        cursor.remove().ok_or(ENOENT)?.call_rcu();
        drop(reader);
        let mut cursor = list.cursor(&mut guard, &domain)?;
        let chain = cursor.take_all().ok_or(ENOENT)?;
        assert!(cursor.take_all().is_none());
        assert!(list.is_empty());
        // Not under the lock, which readers of the domain take.
        drop(guard);
        let chain = chain.synchronize();
        let mut guard = lock.lock();
        let mut cursor = other.cursor(&mut guard, &domain)?;
        cursor.splice_back(chain);
        cursor.push_front(Node::new(drops.probe(9), GFP_KERNEL)?);
        drop(guard);
        let reader = domain.read_lock();
        assert!(other
            .iter(&reader)?
            .map(|entry| entry.value)
            .eq([9, 0, 1, 2, 0, 2]));
        Ok(())
    }

    #[test]
    fn readers_of_another_kind() -> Result {
        let (lock, drops) = (lock()?, Drops::new()?);
        let domain = KBox::pin_init(rcu::new_srcu!(Fast), GFP_KERNEL)?;
        let list: Pin<KBox<SrcuList<Probe, 0, Sole, Forward, Fast>>> =
            KBox::pin_init(SrcuList::new(&*lock, &domain), GFP_KERNEL)?;
        let node = Node::new(drops.probe(1), GFP_KERNEL)?;
        list.cursor(&mut lock.lock(), &domain)?.push_back(node);
        let reader = domain.read_lock();
        let here = list.iter(&reader)?.next().ok_or(ENOENT)?;
        let old = list.cursor(&mut lock.lock(), &domain)?.remove();
        old.ok_or(ENOENT)?.call_rcu();
        fsleep(Delta::from_millis(20));
        assert_eq!((here.value, drops.count()), (1, 0));
        drop(reader);
        assert!(drops.wait_for(1));
        Ok(())
    }

    #[test]
    fn wrong_domain_or_lock_changes_nothing() -> Result {
        let (lock_, wrong, drops) = (lock()?, lock()?, Drops::new()?);
        let (own, other) = (domain()?, domain()?);
        let list = filled(&lock_, &own, &drops)?;
        let reader = other.read_lock();
        assert!(list.iter(&reader).map(|_| ()) == Err(Refusal::WrongDomain));
        let mut guard = lock_.lock();
        assert!(list.cursor(&mut guard, &other).map(|_| ()) == Err(Refusal::WrongDomain));
        drop(guard);
        assert!(list.cursor(&mut wrong.lock(), &own).map(|_| ()) == Err(Refusal::WrongLock));
        let reader = own.read_lock();
        assert_eq!(list.iter(&reader)?.count(), 3);
        Ok(())
    }
}
