// SPDX-License-Identifier: GPL-2.0

//! [`rcu::rcu_module!`].

use crate::LocalModule;
use kernel::{
    prelude::*,
    InPlaceModule, //
};
use wrappers::module::THIS_MODULE;

#[kunit_tests(rcu_module)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_second_one() -> Result {
        // Its locks are in use, and its domains are there.
        let second = KBox::pin_init(LocalModule::init(&THIS_MODULE), GFP_KERNEL);
        assert_eq!(second.err(), Some(EBUSY));
        Ok(())
    }
}
