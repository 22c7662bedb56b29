// SPDX-License-Identifier: GPL-2.0

//! Files whose text is a sequence of records, however long.
//!
//! A file of [`ScopedDir::read_callback_file`] makes its whole text at once, and again from the
//! start whenever the buffer was too small. Here the text streams through a buffer of a page: what
//! shows it is called for a buffer at a time, and holds nothing while the buffer is copied to user
//! space.
//!
//! Between two buffers the records may change. So each record has a place, a number that only it
//! ever has, and the next buffer goes on at a place, not at an address or a count: what was shown is
//! not shown again, and what was there all the time is not missed.
//!
//! C header: [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h)

use crate::{
    debugfs::ScopedDir,
    module::THIS_MODULE, //
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    bindings,
    fmt,
    prelude::*,
    seq_file::SeqFile, //
};

/// Records that a file shows, in the order of their places.
///
/// # Examples
///
/// ```
/// # use kernel::{fmt, prelude::*};
/// # use wrappers::seq_file::{Full, Records, Sequence};
/// struct Squares;
///
/// impl Sequence for Squares {
///     fn show(&self, from: u64, out: &mut Records<'_>) -> Result<(), Full> {
///         for n in from..1_000_000 {
///             out.put(n, fmt!("{}\n", n * n))?;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Sequence: Sync + 'static {
    /// Shows the records whose place is `from` or behind it, as long as `out` has room.
    ///
    /// Process context; may sleep, as far as what it holds allows. The first record of all may
    /// stand at place 0.
    fn show(&self, from: u64, out: &mut Records<'_>) -> Result<(), Full>;
}

/// The buffer is full: [`Sequence::show`] is to return, and is called again for the rest.
#[derive(Debug)]
pub struct Full;

/// The buffer that takes records.
pub struct Records<'a> {
    file: &'a SeqFile,
    /// The same file.
    ///
    /// # Invariants
    ///
    /// Nobody else uses it meanwhile.
    raw: *mut bindings::seq_file,
    next: u64,
}

/// The place behind all records.
const END: u64 = i64::MAX as u64;

impl Records<'_> {
    /// Takes a record that stands at `place`, a number below 2^63 - 1 that is larger than those
    /// before it.
    ///
    /// A record that finds no room is [`Full`], and shown again in the next buffer. One that is
    /// larger than the whole buffer makes it grow.
    pub fn put(&mut self, place: u64, text: fmt::Arguments<'_>) -> Result<(), Full> {
        // SAFETY: By the invariants the file is ours.
        let before = unsafe { (*self.raw).count };
        self.file.call_printf(text);
        // SAFETY: As above.
        let file = unsafe { &mut *self.raw };
        if file.count < file.size {
            return Ok(());
        }
        self.next = place;
        if before != 0 {
            file.count = before;
        }
        // Else it stays full, which tells the kernel to come again with a larger buffer.
        Err(Full)
    }
}

impl<'data> ScopedDir<'data> {
    /// Creates a file, mode 0400, that shows the records of `data`. Process context, sleeps.
    pub fn sequence_file<T: Sequence>(&self, name: &CStr, data: &'data T) {
        self.file(name, 0o400, data, &Operations::<T>::FILE);
    }
}

/// An open file.
#[repr(C)]
struct Open<T> {
    data: *const T,
    /// The place behind what the buffer holds.
    next: u64,
}

/// The operations of a file that shows a `T`.
struct Operations<T>(PhantomData<T>);

impl<T: Sequence> Operations<T> {
    const FILE: bindings::file_operations = bindings::file_operations {
        owner: THIS_MODULE.as_ptr(),
        open: Some(Self::open),
        read: Some(bindings::seq_read),
        llseek: Some(bindings::seq_lseek),
        release: Some(bindings::seq_release_private),
        ..pin_init::zeroed()
    };

    // What `seq_file` calls a record is to us what fits into the buffer, and its index the place
    // of the first record in there.
    const SEQUENCE: bindings::seq_operations = bindings::seq_operations {
        start: Some(Self::start),
        stop: Some(Self::stop),
        next: Some(Self::next),
        show: Some(Self::show),
    };

    /// # Safety
    ///
    /// The inode's private data is a `T` that lives as long as the file is in debugfs, and `file`
    /// is being opened.
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: By the caller. The operations live as long as this module, which `file` keeps.
        let open = unsafe {
            bindings::__seq_open_private(file, &Self::SEQUENCE, size_of::<Open<T>>() as c_int)
        }
        .cast::<Open<T>>();
        if open.is_null() {
            return ENOMEM.to_errno();
        }
        // SAFETY: The allocation is ours, and large enough.
        unsafe {
            open.write(Open {
                data: (*inode).i_private.cast(),
                next: 0,
            })
        };
        0
    }

    /// # Safety
    ///
    /// `seq` is a live file as [`Self::open`] made it, and `position` points at its index.
    unsafe extern "C" fn start(
        seq: *mut bindings::seq_file,
        position: *mut bindings::loff_t,
    ) -> *mut c_void {
        // SAFETY: By the caller.
        if unsafe { *position } as u64 >= END {
            return ptr::null_mut();
        }
        seq.cast()
    }

    /// # Safety
    ///
    /// As for [`Self::start`].
    unsafe extern "C" fn next(
        seq: *mut bindings::seq_file,
        _: *mut c_void,
        position: *mut bindings::loff_t,
    ) -> *mut c_void {
        // SAFETY: By the caller. `show` left there where it stopped.
        unsafe { *position = (*(*seq).private.cast::<Open<T>>()).next as bindings::loff_t };
        // SAFETY: By the caller.
        unsafe { Self::start(seq, position) }
    }

    /// Nothing is held between calls, so that there is nothing to give up.
    extern "C" fn stop(_: *mut bindings::seq_file, _: *mut c_void) {}

    /// # Safety
    ///
    /// As for [`Self::start`]; debugfs calls this only while the file is not removed.
    unsafe extern "C" fn show(seq: *mut bindings::seq_file, _: *mut c_void) -> c_int {
        // SAFETY: By the caller; the file's lock is held.
        let file = unsafe { &mut *seq };
        if file.count != 0 {
            // The call before this one filled the buffer: no need to look whether more fits.
            file.count = file.size;
            return 0;
        }
        // SAFETY: By the caller.
        let open = unsafe { &mut *file.private.cast::<Open<T>>() };
        let from = file.index as u64;
        let mut records = Records {
            // SAFETY: By the caller; only this task uses it, under the file's lock.
            file: unsafe { SeqFile::from_raw(seq) },
            raw: seq,
            next: END,
        };
        // SAFETY: By the caller the data is alive.
        let _ = unsafe { &*open.data }.show(from, &mut records);
        open.next = records.next;
        0
    }
}
