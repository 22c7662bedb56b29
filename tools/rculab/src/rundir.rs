// SPDX-License-Identifier: GPL-2.0

//! Run directories: what a person reads after a run.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Context;

/// How many run directories are kept.
const KEPT: usize = 200;

/// How long each is kept in any case: a full check takes hours, leaves more than a hundred, and writes
/// to its own until its end.
const IN_USE: Duration = Duration::from_secs(12 * 3600);

/// The directory of one run.
#[derive(Clone, Debug)]
pub struct RunDir(PathBuf);

impl RunDir {
    /// Makes a new directory `<UTC time>-<name>` under `runs`.
    pub fn create(cache: &Path, name: &str) -> anyhow::Result<Self> {
        let runs = cache.join("runs");
        fs::create_dir_all(&runs).with_context(|| format!("cannot make {}", runs.display()))?;
        prune(&runs);
        let time = humantime::format_rfc3339_seconds(SystemTime::now())
            .to_string()
            .replace(['-', ':'], "");
        for n in 1.. {
            let suffix = if n == 1 {
                String::new()
            } else {
                format!("-{n}")
            };
            let dir = runs.join(format!("{time}-{name}{suffix}"));
            match fs::create_dir(&dir) {
                Ok(()) => return Ok(Self(dir)),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(e).with_context(|| format!("cannot make {}", dir.display())),
            }
        }
        unreachable!("some number is free")
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> anyhow::Result<()> {
        let path = self.file(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Removes the oldest runs; names sort by time.
fn prune(runs: &Path) {
    let Ok(entries) = fs::read_dir(runs) else {
        return;
    };
    let mut dirs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    dirs.sort();
    let is_old = |dir: &&PathBuf| {
        let changed = fs::metadata(dir).and_then(|dir| dir.modified());
        changed.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > IN_USE))
    };
    for old in dirs.iter().rev().skip(KEPT).filter(is_old) {
        // Another run may be doing the same.
        let _ = fs::remove_dir_all(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_runs_go_unless_they_may_be_in_use() {
        let cache = std::env::temp_dir().join(format!("rculab-runs-{}", std::process::id()));
        let old = SystemTime::now() - 2 * IN_USE;
        for n in 0..KEPT + 3 {
            let dir = cache.join("runs").join(format!("{n:04}"));
            fs::create_dir_all(&dir).expect("a directory");
            if n != 1 {
                let dir = fs::File::open(&dir).expect("a directory");
                dir.set_modified(old).expect("a time");
            }
        }
        let new = RunDir::create(&cache, "x").expect("a run");
        let left = files(&cache);
        fs::remove_dir_all(&cache).expect("ours");
        assert!(new.path().starts_with(&cache));
        // The oldest that may go are 0 and 2; the new one comes on top.
        assert_eq!(left.len(), KEPT + 2);
        assert_eq!(left[..2], ["0001", "0003"]);
    }

    fn files(cache: &Path) -> Vec<String> {
        let entries = fs::read_dir(cache.join("runs")).expect("a directory");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.flatten().map(name).collect();
        names.sort();
        names
    }
}
