// SPDX-License-Identifier: GPL-2.0

//! The command as a person meets it: exit codes, input of every kind, and what it prints.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;

const STALL: &str = "\
[   21.288313] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[   21.288877] rcu: \t0-...0: (5 ticks this GP) idle=04cc/1/0x4000000000000000 softirq=38/44 fqs=2579
[   21.289682] rcu: \t(detected by 3, t=5252 jiffies, g=-1139, q=146 ncpus=4)
";

/// What a command that should end or print may take, on a machine however busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn stalls() -> Command {
    let mut command = Command::cargo_bin("stalls").expect("it was built");
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn log(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/logs")
        .join(name)
}

fn output(command: &mut Command) -> String {
    String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8")
}

#[test]
fn exit_codes() {
    stalls()
        .write_stdin("all is well\n")
        .assert()
        .code(0)
        .stdout("No RCU stall.\n");
    stalls().write_stdin("").assert().code(0);
    stalls().write_stdin(STALL).assert().code(1);
    stalls()
        .arg("/no/such/log")
        .assert()
        .code(2)
        .stderr("explain: /no/such/log: no such file\n");
    stalls()
        .arg("/")
        .assert()
        .code(2)
        .stderr("explain: /: is a directory; name a log in it\n");
    stalls().arg("--no-such-option").assert().code(2);
}

#[test]
fn fail_on_says_which_stalls_count() {
    stalls()
        .args(["--fail-on", "never"])
        .write_stdin(STALL)
        .assert()
        .code(0);
    stalls()
        .args(["--fail-on", "known"])
        .write_stdin(STALL)
        .assert()
        .code(1);
    let paused = log("given/guest-paused-self-detected.log");
    stalls()
        .args(["--fail-on", "real"])
        .arg(&paused)
        .assert()
        .code(0);
    stalls()
        .args(["--fail-on", "any"])
        .arg(&paused)
        .assert()
        .code(1);
}

