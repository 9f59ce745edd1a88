//! `/api/purchases` and `/api/purchases/{purchase_id}`.

mod amounts;
mod commissions;
mod list;
mod one;
mod references;
