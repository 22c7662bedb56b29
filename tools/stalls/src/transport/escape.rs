// SPDX-License-Identifier: GPL-2.0

//! What a carrier did to characters.

use std::borrow::Cow;

/// Undoes colour, carriage returns and NULs.
pub(super) fn undo(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(0x1b, b'\r', 0, raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut clean = if raw.contains(&0x1b) {
        strip_ansi_escapes::strip(raw)
    } else {
        raw.to_vec()
    };
    clean.retain(|&byte| byte != b'\r' && byte != 0);
    Cow::Owned(clean)
}

/// Undoes what a carrier did to characters: HTML, quoted-printable, rsyslog, sysklogd, /dev/kmsg.
pub(super) fn unescape(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut text = text;
    let suspect = |byte: u8| matches!(byte, b'&' | b'=' | b'#' | b'\\' | b'^') || !byte.is_ascii();
    if !text.bytes().any(suspect) {
        return text;
    }
    if text.contains('&') && text.contains(';') {
        text = Cow::Owned(html_escape::decode_html_entities(&text).into_owned());
    }
    for end in ["=0A=", "=0A"] {
        if let Some(line) = text.strip_suffix(end) {
            text = Cow::Owned(line.to_owned());
        }
    }
    for (from, to) in [
        ("=3D", "="),
        ("=09", "\t"),
        ("#011", "\t"),
        (r"\x09", "\t"),
        ("^I", "\t"),
        ("\u{a0}", " "),
        ("\u{2019}", "'"),
    ] {
        if text.contains(from) {
            text = Cow::Owned(text.replace(from, to));
        }
    }
    text
}
