// SPDX-License-Identifier: GPL-2.0

//! A short piece of console text, kept in place: nothing is allocated where the kernel prints.

/// Up to [`Text::CAPACITY`] bytes of text; what comes after is cut off and remembered as such.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    bytes: [u8; Text::CAPACITY],
    len: usize,
    cut: bool,
}

impl Text {
    /// The longest line of a stall report has some 180 bytes: eight tasks in their long form.
    pub(crate) const CAPACITY: usize = 192;

    pub(crate) const EMPTY: Self = Self {
        bytes: [0; Self::CAPACITY],
        len: 0,
        cut: false,
    };

    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut text = Self::EMPTY;
        text.push(bytes);
        text
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let fits = bytes.len().min(Self::CAPACITY - self.len);
        self.bytes[self.len..][..fits].copy_from_slice(&bytes[..fits]);
        self.len += fits;
        self.cut |= fits < bytes.len();
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Remembers that something was cut off elsewhere.
    pub(crate) fn cut(&mut self) {
        self.cut = true;
    }

    /// Whether something was cut off.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }
}
