// SPDX-License-Identifier: GPL-2.0

//! Which accelerator works here: found out by booting a guest, and remembered.
//!
//! That `/dev/kvm` exists and can be opened proves nothing: there are hosts where a guest then
//! hangs for ever, or QEMU aborts.

use std::{env, fs, path::PathBuf, process::Command, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    exit::{Exit, failure},
    guest::{self, Deaf, End, Guest},
    initramfs::Job,
    kernel::Kernel,
    place::Place,
    qemu::{self, Accel},
    rundir::RunDir,
    term,
};

/// How long a guest on KVM may take to boot. One that works needs a second or two.
const LIMIT: Duration = Duration::from_secs(5);

/// What was found out, and for which host and kernel it holds.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Verdict {
    /// Changes with each boot of the host.
    boot: String,
    qemu: String,
    kernel: PathBuf,
    kvm: bool,
    why: String,
}

/// Chooses, and prints which one and why.
pub fn choose(place: &Place, kernel: &Kernel, warp: bool) -> anyhow::Result<Accel> {
    let (accel, why) = decide(place, kernel, warp)?;
    term::step(&format!("guest runs on {}: {why}", accel.name()));
    Ok(accel)
}

fn decide(place: &Place, kernel: &Kernel, warp: bool) -> anyhow::Result<(Accel, String)> {
    if warp {
        return Ok((Accel::Warp, "time warp was asked for".to_owned()));
    }
    match env::var("RCU_LAB_ACCEL").as_deref() {
        Ok("kvm") => return Ok((Accel::Kvm, "RCU_LAB_ACCEL=kvm".to_owned())),
        Ok("tcg") => return Ok((Accel::Tcg, "RCU_LAB_ACCEL=tcg".to_owned())),
        Ok("probe" | "") | Err(_) => {}
        Ok(other) => {
            let message =
                format!("RCU_LAB_ACCEL is `{other}`, but may be kvm, tcg, or probe to try again");
            return Err(failure(Exit::Usage, message));
        }
    }
    if let Err(e) = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/kvm")
    {
        return Ok((Accel::Tcg, format!("/dev/kvm: {e}")));
    }
    let verdict = remembered_or_probed(place, kernel)?;
    let accel = if verdict.kvm { Accel::Kvm } else { Accel::Tcg };
    Ok((accel, verdict.why))
}

fn remembered_or_probed(place: &Place, kernel: &Kernel) -> anyhow::Result<Verdict> {
    let file = place.cache.join("accel");
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let boot = boot.trim().to_owned();
    let qemu = qemu_version();
    let again = env::var("RCU_LAB_ACCEL").is_ok_and(|word| word == "probe");
    let old = fs::read(&file)
        .ok()
        .and_then(|text| serde_json::from_slice::<Verdict>(&text).ok());
    if let Some(old) = old {
        // Where KVM fails one kernel, TCG is the safe choice for all; where it works for one,
        // another may still find what it cannot emulate.
        if !again && old.boot == boot && old.qemu == qemu && (!old.kvm || old.kernel == kernel.dir)
        {
            return Ok(old);
        }
    }
    let (kvm, why) = probe(place, kernel)?;
    let verdict = Verdict {
        boot,
        qemu,
        kernel: kernel.dir.clone(),
        kvm,
        why,
    };
    fs::write(&file, serde_json::to_string_pretty(&verdict)? + "\n")?;
    Ok(verdict)
}

fn probe(place: &Place, kernel: &Kernel) -> anyhow::Result<(bool, String)> {
    term::step(&format!("trying KVM, for {} s at most", LIMIT.as_secs()));
    let dir = RunDir::create(&place.cache, "accel")?;
    let mut guest = Guest::new(kernel, Accel::Kvm);
    guest.up_limit = LIMIT;
    guest.deadline = LIMIT;
    Ok(
        match guest::run(&guest, &Job::script("true\n"), &dir, &mut Deaf)? {
            End::Exited(0) => (true, "a guest booted on it".to_owned()),
            End::Signal(signal) => {
                return Err(failure(Exit::Signal(signal), "interrupted"));
            }
            // A QEMU that gives up a guest says so, and stays.
            end @ End::NeverUp(_) => match guest::last_words(&dir) {
                Some(words) => (false, format!("KVM is no use here: {words}")),
                None => (false, format!("KVM is no use here: {}", end.words())),
            },
            end => (false, format!("KVM is no use here: {}", end.words())),
        },
    )
}

/// Which QEMU: where it is, and its version.
fn qemu_version() -> String {
    let program = qemu::program();
    let output = Command::new(&program).arg("--version").output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let version = text.lines().next().unwrap_or_default();
    format!("{}: {version}", program.to_string_lossy())
}
