//! `/api/plan`

mod set;
mod simulate;
mod versions;
mod withdraw;
