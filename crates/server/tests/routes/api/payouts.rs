//! `/api/payouts` and what lies below it.

mod preview;
mod runs;
mod settling;
mod together;
mod warnings;
