//! Every route, asked over HTTP in process by callers of every kind, over a
//! real database and a clock that only the test moves.
//!
//! The files mirror the tree of URLs. What holds for all routes is beside it:
//! who may do what, how failures look, what is logged. Some things are checked
//! on every answer of every test; see [`answer`].

mod actor;
mod answer;
mod wire;
mod world;

mod api;
mod bodies;
mod compression;
mod dead_credentials;
mod health;
mod log;
mod masks;
mod outside;
mod pages;
mod problems;
mod queries;
mod rate_limits;
mod refused;
mod secrets;
mod socket_io;
mod who_may;
