//! SQLite, inside the process.
//!
//! One writer thread owns the only connection that writes; readers have
//! connections of their own and never wait for it. Nothing here is async: a use
//! case that runs on this engine is polled once and is done.

mod accounts;
mod adjustments;
mod audit;
mod checkpoint;
mod connect;
mod engine;
mod entries;
mod keys;
mod members;
mod payouts;
mod plans;
mod purchases;
mod refunds;
mod row;
mod sources;
#[cfg(test)]
mod statements;
mod totals;

pub(crate) use engine::Engine;

use rusqlite::Connection;

/// One transaction on one connection. Its methods are spread over the files of
/// this folder, by table.
pub(crate) struct Session<'c> {
    conn: &'c Connection,
}
