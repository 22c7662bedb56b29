// SPDX-License-Identifier: GPL-2.0

//! Files that are a snapshot of the moment when they were opened.
//!
//! However such a file is read, in pieces, from anywhere, twice, it is the same text.
//!
//! C header: [`include/linux/fs.h`](srctree/include/linux/fs.h)

use crate::{
    debugfs::{
        Callbacks,
        ScopedDir, //
    },
    module::THIS_MODULE, //
};
use core::marker::PhantomData;
use kernel::{
    bindings,
    fmt,
    prelude::*, //
};

impl<'data> ScopedDir<'data> {
    /// Creates a file, mode 0400, that shows what `render` wrote of `data` when it was opened.
    ///
    /// `render` is called in process context, once for each opening. It is a function or a closure
    /// that captures nothing.
    pub fn snapshot_file<T, F>(&self, name: &CStr, data: &'data T, _render: &'static F)
    where
        T: Sync + 'static,
        F: Fn(&T, &mut Text) -> Result + Sync,
    {
        self.file(name, 0o400, data, &Snapshot::<T, F>::OPERATIONS);
    }
}

/// A text that grows as it is written. Writing fails when there is no memory for it.
pub struct Text(KVVec<u8>);

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0
            .extend_from_slice(text.as_bytes(), GFP_KERNEL)
            .map_err(|_| fmt::Error)
    }
}

/// The operations of a file that shows what an `F` rendered of a `T` when it was opened.
struct Snapshot<T, F>(PhantomData<(T, F)>);

impl<T, F> Snapshot<T, F>
where
    F: Fn(&T, &mut Text) -> Result + 'static,
{
    const OPERATIONS: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open),
        read: Some(Self::read),
        llseek: Some(Self::llseek),
        release: Some(Self::release),
        owner: THIS_MODULE.as_ptr(),
        ..pin_init::zeroed()
    };

    /// # Safety
    ///
    /// The inode's private data is a `T` that lives as long as the file is in debugfs.
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: By the caller. debugfs calls this only while the file is not removed.
        let data = unsafe { &*(*inode).i_private.cast::<T>() };
        // SAFETY: `snapshot_file` had a value of `F`.
        let render = unsafe { Callbacks::<T, F>::callback() };
        let mut text = Text(KVVec::new());
        let boxed = render(data, &mut text).and_then(|()| Ok(KBox::new(text, GFP_KERNEL)?));
        match boxed {
            Ok(text) => {
                // SAFETY: The file is being opened, and so nobody else's.
                unsafe { (*file).private_data = KBox::into_raw(text).cast() };
                0
            }
            Err(error) => error.to_errno(),
        }
    }

    /// # Safety
    ///
    /// `open` opened the file, and it is not released.
    unsafe fn text<'a>(file: *mut bindings::file) -> &'a [u8] {
        // SAFETY: By the caller the private data is a `Text` that nobody changes.
        unsafe { &(*(*file).private_data.cast::<Text>()).0 }
    }

    /// # Safety
    ///
    /// As for [`Self::text`]; `buffer` is a user-space buffer of `count` bytes, `position` valid.
    unsafe extern "C" fn read(
        file: *mut bindings::file,
        buffer: *mut c_char,
        count: usize,
        position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: By the caller.
        let text = unsafe { Self::text(file) };
        // SAFETY: By the caller, and `text` has so many bytes.
        unsafe {
            bindings::simple_read_from_buffer(
                buffer.cast(),
                count,
                position,
                text.as_ptr().cast(),
                text.len(),
            )
        }
    }

    /// # Safety
    ///
    /// As for [`Self::text`].
    unsafe extern "C" fn llseek(
        file: *mut bindings::file,
        offset: bindings::loff_t,
        whence: c_int,
    ) -> bindings::loff_t {
        // SAFETY: By the caller.
        let size = unsafe { Self::text(file) }.len();
        // SAFETY: The file is open.
        unsafe { bindings::fixed_size_llseek(file, offset, whence, size as bindings::loff_t) }
    }

    /// # Safety
    ///
    /// `open` opened the file, and this is called once.
    unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: By the caller the private data is what `KBox::into_raw` gave in `open`.
        drop(unsafe { KBox::from_raw((*file).private_data.cast::<Text>()) });
        0
    }
}
