// SPDX-License-Identifier: GPL-2.0

//! Control files: one line in, and what was wrong with the last one out.
//!
//! C header: [`include/linux/ratelimit.h`](srctree/include/linux/ratelimit.h)

use crate::{
    debugfs::ScopedDir,
    sys, //
};
use core::str;
use kernel::{
    bindings,
    fmt,
    new_mutex,
    prelude::*,
    str::CString,
    sync::Mutex,
    uaccess::UserSliceReader, //
};

/// `EOPNOTSUPP`, which the kernel crate does not name: this kernel cannot do that.
pub fn not_supported() -> Error {
    Error::from_errno(-(bindings::EOPNOTSUPP as c_int))
}

/// The longest line that a control file takes, in bytes.
const MAX_LINE: usize = 128;

/// A line that user space wrote, without its newline.
struct Line {
    bytes: [u8; MAX_LINE],
    len: usize,
}

impl Line {
    /// Reads the one line that a write consists of.
    fn read(reader: &mut UserSliceReader) -> Result<Self> {
        let mut line = Self {
            bytes: [0; MAX_LINE],
            len: reader.len(),
        };
        let bytes = line.bytes.get_mut(..line.len).ok_or(EINVAL)?;
        reader.read_slice(bytes)?;
        if bytes.last() == Some(&b'\n') {
            line.len -= 1;
        }
        let text = str::from_utf8(&line.bytes[..line.len]).map_err(|_| EINVAL)?;
        if text.contains(['\n', '\0']) {
            return Err(EINVAL);
        }
        Ok(line)
    }

    /// The text of the line.
    fn text(&self) -> &str {
        // `read` checked it.
        str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

/// What was wrong with the last line that a control file refused.
///
/// Formats as that, or as nothing.
#[pin_data]
pub struct LastError {
    module: &'static str,
    #[pin]
    text: Mutex<Option<CString>>,
}

impl LastError {
    /// Creates an initializer for none, in `module`.
    pub fn new(module: &'static str) -> impl PinInit<Self> {
        pin_init!(Self {
            module,
            text <- new_mutex!(None, "LastError::text"),
        })
    }

    /// Carries out a write: reads its one line, and calls `execute` with it. Process context, may
    /// sleep.
    ///
    /// Fails with `EINVAL` if the write is longer than 128 bytes, has several lines or is not
    /// UTF-8, with `EFAULT` if it cannot be read, and notes that; or as `execute` does, which notes
    /// for itself. Forgets the last error if all went well.
    pub fn carry_out(
        &self,
        reader: &mut UserSliceReader,
        execute: impl FnOnce(&str) -> Result,
    ) -> Result {
        let line = Line::read(reader).map_err(|error| {
            self.note(
                error,
                fmt!("expected one line of text, of at most {MAX_LINE} bytes"),
            )
        })?;
        execute(line.text())?;
        *self.text.lock() = None;
        Ok(())
    }

    /// Notes what was wrong, here and, unless that floods it, on the console, and returns `error`.
    ///
    /// Process context, may sleep.
    pub fn note(&self, error: Error, what: fmt::Arguments<'_>) -> Error {
        // SAFETY: May be called in any context.
        if unsafe { sys::rculab_ratelimit() } {
            pr_warn!("{}: {}\n", self.module, what);
        }
        // Without memory for it there is no text, which is better than an old one.
        *self.text.lock() = CString::try_from_fmt(what).ok();
        error
    }
}

/// Something that takes commands.
pub trait Commands: Sync + 'static {
    /// What was wrong with the last one.
    fn last_error(&self) -> &LastError;

    /// Carries a command out, or notes what is wrong with it. Process context, may sleep.
    fn execute(&self, line: &str) -> Result;
}

impl<'data> ScopedDir<'data> {
    /// Creates the files `control`, which takes a command a write, and `last_error`. Process
    /// context, sleeps.
    pub fn command_files<T: Commands>(&self, data: &'data T) {
        self.write_only_callback_file(c"control", data, &|data: &T, reader| {
            let execute = |line: &str| data.execute(line);
            data.last_error().carry_out(reader, execute)
        });
        self.read_callback_file(c"last_error", data, &|data: &T, f| {
            write!(f, "{}", data.last_error())
        });
    }
}

impl core::fmt::Display for LastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.text.lock() {
            Some(text) => writeln!(f, "{}", text.to_str().unwrap_or_default()),
            None => Ok(()),
        }
    }
}
