//! `/api/purchases` and what lies below it.

mod amounts;
mod bulk;
mod commissions;
mod list;
mod one;
mod references;
mod refunds;
