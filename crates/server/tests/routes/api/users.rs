//! `/api/users` and what lies below it.

mod adjustments;
mod list;
mod one;
mod payouts;
mod referrals;
mod register;
mod register_again;
mod tokens;

pub(crate) use self::list::walk;
