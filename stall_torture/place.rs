// SPDX-License-Identifier: GPL-2.0

//! Which CPU is stalled, and from which one that is watched.

use crate::{
    problem::Problem,
    scenario::cpus_for,
    trigger::Request, //
};
use kernel::{
    cpu::CpuId,
    prelude::*, //
};
use wrappers::cpu::HotplugGuard;

/// Where a stall takes place.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) victim: CpuId,
    /// The conductor's CPU; none if no CPU is left for it.
    pub(crate) conductor: Option<CpuId>,
}

impl Place {
    /// The place of a request whose victim was chosen.
    pub(crate) fn of(request: &Request, conductor: Option<CpuId>) -> Result<Self> {
        let victim = victim_of(request).ok_or(EINVAL)?;
        Ok(Self { victim, conductor })
    }
}

fn cpu_of(number: u64) -> Option<CpuId> {
    CpuId::from_u32(u32::try_from(number).ok()?)
}

/// The victim of `request`, if it says one.
pub(crate) fn victim_of(request: &Request) -> Option<CpuId> {
    request.cpu.and_then(cpu_of)
}

/// Chooses a victim for each of `requests`, which says it from then on, and returns a CPU that is
/// none of them.
pub(crate) fn choose(
    requests: &mut [Request],
    cpus: &HotplugGuard,
) -> Result<Option<CpuId>, Problem<'static>> {
    let online = cpus.online().count();
    // Of several somebody has to tell.
    let beside = if requests.len() > 1 {
        requests.len() + 1
    } else {
        1
    };
    for request in requests.iter() {
        let needed = cpus_for(request).max(beside);
        if online < needed {
            return Err(Problem::FewCpus(request.scenario, needed, online));
        }
    }

    for index in 0..requests.len() {
        let taken = |cpu: CpuId| {
            let cpu = Some(u64::from(cpu.as_u32()));
            let mut others = requests.iter().enumerate();
            others.any(|(other, request)| other != index && request.cpu == cpu)
        };
        let victim = match requests[index].cpu {
            Some(number) => {
                let cpu = cpu_of(number).filter(|cpu| cpus.is_online(*cpu));
                let cpu = cpu.ok_or(Problem::Offline(number))?;
                if taken(cpu) {
                    return Err(Problem::SameCpu(number));
                }
                cpu
            }
            None => {
                let free = cpus.online().rev().find(|cpu| !taken(*cpu));
                free.ok_or(Problem::FewCpus(requests[index].scenario, beside, online))?
            }
        };
        requests[index].cpu = Some(u64::from(victim.as_u32()));
    }

    let is_victim = |cpu: &CpuId| {
        let cpu = Some(u64::from(cpu.as_u32()));
        requests.iter().any(|request| request.cpu == cpu)
    };
    Ok(cpus.online().find(|cpu| !is_victim(cpu)))
}
