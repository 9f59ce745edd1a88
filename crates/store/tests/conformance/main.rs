//! What every engine must do, and do alike: each test of this suite is written
//! once and runs on every engine that [`engines`] knows.
//!
//! The suite is complete when every method of `Snapshot` and `Tx` is called in
//! it; the last test of this file counts them.

#[path = "../cluster/mod.rs"]
mod cluster;
#[macro_use]
mod engines;
mod accounts;
mod after_the_sale;
mod durability;
mod hosts;
mod keys;
mod ledger;
mod lost;
mod members;
mod months;
mod plans;
mod proxy;
mod purchases;
mod sessions;
mod sources;
mod transactions;
mod tree;
mod values;

#[test]
fn no_method_of_the_contract_is_missing_from_the_suite() {
    let contract = [include_str!("../../src/snapshot.rs"), include_str!("../../src/tx.rs")].concat();
    let suite = [
        include_str!("accounts.rs"),
        include_str!("after_the_sale.rs"),
        include_str!("durability.rs"),
        include_str!("keys.rs"),
        include_str!("ledger.rs"),
        include_str!("members.rs"),
        include_str!("months.rs"),
        include_str!("plans.rs"),
        include_str!("purchases.rs"),
        include_str!("sessions.rs"),
        include_str!("sources.rs"),
        include_str!("transactions.rs"),
        include_str!("tree.rs"),
    ]
    .concat();
    let methods: Vec<&str> = contract
        .split("pub async fn ")
        .skip(1)
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
        .collect();
    assert!(methods.len() >= 65, "found only {methods:?}");
    let missing: Vec<_> = methods.iter().filter(|name| !suite.contains(&format!(".{name}("))).collect();
    assert!(missing.is_empty(), "nothing calls {missing:?}");
}
