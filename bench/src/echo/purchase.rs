//! The answer to a purchase, without the purchase.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPurchase {
    user_id: i64,
    amount: Box<RawValue>,
    reference: Option<String>,
    currency: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Recorded {
    message: &'static str,
    purchase_id: i64,
    user_id: i64,
    amount: String,
    currency: String,
    reference: Option<String>,
    plan_version: i64,
    created_at: &'static str,
    earnings: Vec<Earning>,
    decisions: Vec<Decision>,
}

#[derive(Serialize)]
struct Earning {
    level: u8,
    user_id: i64,
    rate: String,
    amount: String,
}

#[derive(Serialize)]
struct Decision {
    level: u8,
    user_id: i64,
    outcome: &'static str,
    rate: String,
    amount: String,
}

pub(super) async fn echo(Json(body): Json<NewPurchase>) -> (StatusCode, Json<Recorded>) {
    let levels = [(1, "5%", "125.00"), (2, "1%", "25.00")];
    let earning = |(level, rate, amount): (u8, &str, &str)| Earning {
        level,
        user_id: body.user_id,
        rate: rate.to_owned(),
        amount: amount.to_owned(),
    };
    let decision = |(level, rate, amount): (u8, &str, &str)| Decision {
        level,
        user_id: body.user_id,
        outcome: "paid",
        rate: rate.to_owned(),
        amount: amount.to_owned(),
    };
    let recorded = Recorded {
        message: "Purchase recorded and earnings distributed.",
        purchase_id: 1_000_000,
        user_id: body.user_id,
        amount: body.amount.get().trim_matches('"').to_owned(),
        earnings: levels.map(earning).into(),
        decisions: levels.map(decision).into(),
        currency: body.currency.unwrap_or_else(|| "INR".to_owned()),
        reference: body.reference,
        plan_version: 1,
        created_at: "2026-01-31T09:30:00.000Z",
    };
    (StatusCode::CREATED, Json(recorded))
}
