//! The REST API.

mod docs;
mod earnings;
mod me;
mod purchases;
mod sessions;
mod stats;
mod users;
