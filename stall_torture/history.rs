// SPDX-License-Identifier: GPL-2.0

//! The accounts of what is over.

use crate::report::{
    Account,
    Json,
    Table, //
};
use kernel::{
    fmt,
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

/// The newest accounts.
#[pin_data]
pub(crate) struct History {
    #[pin]
    accounts: Mutex<KVec<Account>>,
}

impl History {
    const MAX: usize = 64;

    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            accounts <- new_mutex!(KVec::new(), "History::accounts"),
        })
    }

    pub(crate) fn add(&self, account: Account) {
        let mut accounts = self.accounts.lock();
        if accounts.len() == Self::MAX {
            // There is an oldest one.
            let _ = accounts.remove(0);
        }
        if accounts.push(account, GFP_KERNEL).is_err() {
            pr_err!("no memory for the account of a run\n");
        }
    }

    /// Writes the accounts of the last run, of each of its stalls.
    pub(crate) fn show_last(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts.lock();
        let Some(last) = accounts.last() else {
            return f.write_fmt(fmt!("no run is over yet\n"));
        };
        let from = accounts.len().saturating_sub(last.part.number);
        for (index, account) in accounts.iter().skip(from).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_fmt(fmt!("{}", Table(account)))?;
        }
        Ok(())
    }

    /// Writes all, a line each.
    pub(crate) fn show_json(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts.lock();
        accounts
            .iter()
            .try_for_each(|account| f.write_fmt(fmt!("{}", Json(account))))
    }
}
