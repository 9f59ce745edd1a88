//! `/api/purchases` and what lies below it.

mod amounts;
mod commissions;
mod list;
mod one;
mod references;
mod refunds;
