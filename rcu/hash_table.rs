// SPDX-License-Identifier: GPL-2.0

//! A hash table whose lookups take no lock.
//!
//! C headers: [`include/linux/hashtable.h`](srctree/include/linux/hashtable.h),
//! [`include/linux/hash.h`](srctree/include/linux/hash.h)

use crate::{
    hlist::{
        raw::RawHlist,
        HlistCursor,
        HlistIter, //
    },
    list::{
        Node,
        Removed,
        Sole, //
    },
    Global,
    Reader,
    Vanilla, //
};
use core::marker::PhantomData;
use kernel::{
    alloc::{
        AllocError,
        Flags, //
    },
    new_spinlock,
    prelude::*,
    sync::{
        lock::spinlock::SpinLockGuard,
        SpinLock, //
    },
};

/// A key that can be hashed.
///
/// # Examples
///
/// ```
/// use rcu::TableKey;
///
/// #[derive(PartialEq, Eq)]
/// struct Mac([u8; 6]);
///
/// impl TableKey for Mac {
///     fn hash(&self) -> u64 {
///         self.0.iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
///     }
/// }
///
/// assert_eq!(Mac([2, 0, 0, 0, 0, 1]).hash(), 0x0200_0000_0001);
/// ```
pub trait TableKey: Eq + Send + Sync + 'static {
    /// A number that is the same for equal keys, and for others seldom so.
    ///
    /// The table spreads it, so it need not be random. Who expects keys that an enemy chooses puts
    /// a secret into it.
    ///
    /// # Examples
    ///
    /// ```
    /// use rcu::TableKey;
    ///
    /// // An integer needs no more: the table spreads it.
    /// assert_eq!(7_u32.hash(), 7);
    /// ```
    fn hash(&self) -> u64;
}

macro_rules! impl_table_key {
    ($($int:ty)*) => {$(
        impl TableKey for $int {
            #[inline(always)]
            #[allow(
                clippy::cast_lossless,
                reason = "not each of the types converts by `u64::from`"
            )]
            fn hash(&self) -> u64 {
                *self as u64
            }
        }
    )*};
}

impl_table_key!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

/// An entry of a table.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// use rcu::{list::Node, KeyValue, RcuHashTable};
///
/// type Users = RcuHashTable<u32, &'static str, 16>;
///
/// /// What an entry says.
/// fn name(entry: &Node<KeyValue<u32, &'static str>>) -> &'static str {
///     entry.value
/// }
///
/// assert_eq!(name(&Users::entry(1, "ada", GFP_KERNEL)?), "ada");
/// # Ok::<(), Error>(())
/// ```
pub struct KeyValue<K, V> {
    /// The key, which never changes.
    pub key: K,
    /// The value. A new one comes with a new entry.
    pub value: V,
}

/// What replacing an entry returns.
type Replaced<K, V, D> = Result<Removed<KeyValue<K, V>, D>, Node<KeyValue<K, V>>>;

/// One bucket: a lock for updaters, and what readers walk.
#[pin_data]
struct Bucket<K: TableKey, V: Send + Sync + 'static> {
    #[pin]
    lock: SpinLock<()>,
    list: RawHlist<KeyValue<K, V>, 0, Sole>,
}

/// A table of `K` and `V` with `BUCKETS` buckets, a power of two.
///
/// Lookups take no lock; updates take the lock of one bucket, so that updates of others go on. A
/// value is replaced with its entry, at once: a lookup finds the old one or the new one.
///
/// The number of buckets is fixed. Growing a table under its readers takes a second set of links in
/// each entry and grace periods in between (see the kernel's `rhashtable`), for every user, used or
/// not; who knows about how many entries there will be needs none of it. And as an entry never goes
/// from one bucket to another, and is not used again before a grace period, a lookup that walks a
/// bucket stays in it: `hlist_nulls`, which tells where a walk has ended, has nothing to tell here.
///
/// # Invariants
///
/// The list of a bucket changes only under the bucket's lock, or through `&mut self`. Readers reach
/// it in `D` only.
///
/// # Examples
///
/// ```
/// # use kernel::prelude::*;
/// # use rcu::RcuHashTable;
/// let table: Pin<KBox<RcuHashTable<u32, &'static str, 64>>> =
///     KBox::pin_init(RcuHashTable::new(), GFP_KERNEL)?;
/// let (key, value) = (7, "seven");
/// assert!(table.insert(RcuHashTable::<u32, &'static str, 64>::entry(key, value, GFP_KERNEL)?).is_ok());
/// assert_eq!(table.get(&7, &rcu::read_lock()).copied(), Some("seven"));
/// table.remove(&7).ok_or(ENOENT)?.call_rcu();
/// assert!(table.get(&7, &rcu::read_lock()).is_none());
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct RcuHashTable<K, V, const BUCKETS: usize, D = Vanilla>
where
    K: TableKey,
    V: Send + Sync + 'static,
    D: Global,
{
    #[pin]
    buckets: [Bucket<K, V>; BUCKETS],
    _domain: PhantomData<D>,
}

