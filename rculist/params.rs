// SPDX-License-Identifier: GPL-2.0

//! The module's parameters, as they were given when it was loaded.

use crate::module_parameters;
use wrappers::module::parameter;

/// How many entries the list begins with.
pub(crate) fn size() -> usize {
    parameter::<u32>(module_parameters::size.value()) as usize
}

/// How many readers a torture run has if it does not say.
pub(crate) fn readers() -> u32 {
    parameter(module_parameters::readers.value())
}

/// How many updaters a torture run has if it does not say.
pub(crate) fn updaters() -> u32 {
    parameter(module_parameters::updaters.value())
}

/// Whether a torture run may have a bug on purpose.
pub(crate) fn inject() -> bool {
    parameter::<u32>(module_parameters::inject.value()) != 0
}
