// SPDX-License-Identifier: GPL-2.0

//! QEMU's command line.

use std::{env, ffi::OsString, path::PathBuf, process::Command};

use crate::guest::Guest;

/// What executes the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accel {
    Kvm,
    Tcg,
    /// TCG on an instruction clock: guest time is no longer wall time.
    Warp,
    /// As `Warp`, with a processor that is half as fast.
    Slow,
    /// TCG on a clock that ticks once an instruction, for benchmarks.
    Count,
}

impl Accel {
    pub fn name(self) -> &'static str {
        match self {
            Accel::Kvm => "KVM",
            Accel::Tcg => "TCG",
            Accel::Warp => "TCG with an instruction clock",
            Accel::Slow => "TCG with a slow instruction clock",
            Accel::Count => "TCG that counts instructions",
        }
    }

    fn args(self) -> &'static [&'static str] {
        match self {
            Accel::Kvm => &["-accel", "kvm", "-cpu", "host"],
            Accel::Tcg => &["-accel", "tcg,thread=multi"],
            Accel::Warp => &[
                "-accel",
                "tcg,thread=single",
                "-icount",
                "shift=6,sleep=off",
            ],
            Accel::Slow => &[
                "-accel",
                "tcg,thread=single",
                "-icount",
                "shift=7,sleep=off",
            ],
            Accel::Count => &[
                "-accel",
                "tcg,thread=single",
                "-icount",
                "shift=0,sleep=off",
            ],
        }
    }
}

/// QEMU as it is found, or as `RCU_LAB_QEMU` names it.
pub fn program() -> OsString {
    env::var_os("RCU_LAB_QEMU").unwrap_or_else(|| "qemu-system-x86_64".into())
}

/// Kernel parameters of every guest. Most of them only make the boot short; `panic=-1` together
/// with `-no-reboot` ends QEMU, and our marks in the log must not be rate limited.
const KERNEL_PARAMETERS: [&str; 9] = [
    "console=ttyS0",
    "panic=-1",
    "oops=panic",
    "printk.devkmsg=on",
    "nokaslr",
    "mitigations=off",
    "no_timer_check",
    "tsc=reliable",
    "random.trust_cpu=on",
];

/// A guest with the files it is made of.
pub struct Machine<'a> {
    pub guest: &'a Guest,
    pub image: PathBuf,
    pub initramfs: PathBuf,
    /// The socket behind ttyS0.
    pub console: PathBuf,
    /// The socket behind ttyS1; without one it is the terminal.
    pub results: Option<PathBuf>,
    /// Where the monitor listens, if there is to be one.
    pub monitor: Option<PathBuf>,
}

impl Machine<'_> {
    pub fn kernel_command_line(&self) -> String {
        let more = self.guest.append.iter().map(String::as_str);
        KERNEL_PARAMETERS
            .into_iter()
            .chain(more)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The command, under a `setpriv` that lets QEMU die with us even if we are killed. (The
    /// kernel watches the thread that started it: start QEMU from the main thread.)
    pub fn command(&self) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL"])
            .arg(program())
            .args([
                "-machine",
                "q35",
                "-nodefaults",
                "-no-reboot",
                "-display",
                "none",
            ])
            .args(self.guest.accel.args())
            .args(["-smp", &self.guest.cpus.to_string()])
            .args(["-m", &self.guest.kernel.memory().to_string()])
            .arg("-kernel")
            .arg(&self.image)
            .arg("-initrd")
            .arg(&self.initramfs)
            .args(["-append", &self.kernel_command_line()]);
        // QEMU makes them in this order: once it has connected the console, its monitor listens.
        if let Some(path) = &self.monitor {
            let listens = socket("monitor", path) + ",server=on,wait=off";
            command
                .args(["-chardev", &listens])
                .args(["-mon", "chardev=monitor,mode=control"]);
        }
        command
            .args(["-chardev", &socket("console", &self.console)])
            .args(["-serial", "chardev:console"]);
        match &self.results {
            Some(path) => command.args(["-chardev", &socket("results", path)]),
            None => command.args(["-chardev", "stdio,id=results,signal=off,mux=on"]),
        };
        command.args(["-serial", "chardev:results"]);
        command
    }
}

fn socket(id: &str, path: &std::path::Path) -> String {
    format!("socket,id={id},path={}", path.display())
}

/// The command as a line for a shell.
pub fn shell_text(command: &Command) -> String {
    let quoted = |word: &std::ffi::OsStr| {
        let word = word.to_string_lossy().into_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}
