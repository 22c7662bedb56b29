// SPDX-License-Identifier: GPL-2.0

//! What readers may see of each update of an hlist, and that a bug in its steps would show.

use std::collections::BTreeSet;

use listmodel::{
    explore::{Outcome, Violation, Way, explore},
    hlist::Updater,
    steps::Order,
    updates::{Field, HEAD, Node},
};

/// Runs `update` on an hlist of `nodes`, and a reader at every moment.
fn observe(nodes: &[Node], update: impl FnOnce(&Updater)) -> Outcome {
    observe_with(nodes, |_, order| order, update)
}

fn observe_with(
    nodes: &[Node],
    change: fn(Field, Order) -> Order,
    update: impl FnOnce(&Updater),
) -> Outcome {
    let updater = Updater::with(nodes, change);
    let begin = updater.memory();
    update(&updater);
    explore(begin, &updater, Way::Hlist)
}

/// Readers see exactly these walks, and nothing wrong.
#[track_caller]
fn exactly(outcome: &Outcome, walks: &[&[Node]]) {
    assert_eq!(outcome.violations, BTreeSet::new());
    let walks: BTreeSet<Vec<Node>> = walks.iter().map(|walk| walk.to_vec()).collect();
    assert_eq!(outcome.walks, walks);
}

#[test]
fn insert() {
    let outcome = observe(&[], |updater| {
        updater.make(9);
        updater.insert_after(9, HEAD);
    });
    exactly(&outcome, &[&[], &[9]]);
    let outcome = observe(&[2, 3], |updater| {
        updater.make(8);
        updater.insert_before(8, 3);
        updater.make(9);
        updater.insert_after(9, 3);
    });
    exactly(&outcome, &[&[2, 3], &[2, 8, 3], &[2, 8, 3, 9], &[2, 3, 9]]);
}

#[test]
fn remove() {
    for (node, rest) in [(2, [3, 4]), (3, [2, 4]), (4, [2, 3])] {
        let outcome = observe(&[2, 3, 4], |updater| {
            updater.remove(node);
            updater.grace_period();
            updater.free(node);
        });
        exactly(&outcome, &[&[2, 3, 4], &rest]);
    }
}

#[test]
fn remove_neighbours() {
    let outcome = observe(&[2, 3, 4, 5], |updater| {
        updater.remove(3);
        updater.remove(4);
        updater.grace_period();
        updater.free(3);
        updater.free(4);
    });
    exactly(&outcome, &[&[2, 3, 4, 5], &[2, 4, 5], &[2, 5]]);
}

#[test]
fn remove_what_stood_before_something_new() {
    let outcome = observe(&[2, 3, 4], |updater| {
        updater.make(9);
        updater.insert_after(9, 3);
        updater.remove(3);
        updater.grace_period();
        updater.free(3);
    });
    exactly(&outcome, &[&[2, 3, 4], &[2, 3, 9, 4], &[2, 9, 4]]);
}

#[test]
fn replace() {
    for (node, then) in [(2, [9, 3]), (3, [2, 9])] {
        let outcome = observe(&[2, 3], |updater| {
            updater.make(9);
            updater.replace(node, 9);
            updater.grace_period();
            updater.free(node);
        });
        exactly(&outcome, &[&[2, 3], &then]);
    }
}

#[test]
fn reinserted_after_a_grace_period() {
    let outcome = observe(&[2, 3, 4], |updater| {
        updater.remove(4);
        updater.grace_period();
        updater.insert_after(4, HEAD);
    });
    exactly(&outcome, &[&[2, 3, 4], &[2, 3], &[4, 2, 3]]);
}

// What would go wrong.

#[test]
fn free_without_a_grace_period() {
    let outcome = observe(&[2, 3, 4], |updater| {
        updater.remove(3);
        updater.free(3);
    });
    assert!(outcome.violations.contains(&Violation::Freed(3)));
}

#[test]
fn reinsert_without_a_grace_period() {
    let outcome = observe(&[2, 3, 4], |updater| {
        updater.remove(4);
        updater.insert_after(4, HEAD);
    });
    // A reader on 4, which was the last, comes to the others again, and to 4.
    let endless = Violation::Endless(vec![2, 3, 4]);
    assert!(outcome.violations.contains(&endless));
}

#[test]
fn publish_without_a_barrier() {
    let plain = |_, order| match order {
        Order::Publish => Order::Private,
        order => order,
    };
    let outcome = observe_with(&[2, 3], plain, |updater| {
        updater.make(9);
        updater.insert_after(9, 2);
    });
    assert!(outcome.violations.contains(&Violation::NotMade(9)));
    assert!(outcome.violations.contains(&Violation::NoLinks(9)));
}

#[test]
fn remove_what_stood_before_something_new_without_a_barrier() {
    let outcome = observe(&[2, 3, 4], |updater| {
        updater.make(9);
        updater.insert_after(9, 3);
        updater.hlist_del_rcu(3);
    });
    assert!(outcome.violations.contains(&Violation::NotMade(9)));
}
