// SPDX-License-Identifier: GPL-2.0

//! What readers may see of each update, and that a bug in its steps would show.

use std::collections::BTreeSet;

use listmodel::{
    Bidirectional, Forward,
    explore::{Outcome, Violation, Way, explore},
    steps::{Order, Ways},
    updates::{Field, HEAD, Node, OTHER, Updater},
};

/// Runs `update` on a list of `nodes`, and a reader at every moment.
fn observe<W: Ways>(nodes: &[Node], way: Way, update: impl FnOnce(&Updater<W>)) -> Outcome {
    observe_with(nodes, way, |_, order| order, update)
}

fn observe_with<W: Ways>(
    nodes: &[Node],
    way: Way,
    change: fn(Field, Order) -> Order,
    update: impl FnOnce(&Updater<W>),
) -> Outcome {
    let updater = Updater::<W>::with(nodes, change);
    let begin = updater.memory();
    update(&updater);
    explore(begin, &updater, way)
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
    let outcome = observe::<Forward>(&[2, 3], Way::Forward, |updater| {
        updater.make(9);
        updater.insert_after(9, 2);
    });
    exactly(&outcome, &[&[2, 3], &[2, 9, 3]]);
    let outcome = observe::<Forward>(&[2], Way::Forward, |updater| {
        updater.make(8);
        updater.insert_before(8, HEAD);
        updater.make(9);
        updater.insert_before(9, HEAD);
    });
    exactly(&outcome, &[&[2], &[2, 8], &[2, 8, 9]]);
}

#[test]
fn inserted_first_seen_without_inserted_later() {
    // 8 is put behind 3 first, and 9 before 2 then: a reader that was past 2 sees only 8, and one
    // that came for 9 sees 8 as well.
    let outcome = observe::<Forward>(&[2, 3], Way::Forward, |updater| {
        updater.make(8);
        updater.insert_after(8, 3);
        updater.make(9);
        updater.insert_before(9, 2);
    });
    exactly(&outcome, &[&[2, 3], &[2, 3, 8], &[9, 2, 3, 8]]);
}

#[test]
fn remove() {
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
        updater.remove(3);
        updater.grace_period();
        updater.free(3);
    });
    exactly(&outcome, &[&[2, 3, 4], &[2, 4]]);
}

#[test]
fn remove_neighbours() {
    // A reader on 3 goes on to 4 even if both are removed; none sees 4 and not 5.
    let outcome = observe::<Forward>(&[2, 3, 4, 5], Way::Forward, |updater| {
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
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
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
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
        updater.make(9);
        updater.replace(3, 9);
        updater.grace_period();
        updater.free(3);
    });
    exactly(&outcome, &[&[2, 3, 4], &[2, 9, 4]]);
}

#[test]
fn reinserted_after_a_grace_period() {
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
        updater.remove(2);
        updater.grace_period();
        updater.insert_before(2, HEAD);
    });
    exactly(&outcome, &[&[2, 3, 4], &[3, 4], &[3, 4, 2]]);
}

#[test]
fn take_all_and_splice() {
    let outcome = observe::<Forward>(&[2, 3], Way::Forward, |updater| {
        let chain = updater.take_all(HEAD);
        updater.grace_period();
        updater.splice_front(chain, OTHER);
    });
    exactly(&outcome, &[&[2, 3], &[]]);
}

#[test]
fn splice_in() {
    // The chain comes from a list that nobody reads.
    let outcome = observe::<Forward>(&[2], Way::Forward, |updater| {
        for node in [8, 9] {
            updater.make(node);
            updater.insert_before(node, OTHER);
        }
        let chain = updater.take_all(OTHER);
        updater.splice_front(chain, HEAD);
    });
    exactly(&outcome, &[&[2], &[8, 9, 2]]);
}

#[test]
fn backward() {
    let outcome = observe::<Bidirectional>(&[2, 3, 4], Way::Backward, |updater| {
        updater.make(9);
        updater.insert_after(9, 2);
        updater.remove(3);
        updater.grace_period();
        updater.free(3);
    });
    exactly(&outcome, &[&[4, 3, 2], &[4, 3, 9, 2], &[4, 9, 2]]);
    let outcome = observe::<Bidirectional>(&[2, 3, 4], Way::Backward, |updater| {
        updater.make(9);
        updater.replace(3, 9);
        updater.grace_period();
        updater.free(3);
    });
    exactly(&outcome, &[&[4, 3, 2], &[4, 9, 2]]);
}

// What would go wrong.

#[test]
fn free_without_a_grace_period() {
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
        updater.remove(3);
        updater.free(3);
    });
    assert!(outcome.violations.contains(&Violation::Freed(3)));
}

#[test]
fn reinsert_without_a_grace_period() {
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
        updater.remove(2);
        updater.insert_before(2, HEAD);
    });
    // A reader on 2 comes to the end at once and misses 3 and 4, or comes to 2 again.
    assert!(outcome.walks.contains(&vec![2]));
    assert!(!outcome.violations.is_empty());
}

#[test]
fn splice_without_a_grace_period() {
    let outcome = observe::<Forward>(&[2, 3], Way::Forward, |updater| {
        let chain = updater.take_all(HEAD);
        updater.splice_front(chain, OTHER);
    });
    // It looks in vain for the head of its list.
    assert!(outcome.violations.contains(&Violation::Astray(vec![2, 3])));
}

#[test]
fn publish_without_a_barrier() {
    let plain = |_, order| match order {
        Order::Publish => Order::Private,
        order => order,
    };
    let outcome = observe_with::<Forward>(&[2, 3], Way::Forward, plain, |updater| {
        updater.make(9);
        updater.insert_after(9, 2);
    });
    assert!(outcome.violations.contains(&Violation::NotMade(9)));
    let outcome = observe_with::<Forward>(&[2, 3], Way::Forward, plain, |updater| {
        updater.make(9);
        updater.replace(2, 9);
    });
    assert!(outcome.violations.contains(&Violation::NotMade(9)));
}

#[test]
fn remove_what_stood_before_something_new_without_a_barrier() {
    let outcome = observe::<Forward>(&[2, 3, 4], Way::Forward, |updater| {
        updater.make(9);
        updater.insert_after(9, 3);
        updater.list_del_rcu(3);
    });
    assert!(outcome.violations.contains(&Violation::NotMade(9)));
}

#[test]
fn backward_where_the_way_back_is_not_published() {
    // What `list_add_rcu()` does: its readers go forward.
    let outcome = observe::<Forward>(&[2, 3], Way::Backward, |updater| {
        updater.make(9);
        updater.insert_after(9, 2);
    });
    assert!(outcome.violations.contains(&Violation::NotMade(9)));
    assert!(outcome.violations.contains(&Violation::NoLinks(9)));
}
