// SPDX-License-Identifier: GPL-2.0

//! Each way in which a guest can end badly, provoked for real: the exit code, the verdict file,
//! the log's path, and no QEMU left behind.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};

use crate::{
    check::{Context, suite::Suite},
    kernel::Flavour,
};

/// A guest that ends badly by itself.
struct Case {
    name: &'static str,
    /// What the guest runs.
    script: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    code: i32,
    /// What stderr has to say.
    says: &'static str,
}

const CASES: [Case; 7] = [
    Case {
        name: "passes",
        script: "true",
        args: &["--bare"],
        env: &[],
        code: 0,
        says: "log in ",
    },
    Case {
        name: "test failed",
        script: "exit 3",
        args: &["--bare"],
        env: &[],
        code: 1,
        says: "log in ",
    },
    Case {
        name: "guest panic",
        script: "echo c >/proc/sysrq-trigger",
        args: &["--bare"],
        env: &[],
        code: 10,
        says: "the guest kernel panicked: Kernel panic - not syncing: sysrq triggered crash",
    },
    Case {
        name: "deadline",
        script: "sleep 1000",
        args: &["--bare", "--deadline", "2"],
        env: &[],
        code: 11,
        says: "the guest was not done after its 2 s",
    },
    Case {
        name: "never came up",
        script: "true",
        // There is no such init, and the kernel waits for the disk that may hold one.
        args: &[
            "--bare",
            "--up-limit",
            "5",
            "--append",
            "rdinit=/none",
            "--append",
            "root=/dev/none",
            "--append",
            "rootwait",
        ],
        env: &[],
        code: 12,
        says: "the guest never came up",
    },
    Case {
        name: "module does not load",
        script: "true",
        args: &["--module", "bogus.ko"],
        env: &[],
        code: 13,
        says: "a module did not load: insmod: can't insert '/lab/modules/bogus.ko'",
    },
    Case {
        name: "no QEMU",
        script: "true",
        args: &["--bare"],
        env: &[("RCU_LAB_QEMU", "/nonexistent/qemu")],
        code: 14,
        says: "QEMU: ",
    },
];

/// Nothing here takes so long on a busy machine, and what hangs does for longer.
const AT_LAST: Duration = Duration::from_secs(120);

/// A QEMU whose KVM hangs, resp. aborts; all else is the real one.
const BAD_KVM: [(&str, &str); 2] = [
    ("KVM hangs", "exec sleep 1000"),
    ("KVM aborts", "kill -ABRT $$"),
];

/// The test of a guest that QEMU gives stale code.
const STALE_CODE: &str = "stale code boots again";

/// A QEMU that at first has what one printed that executed a breakpoint of the kernel's which was gone.
const STALE_QEMU: &str = r#"#!/bin/sh
[ ! -e stale ] || exec qemu-system-x86_64 "$@"
touch stale
exec python3 - "$@" <<'END'
import re, socket, sys, time
ports = re.findall(r"path=([^ ,]*/(?:console|results))", " ".join(sys.argv))
console, results = (socket.socket(socket.AF_UNIX) for _ in range(2))
console.connect(ports[0])
results.connect(ports[1])
console.sendall(b"[    2.166475] Oops: int3: 0000 [#1] SMP NOPTI\n"
    b"[    2.189734] Kernel panic - not syncing: Fatal exception in interrupt\n")
time.sleep(1)
END
"#;

/// Signals that end rculab, and the exit code of it.
const SIGNALS: [(&str, Option<i32>); 4] = [
    ("INT", Some(130)),
    ("TERM", Some(143)),
    ("HUP", Some(129)),
    ("KILL", None),
];

/// The test of a shell that loses its terminal.
const HANGUP: &str = "a terminal that is gone leaves no QEMU";

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    let names = CASES.iter().map(|case| case.name.to_owned());
    let mut names = names
        .chain(BAD_KVM.map(|(name, _)| name.to_owned()))
        .chain(SIGNALS.map(|(signal, _)| signal_name(signal)))
        .chain([STALE_CODE, HANGUP].map(str::to_owned));
    if !names.any(|name| suite.wants(&name)) {
        return Ok(());
    }
    context.kernel(Flavour::Debian)?;
    let scratch = suite.dir.file("exits");
    fs::create_dir_all(&scratch)?;
    fs::write(scratch.join("bogus.ko"), "no module at all\n")?;
    for case in CASES {
        suite.test(case.name, || ends(&scratch, &case));
    }
    for (name, fault) in BAD_KVM {
        if Path::new("/dev/kvm").exists() {
            suite.test(name, || falls_back(&scratch, fault));
        } else if suite.wants(name) {
            suite.skip(name, "this host has no /dev/kvm");
        }
    }
    suite.test(STALE_CODE, || boots_again(&scratch));
    for (signal, code) in SIGNALS {
        suite.test(&signal_name(signal), || dies(&scratch, signal, code));
    }
    suite.test(HANGUP, || hangs_up(&scratch));
    Ok(())
}

fn signal_name(signal: &str) -> String {
    format!("SIG{signal} leaves no QEMU")
}

