// SPDX-License-Identifier: GPL-2.0

//! Where things are: the repository and the cache.

use std::{env, path::PathBuf};

use crate::exit::{Exit, failure};

/// The repository and the cache, as `scripts/rculab` hands them over.
#[derive(Clone, Debug)]
pub struct Place {
    pub top: PathBuf,
    pub cache: PathBuf,
}

impl Place {
    pub fn from_env() -> anyhow::Result<Self> {
        let dir = |name: &str| {
            env::var_os(name).map(PathBuf::from).ok_or_else(|| {
                failure(
                    Exit::Setup,
                    format!("{name} is not set: start rculab through scripts/rculab"),
                )
            })
        };
        Ok(Self {
            top: dir("RCU_LAB_TOP")?,
            cache: dir("RCU_LAB_CACHE")?,
        })
    }

    /// A file of the repository.
    pub fn file(&self, path: &str) -> PathBuf {
        self.top.join(path)
    }
}
