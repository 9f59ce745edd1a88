//! `/api/purchases`, `/api/purchases/bulk` and `/api/purchases/{purchase_id}`.

mod amounts;
mod bulk;
mod commissions;
mod list;
mod one;
mod references;
