// SPDX-License-Identifier: GPL-2.0

//! Lines that are records: of the journal, of a container, of LAVA, of `dmesg --json`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::escape::undo;
use super::{Line, strip};

/// A record of LAVA's log, which is YAML: `- {dt: …, lvl: target, msg: …}`, quoted or not.
static LAVA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\A- \{"?dt"?: .{10,40}?, "?lvl"?: .{1,20}?, (?:"?ns"?: .{1,20}?, )?"?msg"?: (.*)\}\z"#,
    )
    .expect("a constant pattern")
});

/// The JSON record that a line is: of the journal, of a container, of LAVA, of `dmesg --json`.
pub(super) fn record(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if text.starts_with('{') {
        return Some(text.into());
    }
    if let Some(found) = LAVA.captures(text) {
        return Some(lava(&found[1]));
    }
    // dmesg writes a field a line.
    text.starts_with("\"msg\":")
        .then(|| format!("{{{}}}", text.trim_end_matches(',')).into())
}

/// The JSON of what LAVA says was printed.
fn lava(value: &str) -> Cow<'static, str> {
    static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\\(?:x([0-9a-fA-F]{2})|([e0_ ]))").expect("a constant pattern")
    });
    let inside = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    if inside('"').is_some() {
        // YAML knows a few escapes more than JSON.
        let json = ESCAPE.replace_all(value, |found: &Captures<'_>| match found.get(1) {
            Some(byte) => format!("\\u00{}", byte.as_str()),
            None => match &found[2] {
                "e" => "\\u001b".into(),
                "0" => "\\u0000".into(),
                _ => " ".into(),
            },
        });
        return format!("{{\"msg\":{json}}}").into();
    }
    let text = inside('\'').map_or(value.to_owned(), |text| text.replace("''", "'"));
    serde_json::json!({ "msg": text }).to_string().into()
}

/// A line of `journalctl -o json`, or of a container's log.
pub(super) fn json(text: &str) -> Option<Line<'static>> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let message = ["MESSAGE", "message", "msg", "log"]
        .iter()
        .find_map(|key| value.get(key))?;
    let message = match message {
        serde_json::Value::String(text) => text.clone(),
        // journald gives bytes when they are not UTF-8.
        serde_json::Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes
                .iter()
                .filter_map(|byte| u8::try_from(byte.as_u64()?).ok())
                .collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    };
    let message = String::from_utf8_lossy(&undo(message.as_bytes())).into_owned();
    let mut line = Line {
        stamped: true,
        ..Line::default()
    };
    let micros = value
        .get("_SOURCE_MONOTONIC_TIMESTAMP")
        .or(value.get("__MONOTONIC_TIMESTAMP"));
    let micros = micros.and_then(|us| us.as_str()?.parse::<f64>().ok());
    line.time = micros.map(|us| us / 1e6);
    line.source = value
        .get("_HOSTNAME")
        .and_then(|host| Some(host.as_str()?.to_owned()));
    let end = strip(&message, &mut line);
    line.text = Cow::Owned(message[end..].trim_end().to_owned());
    Some(line)
}
