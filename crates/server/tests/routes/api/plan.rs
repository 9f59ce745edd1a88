//! `/api/plan`

mod set;
mod simulate;
mod versions;