/// `rculab run` of this script. TCG, so that the outcome does not depend on the host.
fn rculab(scratch: &Path, script: &str, args: &[&str]) -> anyhow::Result<Command> {
    let file = scratch.join("script.sh");
    fs::write(&file, format!("{script}\n"))?;
    let mut command = Command::new(env::current_exe()?);
    command
        .arg("run")
        .arg(file)
        .args(args)
        .env("RCU_LAB_ACCEL", "tcg")
        .current_dir(scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Ok(command)
}

fn ends(scratch: &Path, case: &Case) -> anyhow::Result<()> {
    let mut command = rculab(scratch, case.script, case.args)?;
    let output = command.envs(case.env.iter().copied()).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    ensure!(
        code == Some(case.code),
        "exit {code:?}, expected {}:\n{stderr}",
        case.code
    );
    ensure!(
        stderr.contains(case.says),
        "stderr does not say `{}`:\n{stderr}",
        case.says
    );
    let dir = run_dir(&stderr)?;
    let verdict = fs::read_to_string(dir.join("verdict"))?;
    let begins = format!("{} ", case.code);
    ensure!(
        verdict.starts_with(&begins),
        "the verdict file says `{verdict}`"
    );
    no_qemu(&dir)
}

/// The run directory that stderr names.
pub fn run_dir(stderr: &str) -> anyhow::Result<PathBuf> {
    let line = stderr.lines().find_map(|line| line.split_once("log in "));
    let (_, dir) = line.with_context(|| format!("stderr names no log:\n{stderr}"))?;
    Ok(PathBuf::from(dir.trim()))
}

/// A KVM that is no good is found out, and said.
fn falls_back(scratch: &Path, fault: &str) -> anyhow::Result<()> {
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' kvm '*) {fault} ;; esac\nexec qemu-system-x86_64 \"$@\"\n"
    );
    let qemu = faulty_qemu(scratch, &script)?;
    let start = Instant::now();
    let output = rculab(scratch, "true", &["--bare"])?
        .env("RCU_LAB_ACCEL", "probe")
        .env("RCU_LAB_QEMU", &qemu)
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}:\n{stderr}", output.status);
    ensure!(
        stderr.contains("guest runs on TCG: KVM is no use here"),
        "it does not say so:\n{stderr}"
    );
    ensure!(start.elapsed() < AT_LAST, "it took {:?}", start.elapsed());
    no_qemu(&run_dir(&stderr)?)
}

/// What is QEMU's fault does not end a run, but is told of, and kept.
fn boots_again(scratch: &Path) -> anyhow::Result<()> {
    let qemu = faulty_qemu(scratch, STALE_QEMU)?;
    let output = rculab(scratch, "true", &["--bare"])?
        .env("RCU_LAB_QEMU", &qemu)
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}:\n{stderr}", output.status);
    ensure!(
        stderr.contains("console-1.log): it boots again"),
        "it does not say so:\n{stderr}"
    );
    let dir = run_dir(&stderr)?;
    let kept = fs::read_to_string(dir.join("console-1.log"))?;
    ensure!(kept.contains("int3"), "the log of the first:\n{kept}");
    no_qemu(&dir)
}

/// What is run instead of QEMU.
fn faulty_qemu(scratch: &Path, script: &str) -> anyhow::Result<PathBuf> {
    let qemu = scratch.join("qemu");
    fs::write(&qemu, script)?;
    fs::set_permissions(&qemu, fs::Permissions::from_mode(0o755))?;
    Ok(qemu)
}

/// A signal ends rculab with the shell's code for it, and QEMU with it.
fn dies(scratch: &Path, signal: &str, code: Option<i32>) -> anyhow::Result<()> {
    let mut child = rculab(scratch, "sleep 1000", &["--bare"])?.spawn()?;
    let mut stderr = BufReader::new(child.stderr.take().context("stderr is piped")?);
    let mut said = String::new();
    while !said.contains("log in ") {
        ensure!(
            stderr.read_line(&mut said)? > 0,
            "it ended by itself:\n{said}"
        );
    }
    let dir = run_dir(&said)?;
    wait_until("QEMU runs", || qemu_runs(&dir))?;
    let kill = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status()?;
    ensure!(kill.success(), "kill: {kill}");
    let status = child.wait()?;
    let mut rest = String::new();
    stderr.read_to_string(&mut rest)?;
    ensure!(
        status.code() == code,
        "{status}, expected {code:?}:\n{said}{rest}"
    );
    no_qemu(&dir)
}

/// A shell ends with its terminal, even where the leader of the session keeps that to itself.
fn hangs_up(scratch: &Path) -> anyhow::Result<()> {
    let said = scratch.join("hangup.log");
    let shell = format!(
        "trap : HUP; {} shell 2>{}; :",
        env::current_exe()?.display(),
        said.display()
    );
    let mut terminal = Command::new("script")
        .args(["--quiet", "--command", &shell, "/dev/null"])
        .env("RCU_LAB_ACCEL", "tcg")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("cannot run script")?;
    let dir = || run_dir(&fs::read_to_string(&said)?);
    let runs = wait_until("QEMU runs", || dir().is_ok_and(|dir| qemu_runs(&dir)));
    terminal.kill()?;
    terminal.wait()?;
    runs?;
    no_qemu(&dir()?)
}

fn no_qemu(dir: &Path) -> anyhow::Result<()> {
    wait_until("QEMU is gone", || !qemu_runs(dir))
}

fn wait_until(what: &str, is: impl Fn() -> bool) -> anyhow::Result<()> {
    let start = Instant::now();
    while start.elapsed() < AT_LAST {
        if is() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    bail!("not within {AT_LAST:?}: {what}")
}

/// Whether a process has the initramfs of this run on its command line.
fn qemu_runs(dir: &Path) -> bool {
    let initramfs = dir.join("initramfs.cpio").to_string_lossy().into_owned();
    let Ok(processes) = fs::read_dir("/proc") else {
        return false;
    };
    processes.flatten().any(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line)
            .split('\0')
            .any(|word| word == initramfs)
    })
}
