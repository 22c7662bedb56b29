// SPDX-License-Identifier: GPL-2.0

//! The public items of our crates, as rustdoc's JSON has them.

use std::{
    collections::{HashSet, VecDeque},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use rustdoc_types::{Crate, FORMAT_VERSION, Id, Impl, Item, ItemEnum, Visibility};
use serde::Deserialize;

use crate::place::Place;

/// Our library crates.
pub const CRATES: [&str; 2] = ["rcu", "wrappers"];

/// How the documentation of the function begins that `#[pin_data]` adds to a type.
const PIN_DATA: &str = "Pin-projects all fields of";

/// An item that a user of the crate can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicItem {
    /// Such as `rcu::Rcu::update`.
    pub path: String,
    pub docs: String,
    pub file: PathBuf,
    /// Where the item itself begins, below its documentation; from 1.
    pub line: usize,
    pub is_module: bool,
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Format {
    format_version: u32,
}

/// Has rustdoc describe the crates that `modules` was built from, in files below `scratch`.
pub fn describe(place: &Place, modules: &Path, scratch: &Path) -> anyhow::Result<()> {
    let status = Command::new(place.file("scripts/rustdoc"))
        .arg(modules)
        .arg(scratch)
        .args(["--output-format", "json"])
        .stdin(Stdio::null())
        .status()
        .context("cannot run scripts/rustdoc")?;
    ensure!(status.success(), "scripts/rustdoc: {status}");
    Ok(())
}

/// The public items of a crate that was described in `scratch`, each once, by its shortest path.
pub fn read(scratch: &Path, name: &str) -> anyhow::Result<Vec<PublicItem>> {
    let path = scratch.join(format!("{name}.json"));
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let format: Format = serde_json::from_slice(&text)?;
    ensure!(
        format.format_version == FORMAT_VERSION,
        "this rustdoc writes version {} of its format, and rustdoc-types of tools/rculab/Cargo.toml \
         reads version {FORMAT_VERSION}",
        format.format_version
    );
    let krate = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not rustdoc's", path.display()))?;
    Ok(Walk::over(&krate))
}

/// A walk over a crate, modules last, so that an item is met by its shortest path first.
struct Walk<'a> {
    krate: &'a Crate,
    seen: HashSet<Id>,
    later: VecDeque<(String, Id)>,
    items: Vec<PublicItem>,
}

impl<'a> Walk<'a> {
    fn over(krate: &'a Crate) -> Vec<PublicItem> {
        let mut walk = Self {
            krate,
            seen: HashSet::new(),
            later: VecDeque::new(),
            items: Vec::new(),
        };
        walk.later.push_back((String::new(), krate.root));
        while let Some((prefix, id)) = walk.later.pop_front() {
            walk.module(&prefix, id);
        }
        walk.items
            .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        walk.items
    }

    fn item(&self, id: Id) -> Option<&'a Item> {
        self.krate.index.get(&id)
    }

    fn module(&mut self, prefix: &str, id: Id) {
        let Some(item) = self.item(id) else { return };
        let ItemEnum::Module(module) = &item.inner else {
            return;
        };
        if !self.seen.insert(id) {
            return;
        }
        let path = self.add(prefix, item);
        for id in &module.items {
            self.visit(&path, *id);
        }
    }

    /// Follows an item of a module.
    fn visit(&mut self, prefix: &str, id: Id) {
        let Some(item) = self.item(id) else { return };
        match &item.inner {
            ItemEnum::Use(import) => {
                if let Some(id) = import.id {
                    self.visit(prefix, id);
                }
                return;
            }
            ItemEnum::Module(_) => {
                self.later.push_back((prefix.to_owned(), id));
                return;
            }
            _ => {}
        }
        if item.crate_id != 0 || !self.seen.insert(id) {
            return;
        }
        let path = self.add(prefix, item);
        match &item.inner {
            ItemEnum::Struct(inner) => self.impls(&path, &inner.impls),
            ItemEnum::Enum(inner) => self.impls(&path, &inner.impls),
            ItemEnum::Union(inner) => self.impls(&path, &inner.impls),
            ItemEnum::Trait(inner) => self.functions(&path, &inner.items),
            _ => {}
        }
    }

    /// The functions of a type's own.
    fn impls(&mut self, path: &str, impls: &[Id]) {
        for id in impls {
            if let Some(ItemEnum::Impl(Impl {
                trait_: None,
                items,
                ..
            })) = self.item(*id).map(|item| &item.inner)
            {
                self.functions(path, items);
            }
        }
    }

    fn functions(&mut self, path: &str, items: &[Id]) {
        for id in items {
            let Some(item) = self.item(*id) else { continue };
            let is_visible = matches!(item.visibility, Visibility::Public | Visibility::Default);
            let is_function = matches!(item.inner, ItemEnum::Function(_));
            let is_ours = !item.docs.as_ref().is_some_and(|d| d.starts_with(PIN_DATA));
            if is_visible && is_function && is_ours && self.seen.insert(item.id) {
                self.add(path, item);
            }
        }
    }

    fn add(&mut self, prefix: &str, item: &Item) -> String {
        let name = item.name.as_deref().unwrap_or_default();
        let path = match prefix {
            "" => name.to_owned(),
            _ => format!("{prefix}::{name}"),
        };
        if let Some(span) = &item.span {
            self.items.push(PublicItem {
                path: path.clone(),
                docs: item.docs.clone().unwrap_or_default(),
                file: span.filename.clone(),
                line: span.begin.0,
                is_module: matches!(item.inner, ItemEnum::Module(_)),
            });
        }
        path
    }
}
