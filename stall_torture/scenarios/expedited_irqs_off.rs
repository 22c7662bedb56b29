// SPDX-License-Identifier: GPL-2.0

//! A CPU that takes no interrupt, while somebody is in a hurry: not even asked, it is reported.

use super::{
    expedited_reader::IN_A_HURRY,
    irqs_off::hold_cpu_without_interrupts, //
};
use crate::{
    observer::Class,
    scenario::{
        Asks,
        Scenario, //
    }, //
};
use wrappers::rcu_state::expedited_stall_timeout;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "expedited-irqs-off",
    what: "spins with interrupts off; expedited grace periods wait",
    expects: |_| &[&[Class::Expedited]],
    timeout: |_| expedited_stall_timeout(),
    asks: Asks::Expedited,
    needs: IN_A_HURRY,
    run: hold_cpu_without_interrupts,
    ..Scenario::COMMON
};
