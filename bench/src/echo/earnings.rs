//! The answer to what a member earned, without a member.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

/// How many commissions are answered. A real answer has as many as there are,
/// so the bench looks at real ones and says.
pub(super) type Length = Arc<AtomicUsize>;

#[derive(Serialize)]
pub(super) struct Statement {
    user_id: i64,
    currency: String,
    total_earnings: String,
    commissions: String,
    reversed: String,
    paid: String,
    adjusted: String,
    balance: String,
    pending: String,
    available: String,
    by_level: ByLevel<String>,
    earnings: ByLevel<Vec<Commission>>,
    seq: i64,
}

#[derive(Serialize)]
struct ByLevel<T> {
    level_1: T,
    level_2: T,
}

#[derive(Serialize)]
struct Commission {
    level: u8,
    amount_earned: String,
    created_at: &'static str,
    from_user: Option<String>,
    from_user_id: i64,
    purchase_id: i64,
    seq: i64,
}

pub(super) async fn echo(State(length): State<Length>, Path(user_id): Path<i64>) -> Json<Statement> {
    let length = length.load(Ordering::Relaxed);
    let commissions = |level: u8, count: usize| -> Vec<Commission> {
        (0..count)
            .map(|number| Commission {
                level,
                amount_earned: "125.00".to_owned(),
                created_at: "2026-01-31T09:30:00.000Z",
                from_user: Some("Member 1234".to_owned()),
                from_user_id: user_id,
                purchase_id: 1_000_000,
                seq: i64::try_from(number).unwrap_or_default(),
            })
            .collect()
    };
    let amount = || "1250.00".to_owned();
    Json(Statement {
        user_id,
        currency: "INR".to_owned(),
        total_earnings: amount(),
        commissions: amount(),
        reversed: "0.00".to_owned(),
        paid: "0.00".to_owned(),
        adjusted: "0.00".to_owned(),
        balance: amount(),
        pending: "0.00".to_owned(),
        available: amount(),
        by_level: ByLevel { level_1: amount(), level_2: amount() },
        earnings: ByLevel {
            level_1: commissions(1, length.div_ceil(2)),
            level_2: commissions(2, length / 2),
        },
        seq: 1_000,
    })
}

/// Answers so many commissions from now on.
pub(super) async fn set_length(State(length): State<Length>, Path(count): Path<usize>) -> StatusCode {
    length.store(count, Ordering::Relaxed);
    StatusCode::OK
}