#[test]
fn packed_logs_are_unpacked() {
    let place = tempfile::tempdir().expect("a place");
    let gz = place.path().join("log.gz");
    let mut encoder = GzEncoder::new(
        fs::File::create(&gz).expect("writable"),
        Compression::fast(),
    );
    encoder.write_all(STALL.as_bytes()).expect("writable");
    encoder.finish().expect("writable");
    let zst = place.path().join("log.zst");
    let packed = ruzstd::encoding::compress_to_vec(
        STALL.as_bytes(),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    fs::write(&zst, [packed.clone(), packed].concat()).expect("writable");
    let episodes = |path: &Path| {
        let json = output(stalls().arg("--json").arg(path));
        serde_json::from_str::<Vec<serde_json::Value>>(&json)
            .expect("JSON")
            .len()
    };
    assert_eq!(episodes(&gz), 1);
    // Two frames are two logs, one after the other.
    assert_eq!(episodes(&zst), 2);

    let whole = fs::read(&gz).expect("readable");
    fs::write(&gz, &whole[..whole.len() / 2]).expect("writable");
    let cut = |path: &Path| {
        let told = stalls().arg(path).assert().code(2).get_output().clone();
        String::from_utf8(told.stderr).expect("UTF-8")
    };
    assert!(cut(&gz).contains("the archive ends too early"));
    let whole = fs::read(&zst).expect("readable");
    for length in [6, whole.len() / 4, whole.len() - 9] {
        fs::write(&zst, &whole[..length]).expect("writable");
        let told = cut(&zst);
        assert!(
            told.contains("the archive ends too early"),
            "{length}: {told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

/// Bytes as they come from a line at another rate, or from a compressor: with NUL if `any`.
fn noise(length: u32, any: bool) -> Vec<u8> {
    let byte = |n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8;
    (0..length).map(|n| byte(n) | u8::from(!any)).collect()
}

#[test]
fn a_log_may_begin_with_what_is_no_text() {
    // A boot loader at another rate, and then the kernel.
    let serial = [&noise(3000, true), &b"\r\n"[..], STALL.as_bytes()].concat();
    // A page of GBK, which says "Chinese".
    let gbk = b"\xd6\xd0\xce\xc4\xd6\xd0\xce\xc4\xd6\xd0\xce\xc4\n".repeat(400);
    let chinese = [&gbk, STALL.as_bytes()].concat();
    for log in [serial, chinese] {
        stalls().write_stdin(log).assert().code(1);
    }
}

#[test]
fn what_is_no_log_is_told_in_a_line() {
    let binary: Vec<u8> = (0..4096_u32).map(|n| (n * 7 % 32) as u8).collect();
    stalls()
        .write_stdin(binary)
        .assert()
        .code(2)
        .stderr("explain: standard input: is binary data, and no log; name a text log\n");
    // No NUL in it, and half of it is no UTF-8; and any byte.
    for any in [false, true] {
        let noise = noise(4096, any);
        stalls().write_stdin(noise).assert().code(2);
    }
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(STALL.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    stalls()
        .write_stdin(wide)
        .assert()
        .code(2)
        .stderr("explain: standard input: is UTF-16; convert it: iconv -f UTF-16 -t UTF-8\n");
}

#[test]
fn bytes_that_are_not_utf8_do_no_harm() {
    let mut log = b"\xff\xfe\xfd stray bytes of a serial line\n".to_vec();
    log.extend_from_slice(STALL.as_bytes());
    stalls().write_stdin(log).assert().code(1);
    let latin = "das Ger\u{e4}t h\u{e4}ngt\n".chars().map(|c| c as u8);
    let log: Vec<u8> = latin.chain(STALL.bytes()).collect();
    stalls().write_stdin(log).assert().code(1);
}

#[test]
fn a_pipe_has_no_colour() {
    assert!(!output(stalls().write_stdin(STALL)).contains('\x1b'));
}

#[test]
fn the_schema_names_every_field() {
    let schema: serde_json::Value =
        serde_json::from_str(&output(stalls().arg("--schema"))).expect("JSON");
    let known = schema["items"]["properties"]
        .as_object()
        .expect("an object");
    let json = output(stalls().arg("--json").write_stdin(STALL));
    let episodes: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
    for field in episodes[0].as_object().expect("an object").keys() {
        assert!(known.contains_key(field), "{field} is not in the schema");
    }
    for field in schema["items"]["required"].as_array().expect("an array") {
        let field = field.as_str().expect("a name");
        assert!(episodes[0].get(field).is_some(), "{field} is not printed");
    }
}

#[test]
fn a_report_reads_well() {
    let text = output(
        stalls()
            .args(["--width", "100"])
            .arg(log("lab/debian-7.2-four-scenarios.log")),
    );
    insta::assert_snapshot!("report", text);
}

#[test]
fn markdown_reads_well() {
    let text = output(
        stalls()
            .arg("--markdown")
            .arg(log("given/guest-idle-gp-kthread-starved.log")),
    );
    insta::assert_snapshot!("markdown", text);
}

#[test]
fn a_timeline_is_a_picture() {
    let text = output(
        stalls()
            .arg("--timeline")
            .arg(log("lab/debian-7.2-four-scenarios.log")),
    );
    assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
    assert_eq!(text.matches("class=\"bar\"").count(), 4);
    assert!(output(stalls().arg("--timeline").write_stdin("")).contains("No RCU stall."));
}

#[test]
fn a_timeline_does_not_grow_with_the_log() {
    let mut log = String::new();
    for n in 0..1000 {
        let header = format!("[{n}000.000000] rcu: INFO: rcu_preempt self-detected stall on CPU");
        let end = format!("[{n}000.000001] rcu: \t(t=5252 jiffies g={n} q=1 ncpus=4)");
        log.push_str(&header);
        log.push('\n');
        log.push_str(&end);
        log.push('\n');
    }
    let text = output(stalls().arg("--timeline").write_stdin(log));
    assert!(text.contains("1000 reports") && text.contains("all later stalls"));
    assert_eq!(text.matches("<rect").count(), 201);
}

/// The exit code where nobody reads what is printed, as with `| head -0`.
fn code_without_a_reader(args: &[&str], log: &[u8]) -> Option<i32> {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("stalls"))
        .args(args)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it was built");
    drop(child.stdout.take());
    let mut input = child.stdin.take().expect("a pipe");
    // It may stop reading before it was given everything.
    let _ = input.write_all(log);
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.stderr.is_empty(), "{args:?}");
    output.status.code()
}

#[test]
fn a_reader_that_leaves_changes_no_exit_code() {
    let stalled = STALL.repeat(2000);
    for format in [&[][..], &["--json"], &["--markdown"], &["--timeline"]] {
        assert_eq!(code_without_a_reader(format, stalled.as_bytes()), Some(1));
        assert_eq!(code_without_a_reader(format, b"all is well\n"), Some(0));
    }
    assert_eq!(
        code_without_a_reader(&["--follow"], STALL.as_bytes()),
        Some(1)
    );
    let never = ["--fail-on", "never"];
    assert_eq!(code_without_a_reader(&never, stalled.as_bytes()), Some(0));
    // What comes after the reader left counts, too.
    let mut log = fs::read(log("given/guest-paused-self-detected.log")).expect("readable");
    log.extend(b"nothing of interest\n".repeat(100_000));
    let real = ["--fail-on", "real"];
    assert_eq!(code_without_a_reader(&real, &log), Some(0));
    log.extend(STALL.as_bytes());
    assert_eq!(code_without_a_reader(&real, &log), Some(1));
}

#[test]
fn no_line_is_wider_than_asked_for() {
    let wide = |width: &str, log: &Path| {
        let text = output(stalls().args(["--width", width]).arg(log));
        text.lines().map(|line| line.chars().count()).max()
    };
    for name in ["lab/lab-7.3-catalogue.log", "lab/debian-7.2-catalogue.log"] {
        let log = log(name);
        assert!(
            wide("40", &log) <= Some(40),
            "{name}: {:?}",
            wide("40", &log)
        );
        assert!(wide("200", &log) > Some(150), "{name}");
    }
    stalls().args(["--width", "39"]).assert().code(2);
}

#[test]
fn what_is_packed_is_not_followed() {
    let place = tempfile::tempdir().expect("a place");
    let path = place.path().join("log.gz");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(STALL.as_bytes()).expect("writable");
    fs::write(&path, encoder.finish().expect("writable")).expect("writable");
    let said = format!(
        "explain: {}: is packed, and not written any more; leave --follow out\n",
        path.display()
    );
    stalls()
        .arg("--follow")
        .arg(&path)
        .timeout(PATIENCE)
        .assert()
        .code(2)
        .stderr(said);
}

#[test]
fn a_log_that_grows_is_followed() {
    let place = tempfile::tempdir().expect("a place");
    let path = place.path().join("console.log");
    fs::write(&path, STALL).expect("writable");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("stalls"))
        .arg("--follow")
        .arg(&path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it was built");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let (say, said) = mpsc::channel();
    std::thread::spawn(move || {
        let mut lines = output.lines().map_while(Result::ok);
        say.send(lines.any(|line| line.contains("irqs-off")))
    });
    // It goes on until it is stopped.
    let said = said.recv_timeout(PATIENCE);
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    assert_eq!(said, Ok(true));
}
