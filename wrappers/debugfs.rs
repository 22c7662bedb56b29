// SPDX-License-Identifier: GPL-2.0

//! Files in debugfs that keep their module loaded while they are open.
//!
//! The kernel crate's debugfs files name no owner: a module can go while one is open, and closing
//! it then reads the `file_operations` that went with it. Here an open file holds a reference on
//! its module, as a C module's file does, so that `rmmod` answers "in use".
//!
//! C header: [`include/linux/debugfs.h`](srctree/include/linux/debugfs.h)

use crate::module::THIS_MODULE;
use core::{
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    ptr, //
};
use kernel::{
    bindings,
    error::from_err_ptr,
    fmt,
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    uaccess::{
        UserPtr,
        UserSlice,
        UserSliceReader, //
    },
};

/// A directory at the root of debugfs, with the data that its files show.
///
/// Dropping it removes the directory and all in it, waits for those who are just reading or
/// writing a file, and then drops the data. Process context, sleeps.
///
/// As with every registration of the kernel crate, a module that leaks this value must not be
/// unloaded.
#[pin_data]
pub struct Scope<T> {
    // Dropped in this order.
    directory: Directory,
    #[pin]
    data: T,
    #[pin]
    _pin: PhantomPinned,
}

impl<T: Sync + 'static> Scope<T> {
    /// Creates the directory `name`, without files yet, and initializes `data`.
    ///
    /// Process context, sleeps. A directory that exists already is `EEXIST`.
    pub fn dir<'a>(
        data: impl PinInit<T, Error> + 'a,
        name: &'a CStr,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(Self {
            directory: Directory(make(name, ptr::null_mut())?),
            data <- data,
            _pin: PhantomPinned,
        })
    }

    /// Lets `create` make the files. Process context, sleeps.
    ///
    /// To be called when the module's init cannot fail any more: a module whose init fails goes,
    /// whoever holds a file of it open.
    pub fn publish(&self, create: impl for<'data> FnOnce(&'data T, &ScopedDir<'data>)) {
        let directory = ScopedDir {
            directory: self.directory.0,
            _data: PhantomData,
        };
        create(&self.data, &directory);
    }
}

/// An owned directory.
///
/// # Invariants
///
/// The directory was made by `debugfs_create_dir()`, and nobody else removes it.
struct Directory(*mut bindings::dentry);

// SAFETY: Any task may remove a directory.
unsafe impl Send for Directory {}
// SAFETY: `&Directory` offers nothing.
unsafe impl Sync for Directory {}

impl Drop for Directory {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the directory is there.
        unsafe { bindings::debugfs_remove(self.0) };
    }
}

/// Makes a directory, at the root if `parent` is null.
fn make(name: &CStr, parent: *mut bindings::dentry) -> Result<*mut bindings::dentry> {
    // SAFETY: `name` is a C string, and `parent` null or a directory.
    from_err_ptr(unsafe { bindings::debugfs_create_dir(name.as_char_ptr(), parent) })
}

/// A directory whose files show data that lives for `'data`.
pub struct ScopedDir<'data> {
    directory: *mut bindings::dentry,
    // Invariant in `'data`: it is not to be shortened.
    _data: PhantomData<fn(&'data ()) -> &'data ()>,
}

impl<'data> ScopedDir<'data> {
    /// Creates a directory in this one. Process context, sleeps.
    ///
    /// Where it cannot be made, what would be in it is missing, as is customary in debugfs.
    pub fn dir(&self, name: &CStr) -> ScopedDir<'data> {
        ScopedDir {
            directory: make(name, self.directory).unwrap_or(ptr::null_mut()),
            _data: PhantomData,
        }
    }

    /// Creates a file, mode 0400, that shows what `show` writes of `data`.
    ///
    /// `show` is called in process context, once or, for a long text, several times. It is a
    /// function or a closure that captures nothing.
    pub fn read_callback_file<T, F>(&self, name: &CStr, data: &'data T, _show: &'static F)
    where
        T: Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Sync,
    {
        self.file(name, 0o400, data, &Callbacks::<T, F>::READ);
    }

    /// Creates a file, mode 0200, whose writes `write` takes.
    ///
    /// `write` is called in process context, once a write. It is a function or a closure that
    /// captures nothing.
    pub fn write_only_callback_file<T, F>(&self, name: &CStr, data: &'data T, _write: &'static F)
    where
        T: Sync + 'static,
        F: Fn(&T, &mut UserSliceReader) -> Result + Sync,
    {
        self.file(name, 0o200, data, &Callbacks::<T, F>::WRITE);
    }

    /// Creates a file, mode 0600, that shows what `show` writes of `data`, and whose writes `write`
    /// takes.
    ///
    /// As [`Self::read_callback_file`] and [`Self::write_only_callback_file`].
    pub fn read_write_callback_file<T, R, W>(
        &self,
        name: &CStr,
        data: &'data T,
        _show: &'static R,
        _write: &'static W,
    ) where
        T: Sync + 'static,
        R: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Sync,
    {
        self.file(name, 0o600, data, &ReadWrite::<T, R, W>::OPERATIONS);
    }

    pub(crate) fn file<T>(
        &self,
        name: &CStr,
        mode: u16,
        data: &'data T,
        operations: &'static bindings::file_operations,
    ) {
        if self.directory.is_null() {
            return;
        }
        // SAFETY: `name` is a C string. `operations` take a pointer to a `T` as what `data` is.
        // `data` lives until the scope has removed the file and waited for its users, and the
        // operations are this module's, which an open file keeps.
        unsafe {
            bindings::debugfs_create_file_full(
                name.as_char_ptr(),
                mode,
                self.directory,
                ptr::from_ref(data).cast_mut().cast(),
                ptr::null(),
                operations,
            )
        };
    }
}

