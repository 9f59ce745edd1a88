//! Every use case, called as the server calls it, by callers of every kind,
//! over a real database and a clock that the test sets.

#[path = "../../../store/tests/cluster/mod.rs"]
mod cluster;
mod world;

mod activity;
mod adjustments;
mod batches;
mod buying;
mod credentials;
mod following;
mod histories;
mod importing;
mod levels;
mod looking;
mod months;
mod nodes;
mod passwords;
mod past_sales;
mod payouts;
mod permissions;
mod plans;
mod refunds;
mod registering;
mod replays;
mod sessions;
mod shop;
mod simulating;
mod stopping;
mod sums;
mod verify;