impl<K, V, const BUCKETS: usize, D> RcuHashTable<K, V, BUCKETS, D>
where
    K: TableKey,
    V: Send + Sync + 'static,
    D: Global,
{
    const BITS: u32 = {
        assert!(
            BUCKETS.is_power_of_two() && BUCKETS > 1,
            "the number of buckets is a power of two"
        );
        BUCKETS.trailing_zeros()
    };

    /// Creates an initializer for an empty table. Process context.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuHashTable;
    /// type Users = RcuHashTable<u32, &'static str, 16>;
    ///
    /// let users: Pin<KBox<Users>> = KBox::pin_init(Users::new(), GFP_KERNEL)?;
    /// assert!(users.get(&1, &rcu::read_lock()).is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: There is no entry yet.
        pin_init!(Self {
            buckets <- pin_init::pin_init_array_from_fn(|_| {
                pin_init!(Bucket {
                    lock <- new_spinlock!((), "RcuHashTable::bucket"),
                    list: RawHlist::new(),
                })
            }),
            _domain: PhantomData,
        })
    }

    /// Makes an entry, to be inserted. The context that `flags` allow.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuHashTable;
    /// type Users = RcuHashTable<u32, &'static str, 16>;
    ///
    /// let entry = Users::entry(1, "ada", GFP_KERNEL)?;
    /// assert_eq!((entry.key, entry.value), (1, "ada"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn entry(key: K, value: V, flags: Flags) -> Result<Node<KeyValue<K, V>>, AllocError> {
        Node::new(KeyValue { key, value }, flags)
    }

    /// The bucket of `key`: `hash_64()`.
    #[inline(always)]
    fn bucket(&self, key: &K) -> &Bucket<K, V> {
        const GOLDEN_RATIO: u64 = 0x61c8_8646_80b5_83eb;
        let index = key.hash().wrapping_mul(GOLDEN_RATIO) >> (u64::BITS - Self::BITS);
        // The shift leaves as many bits as the index of the array has.
        &self.buckets[index as usize % BUCKETS]
    }

    /// Finds the value of `key` as a reader. Any context, takes no lock.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuHashTable;
    /// type Users = RcuHashTable<u32, &'static str, 16>;
    /// # let users: Pin<KBox<Users>> = KBox::pin_init(Users::new(), GFP_KERNEL)?;
    /// # users.insert(Users::entry(1, "ada", GFP_KERNEL)?).map_err(|_| EEXIST)?;
    ///
    /// let guard = rcu::read_lock();
    /// assert_eq!(users.get(&1, &guard).copied(), Some("ada"));
    /// assert!(users.get(&2, &guard).is_none());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get<'g>(&'g self, key: &K, _guard: &'g impl Reader<D>) -> Option<&'g V> {
        // INVARIANT: The guard keeps every entry that can be reached from now on alive for `'g`.
        HlistIter::<KeyValue<K, V>, 0, Sole>::from(self.bucket(key).list.first())
            .find(|entry| entry.key == *key)
            .map(|entry| &entry.get().value)
    }

    /// Stands at `key`, or behind all, in its bucket, whose lock `_guard` holds.
    fn cursor<'a>(
        bucket: &'a Bucket<K, V>,
        _guard: &'a mut SpinLockGuard<'_, ()>,
        key: &K,
    ) -> HlistCursor<'a, KeyValue<K, V>, 0, Sole, D> {
        // INVARIANT: The borrow of the guard keeps the lock for `'a`. Readers are `D`'s.
        let mut cursor = HlistCursor::at(&bucket.list, bucket.list.first(), D::DOMAIN);
        cursor.find(|pair| pair.key == *key);
        cursor
    }

    /// Inserts an entry whose key is not there. One whose key is there comes back.
    ///
    /// Process or softirq context, not both for one table: the bucket's lock leaves softirqs on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuHashTable;
    /// type Users = RcuHashTable<u32, &'static str, 16>;
    /// # let users: Pin<KBox<Users>> = KBox::pin_init(Users::new(), GFP_KERNEL)?;
    ///
    /// users.insert(Users::entry(1, "ada", GFP_KERNEL)?).map_err(|_| EEXIST)?;
    ///
    /// let refused = users.insert(Users::entry(1, "eve", GFP_KERNEL)?);
    /// assert!(refused.is_err_and(|entry| entry.value == "eve"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn insert(&self, entry: Node<KeyValue<K, V>>) -> Result<(), Node<KeyValue<K, V>>> {
        let bucket = self.bucket(&entry.key);
        let mut guard = bucket.lock.lock();
        let mut cursor = Self::cursor(bucket, &mut guard, &entry.key);
        if cursor.current().is_some() {
            return Err(entry);
        }
        cursor.insert_before(entry);
        Ok(())
    }

    /// Replaces the entry of the same key. One whose key is not there comes back. The context of
    /// [`RcuHashTable::insert`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuHashTable;
    /// type Users = RcuHashTable<u32, &'static str, 16>;
    /// # let users: Pin<KBox<Users>> = KBox::pin_init(Users::new(), GFP_KERNEL)?;
    /// # users.insert(Users::entry(1, "ada", GFP_KERNEL)?).map_err(|_| EEXIST)?;
    ///
    /// let old = users.replace(Users::entry(1, "bob", GFP_KERNEL)?).map_err(|_| ENOENT)?;
    /// assert_eq!(old.value, "ada");
    /// old.call_rcu();
    /// assert_eq!(users.get(&1, &rcu::read_lock()).copied(), Some("bob"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn replace(&self, entry: Node<KeyValue<K, V>>) -> Replaced<K, V, D> {
        let bucket = self.bucket(&entry.key);
        let mut guard = bucket.lock.lock();
        Self::cursor(bucket, &mut guard, &entry.key).replace(entry)
    }

    /// Removes the entry of `key`. The context of [`RcuHashTable::insert`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::prelude::*;
    /// # use rcu::RcuHashTable;
    /// type Users = RcuHashTable<u32, &'static str, 16>;
    /// # let users: Pin<KBox<Users>> = KBox::pin_init(Users::new(), GFP_KERNEL)?;
    /// # users.insert(Users::entry(1, "ada", GFP_KERNEL)?).map_err(|_| EEXIST)?;
    ///
    /// let old = users.remove(&1).ok_or(ENOENT)?;
    /// assert_eq!(old.synchronize().into_inner().value, "ada");
    /// assert!(users.remove(&1).is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn remove(&self, key: &K) -> Option<Removed<KeyValue<K, V>, D>> {
        let bucket = self.bucket(key);
        let mut guard = bucket.lock.lock();
        Self::cursor(bucket, &mut guard, key).remove()
    }
}

// SAFETY: The table owns keys and values, which are `Send`, and gives out `&V`, which is `Sync`.
unsafe impl<K, V, const BUCKETS: usize, D> Send for RcuHashTable<K, V, BUCKETS, D>
where
    K: TableKey,
    V: Send + Sync + 'static,
    D: Global,
{
}
// SAFETY: Readers on several CPUs share `&K` and `&V`, which are `Sync`; an updater takes entries
// out, which are `Send`, under a lock.
unsafe impl<K, V, const BUCKETS: usize, D> Sync for RcuHashTable<K, V, BUCKETS, D>
where
    K: TableKey,
    V: Send + Sync + 'static,
    D: Global,
{
}
