//! `/api/earnings/{user_id}` and what lies below it.

mod chart;
mod entries;
mod hold;
mod months;
mod statement;
