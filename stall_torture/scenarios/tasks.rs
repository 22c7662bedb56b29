// SPDX-License-Identifier: GPL-2.0

//! A kthread that never gives up its CPU by itself: Tasks RCU waits for exactly that.

use crate::{
    observer::Class,
    scenario::{
        Asks,
        Need,
        Param,
        Scenario,
        Values, //
    },
    stall::Stall, //
};
use kernel::{
    prelude::*,
    sync::Arc,
    time::Delta, //
};
use wrappers::kthread::ThisThread;

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "tasks",
    what: "spins, preemptibly; a grace period of Tasks RCU waits",
    expects: |_| &[&[Class::Tasks]],
    timeout: |request| Delta::from_secs(request.own("timeout").unwrap_or(600) as i64),
    asks: Asks::Tasks,
    needs: &[Need {
        what: "CONFIG_TASKS_RCU",
        met: || Some(cfg!(CONFIG_TASKS_RCU)),
    }],
    params: &[Param {
        name: "timeout",
        values: Values::Number(1, 3600),
        default: "s: 600; what rcu_task_stall_timeout (in jiffies) of the kernel is set to",
    }],
    run: hold_task,
    ..Scenario::COMMON
};

fn hold_task(stall: &Arc<Stall>, _this: &ThisThread) -> Result {
    stall.spin();
    Ok(())
}
