//! The REST API.

mod docs;
mod earnings;
mod me;
mod plan;
mod purchases;
mod sessions;
mod stats;
mod users;
