//! Every use case, called as the server calls it, by callers of every kind,
//! over a real database and a clock that the test sets.

mod world;

mod activity;
mod batches;
mod buying;
mod credentials;
mod following;
mod histories;
mod importing;
mod looking;
mod passwords;
mod past_sales;
mod permissions;
mod plans;
mod registering;
mod replays;
mod simulating;
mod stopping;
mod verify;
