// SPDX-License-Identifier: GPL-2.0

//! The file `geometry`: what kind of RCU this is, and the shape of its tree.

use super::{
    counter::Known,
    counters::Counters, //
};
use core::fmt;
use kernel::cpu::nr_cpu_ids;
use wrappers::rcu_state::{
    built_shape,
    BuiltShape,
    IS_TINY, //
};

pub(super) fn show(counters: &Counters, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let built = built_shape();
    writeln!(
        f,
        "# built_: what the kernel was built for; the rest is what booting made of it"
    )?;
    counters.explain(f)?;
    let flavour = if IS_TINY { "tiny" } else { "tree" };
    writeln!(f, "flavour {flavour}")?;
    let preemptible = if cfg!(CONFIG_PREEMPT_RCU) {
        "yes"
    } else {
        "no"
    };
    writeln!(f, "preemptible_readers {preemptible}")?;
    writeln!(f, "cpus {}", nr_cpu_ids())?;
    let built = |of: fn(&BuiltShape) -> u32| Known(built.as_ref().map(of));
    writeln!(f, "built_fanout {}", built(|shape| shape.fanout))?;
    writeln!(f, "built_fanout_leaf {}", built(|shape| shape.fanout_leaf))?;
    writeln!(f, "built_levels {}", built(|shape| shape.levels))?;
    writeln!(f, "built_nodes {}", built(|shape| shape.nodes))?;

    let tree = &counters.tree;
    let cpus = nr_cpu_ids() as usize;
    let levels = Some(tree.levels()).filter(|levels| *levels > 0);
    writeln!(f, "levels {}", counters.state(levels))?;
    let nodes = levels.map(|all| {
        (0..all)
            .map(|level| tree.level(level, 0, cpus - 1).count())
            .sum()
    });
    writeln!(f, "nodes {}", counters.state::<usize>(nodes))?;
    write!(f, "leaves")?;
    match counters.state(levels).0 {
        Some(levels) => tree
            .level(levels - 1, 0, cpus - 1)
            .try_for_each(|leaf| write!(f, " {}-{}", leaf.first, leaf.last))?,
        None => write!(f, " -")?,
    }
    writeln!(f)
}
