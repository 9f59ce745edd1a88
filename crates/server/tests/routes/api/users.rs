//! `/api/users` and what lies below it.

mod list;
mod one;
mod referrals;
mod register;
mod register_again;
mod tokens;

pub(crate) use self::list::walk;
