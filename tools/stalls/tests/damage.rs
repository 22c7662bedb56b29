// SPDX-License-Identifier: GPL-2.0

//! The lab's reports with a part torn out, as a slow console does: nothing wrong is said surely.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value;
use stalls::Confidence;

/// A part is torn out at every so many bytes: all would take minutes.
const STEP: usize = 211;

/// Which reports are said to be something else for sure, each with what was lost.
#[derive(Default)]
struct Wrong {
    tried: u32,
    said: BTreeMap<String, Vec<String>>,
}

impl Wrong {
    fn read(&mut self, name: &str, causes: &Value, lost: &[u8], log: &[u8]) {
        self.tried += 1;
        for found in stalls::explain(log).expect("readable") {
            let accepted = causes.as_array().expect("an array");
            let right = accepted.iter().any(|cause| cause == found.cause.word());
            if found.confidence == Confidence::High && !right {
                let key = format!("{name}: {} and not {causes}", found.cause.word());
                let lost = String::from_utf8_lossy(lost).into_owned();
                self.said.entry(key).or_default().push(lost);
            }
        }
    }

    /// Takes so many bytes out of `report`, here and there, and not whole lines only.
    fn tear(&mut self, name: &str, causes: &Value, report: &[u8], length: usize) {
        let frame = Regex::new(
            r"\A\[ *\d+\.\d{6}\]\s*(?:\? )?[\w.$]+\+0x[0-9a-f]+/0x[0-9a-f]+(?: \[\w+\])?\s*\z",
        );
        let frame = frame.expect("a constant pattern");
        for from in (0..report.len()).step_by(STEP) {
            let to = (from + length).min(report.len());
            let left = [&report[..from], &report[to..]].concat();
            let begin = left[..from]
                .iter()
                .rposition(|&byte| byte == b'\n')
                .map_or(0, |at| at + 1);
            let end = left[from..]
                .iter()
                .position(|&byte| byte == b'\n')
                .map_or(left.len(), |at| from + at);
            let joined = String::from_utf8_lossy(&left[begin..end]);
            // Two halves of frames that look like one leave no trace.
            if !frame.is_match(&joined) {
                self.read(name, causes, &report[from..to], &left);
            }
        }
    }
}

#[test]
fn what_is_torn_is_not_sure_of_anything_else() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs/lab");
    let mut wrong = Wrong::default();
    for entry in fs::read_dir(place).expect("a readable directory") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let log = fs::read(&path).expect("readable");
        let lines: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').collect();
        let label = fs::read_to_string(path.with_extension("json")).expect("a label");
        let label: Value = serde_json::from_str(&label).expect("JSON");
        let episodes = label["episodes"].as_array().expect("an array");
        let line = |episode: &Value| episode["line"].as_u64().map_or(0, |line| line as usize - 1);
        for (at, episode) in episodes.iter().enumerate() {
            if episode.get("limit").is_some() {
                continue;
            }
            let end = episodes.get(at + 1).map_or(lines.len(), line);
            let begin = line(episode);
            let report = lines[begin..end.min(begin + 70)].concat();
            let name = path.file_stem().expect("a name").to_string_lossy();
            let name = format!("{name}:{}", begin + 1);
            for length in [9, 100, 400] {
                wrong.tear(&name, &episode["causes"], &report, length);
            }
            // A log may end in the middle; between two of a report's parts that leaves no trace.
            let head = memchr::memmem::find(&report, b" jiffies").unwrap_or(0);
            for from in (0..head).step_by(STEP) {
                wrong.read(&name, &episode["causes"], &report[from..], &report[..from]);
            }
        }
    }
    println!("{} torn reports", wrong.tried);
    let said: Vec<String> = wrong
        .said
        .iter()
        .map(|(key, lost)| {
            format!(
                "{}× {key}, without {:?}",
                lost.len(),
                lost[0].chars().take(90).collect::<String>()
            )
        })
        .collect();
    assert!(said.is_empty(), "{said:#?}");
}
