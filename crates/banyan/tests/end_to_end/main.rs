//! The built binary as a real process: killed at random moments, raced, traced,
//! told to stop, and talked to by the official Socket.IO client and a browser.
//!
//! Servers listen on a free port of 127.0.0.1 and live in temporary directories.

#[path = "../../../store/tests/cluster/mod.rs"]
mod cluster;
mod home;
mod http;
mod skip;

mod backups;
mod browser;
mod command_line;
mod configuration;
mod crash;
mod demo;
mod doctor;
mod durability;
mod fail_over;
mod figures;
mod files;
mod generated;
mod importing;
mod keys;
mod memory;
mod months;
mod plans;
mod pooling;
mod postgres;
mod races;
mod realtime;
mod scripts;
mod secrets;
mod spreadsheets;
mod stopping;
mod verifying;
mod writers;