/// The operations of a file that shows, or takes writes to, a `T` by calling an `F`.
pub(crate) struct Callbacks<T, F>(PhantomData<(T, F)>);

impl<T, F: 'static> Callbacks<T, F> {
    const OPERATIONS: bindings::file_operations = bindings::file_operations {
        owner: THIS_MODULE.as_ptr(),
        ..pin_init::zeroed()
    };

    /// The callback: a value of a type without a size.
    ///
    /// # Safety
    ///
    /// A value of `F` exists.
    pub(crate) unsafe fn callback() -> &'static F {
        const { assert!(size_of::<F>() == 0, "the callback must capture nothing") };
        // SAFETY: A pointer to a type without a size needs no memory behind it, and by the caller
        // the type has a value.
        unsafe { ptr::NonNull::<F>::dangling().as_ref() }
    }
}

impl<T, F> Callbacks<T, F>
where
    F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + 'static,
{
    const READ: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open),
        read: Some(bindings::seq_read),
        llseek: Some(bindings::seq_lseek),
        release: Some(bindings::single_release),
        ..Self::OPERATIONS
    };

    /// # Safety
    ///
    /// The inode's private data is a `T` that lives as long as the file is in debugfs.
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: The caller passes a valid inode and a file that is being opened.
        unsafe { bindings::single_open(file, Some(Self::show), (*inode).i_private) }
    }

    /// # Safety
    ///
    /// `seq` is a live `seq_file` whose private data is a live `T`, as [`Self::open`] made it.
    unsafe extern "C" fn show(seq: *mut bindings::seq_file, _: *mut c_void) -> c_int {
        struct Shown<'a, T, F: 'static>(&'a T, &'static F);

        impl<T, F> fmt::Display for Shown<'_, T, F>
        where
            F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (self.1)(self.0, f)
            }
        }

        // SAFETY: By the caller. debugfs calls this only while the file is not removed.
        let data = unsafe { &*(*seq).private.cast::<T>() };
        // SAFETY: `read_callback_file` had a value of `F`.
        let callback = unsafe { Self::callback() };
        // SAFETY: By the caller; only this task uses it.
        let seq = unsafe { SeqFile::from_raw(seq) };
        seq_print!(seq, "{}", Shown(data, callback));
        0
    }
}

impl<T, F> Callbacks<T, F>
where
    F: Fn(&T, &mut UserSliceReader) -> Result + 'static,
{
    const WRITE: bindings::file_operations = bindings::file_operations {
        open: Some(bindings::simple_open),
        write: Some(Self::write),
        llseek: Some(bindings::noop_llseek),
        ..Self::OPERATIONS
    };

    /// # Safety
    ///
    /// The file's private data, as `simple_open()` left it, is a live `T`, and `buffer` a
    /// user-space buffer of `count` bytes.
    unsafe extern "C" fn write(
        file: *mut bindings::file,
        buffer: *const c_char,
        count: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: By the caller. debugfs calls this only while the file is not removed.
        let data = unsafe { &*(*file).private_data.cast::<T>() };
        Self::take(data, buffer, count)
    }

    /// Hands what user space wrote to the callback.
    fn take(data: &T, buffer: *const c_char, count: usize) -> isize {
        // SAFETY: Whoever made the file had a value of `F`.
        let callback = unsafe { Self::callback() };
        let pointer = UserPtr::from_ptr(buffer.cast_mut().cast());
        let mut reader = UserSlice::new(pointer, count).reader();
        match callback(data, &mut reader) {
            Ok(()) => count as isize,
            Err(error) => error.to_errno() as isize,
        }
    }
}

/// The operations of a file that shows a `T` by calling an `R`, and takes writes by calling a `W`.
struct ReadWrite<T, R, W>(PhantomData<(T, R, W)>);

impl<T, R, W> ReadWrite<T, R, W>
where
    R: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + 'static,
    W: Fn(&T, &mut UserSliceReader) -> Result + 'static,
{
    const OPERATIONS: bindings::file_operations = bindings::file_operations {
        write: Some(Self::write),
        ..Callbacks::<T, R>::READ
    };

    /// # Safety
    ///
    /// The file is one that `Callbacks::<T, R>::READ` opened, and `buffer` a user-space buffer of
    /// `count` bytes.
    unsafe extern "C" fn write(
        file: *mut bindings::file,
        buffer: *const c_char,
        count: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: By the caller the private data is a `seq_file`, whose own is a live `T`. debugfs
        // calls this only while the file is not removed.
        let data = unsafe {
            let seq = (*file).private_data.cast::<bindings::seq_file>();
            &*(*seq).private.cast::<T>()
        };
        Callbacks::<T, W>::take(data, buffer, count)
    }
}
