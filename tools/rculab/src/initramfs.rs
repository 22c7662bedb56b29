// SPDX-License-Identifier: GPL-2.0

//! The guest's only file system: busybox, our scripts, the modules, the job.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use cpio::newc::{self, Builder, ModeFileType};

const BUSYBOX: &str = "/usr/bin/busybox";
const INIT: &str = include_str!("../guest/init");
const LIB: &str = include_str!("../guest/lib.sh");

/// What a guest is to do.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Shell text, run by the guest's init; its exit status ends the guest.
    pub script: String,
    /// Variables that the script finds set.
    pub env: Vec<(String, String)>,
    /// Modules that init loads before the script runs.
    pub load: Vec<PathBuf>,
    /// Modules that only lie in `/lab/modules`.
    pub carry: Vec<PathBuf>,
    /// Programs of the build root, which come with the libraries that they need.
    pub programs: Vec<PathBuf>,
    /// Files in `/lab/tests`: name and content.
    pub tests: Vec<(String, Vec<u8>)>,
}

impl Job {
    pub fn script(text: impl Into<String>) -> Self {
        Self {
            script: text.into(),
            ..Self::default()
        }
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.env.push((name.to_owned(), value.to_string()));
        self
    }

    pub fn load(mut self, modules: Vec<PathBuf>) -> Self {
        self.load = modules;
        self
    }

    pub fn carry(mut self, modules: Vec<PathBuf>) -> Self {
        self.carry = modules;
        self
    }

    /// Writes the archive.
    pub fn pack(&self, path: &Path) -> anyhow::Result<()> {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut archive = Archive {
            out: BufWriter::new(file),
            inode: 0,
        };
        // The kernel makes no directories by itself.
        for dir in [
            "bin",
            "dev",
            "proc",
            "sys",
            "tmp",
            "lab",
            "lab/modules",
            "lab/tests",
        ] {
            archive.dir(dir)?;
        }
        let busybox = fs::read(BUSYBOX)
            .with_context(|| format!("{BUSYBOX} is missing: run this in the build root"))?;
        archive.program("bin/busybox", &busybox)?;
        archive.link("bin/sh", "busybox")?;
        archive.program("init", INIT.as_bytes())?;
        archive.file("lab/lib.sh", LIB.as_bytes())?;
        archive.file("lab/job", self.script.as_bytes())?;
        archive.file("lab/env", self.env_text().as_bytes())?;
        archive.file("lab/load", self.load_text().as_bytes())?;
        let mut libraries = BTreeSet::new();
        for program in &self.programs {
            archive.program(&format!("bin/{}", file_name(program)), &content(program)?)?;
            libraries.extend(libraries_of(program)?);
        }
        archive.libraries(&libraries)?;
        let scratch = path.with_extension("ko");
        for module in self.load.iter().chain(&self.carry) {
            let content = stripped(module, &scratch)?;
            archive.file(&format!("lab/modules/{}", file_name(module)), &content)?;
        }
        // There is none if nothing was stripped.
        let _ = fs::remove_file(&scratch);
        for (name, content) in &self.tests {
            archive.file(&format!("lab/tests/{name}"), content)?;
        }
        newc::trailer(archive.out)?.flush()?;
        Ok(())
    }

    fn env_text(&self) -> String {
        let line = |(name, value): &(String, String)| {
            format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
        };
        self.env.iter().map(line).collect::<Vec<_>>().concat()
    }

    fn load_text(&self) -> String {
        let line = |module: &PathBuf| file_name(module) + "\n";
        self.load.iter().map(line).collect::<Vec<_>>().concat()
    }
}

/// A newc archive being written.
struct Archive {
    out: BufWriter<File>,
    inode: u32,
}

impl Archive {
    fn dir(&mut self, name: &str) -> anyhow::Result<()> {
        self.entry(name, ModeFileType::Directory, 0o755, &[])
    }

    fn file(&mut self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        self.entry(name, ModeFileType::Regular, 0o644, content)
    }

    /// Libraries, at the places where the build root has them, and the directories on the way.
    fn libraries(&mut self, libraries: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
        let places: Vec<&Path> = libraries
            .iter()
            .filter_map(|path| path.strip_prefix("/").ok())
            .collect();
        let dirs: BTreeSet<&Path> = places
            .iter()
            .flat_map(|place| place.ancestors().skip(1))
            .filter(|dir| *dir != Path::new(""))
            .collect();
        for dir in dirs {
            self.dir(&dir.to_string_lossy())?;
        }
        for (path, place) in libraries.iter().zip(&places) {
            self.program(&place.to_string_lossy(), &content(path)?)?;
        }
        Ok(())
    }

    fn program(&mut self, name: &str, content: &[u8]) -> anyhow::Result<()> {
        self.entry(name, ModeFileType::Regular, 0o755, content)
    }

    fn link(&mut self, name: &str, target: &str) -> anyhow::Result<()> {
        self.entry(name, ModeFileType::Symlink, 0o777, target.as_bytes())
    }

    fn entry(
        &mut self,
        name: &str,
        kind: ModeFileType,
        mode: u32,
        content: &[u8],
    ) -> anyhow::Result<()> {
        self.inode += 1;
        let size = u32::try_from(content.len())
            .with_context(|| format!("{name} is too large for the guest"))?;
        let mut writer = Builder::new(name)
            .ino(self.inode)
            .mode(mode)
            .set_mode_file_type(kind)
            .write(&mut self.out, size);
        writer.write_all(content)?;
        writer.finish()?;
        Ok(())
    }
}

/// The libraries that a program needs, and the loader of both.
fn libraries_of(program: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("ldd")
        .arg(program)
        .output()
        .context("cannot run ldd")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let path = |line: &str| {
        let word = line.split_whitespace().find(|word| word.starts_with('/'))?;
        Some(PathBuf::from(word))
    };
    let libraries: Vec<PathBuf> = text.lines().filter_map(path).collect();
    if libraries.is_empty() {
        bail!("ldd knows no libraries of {}", program.display());
    }
    Ok(libraries)
}

fn content(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A module without its debug information, as `INSTALL_MOD_STRIP=1` leaves it: a tenth of the
/// size, which the guest's boot time shows. What `strip` does not understand is taken as it is:
/// the guest's kernel is the judge of it.
fn stripped(module: &Path, scratch: &Path) -> anyhow::Result<Vec<u8>> {
    if !module.is_file() {
        bail!("{} is missing", module.display());
    }
    let output = Command::new("strip")
        .arg("--strip-debug")
        .arg("-o")
        .arg(scratch)
        .arg(module)
        .output()
        .context("cannot run strip")?;
    let file = if output.status.success() {
        scratch
    } else {
        module
    };
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
