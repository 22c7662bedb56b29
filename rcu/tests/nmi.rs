// SPDX-License-Identifier: GPL-2.0

//! [`wrappers::nmi`], in which readers of RCU are tested.

use kernel::prelude::*;
use wrappers::{
    cpu::Context,
    nmi::Nmi, //
};

#[kunit_tests(rculab_nmi)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_in_an_nmi_once() -> Result {
        let nmi = Nmi::new()?;
        let (mut ran, mut in_nmi) = (0, false);
        for round in 1..=100 {
            nmi.run(|| {
                ran += 1;
                in_nmi = matches!(Context::current(), Context::Nmi(_));
            })?;
            assert_eq!((ran, in_nmi), (round, true));
        }
        Ok(())
    }

    #[test]
    fn there_is_none_in_another() -> Result {
        let nmi = Nmi::new()?;
        let (mut inner_ran, mut refused) = (false, Ok(()));
        nmi.run(|| refused = nmi.run(|| inner_ran = true))?;
        assert!(refused.is_err_and(|error| error == EBUSY));
        assert!(!inner_ran);
        // And the next one comes.
        nmi.run(|| inner_ran = true)?;
        assert!(inner_ran);
        Ok(())
    }
}
