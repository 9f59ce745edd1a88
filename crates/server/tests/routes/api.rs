//! The REST API.

mod audit;
mod codes;
mod docs;
mod dry_run;
mod earnings;
mod entries;
mod greatest;
mod levels;
mod me;
mod months;
mod payouts;
mod plan;
mod purchases;
mod sessions;
mod shop;
mod stats;
mod users;
