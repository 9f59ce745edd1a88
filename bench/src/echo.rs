//! The server that everything is compared with: the same gate, the same body
//! parsed, an answer of the same shape, and nothing stored.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use app::access::TokenKey;
use app::{App, Settings, SystemClock};
use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use server::gate::behind_gate;
use store::{Database, Store};
use tokio::net::TcpListener;

use crate::Failure;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPurchase {
    user_id: i64,
    amount: Box<RawValue>,
    reference: Option<String>,
    currency: Option<String>,
}

#[derive(Serialize)]
struct Recorded {
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

pub(crate) async fn serve(listen: SocketAddr, data_dir: PathBuf) -> Result<(), Failure> {
    let store = Store::open(&Database::Sqlite(data_dir)).await?;
    let token_key = TokenKey::new(&[0; 32]).ok_or("32 bytes are enough")?;
    let app =
        App::start(Settings { store, clock: Arc::new(SystemClock), chance: rand::make_rng(), token_key });
    let routes = behind_gate(Router::new().route("/api/purchases", post(echo)), Arc::new(app));
    let listener = TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, routes).await?)
}

async fn echo(Json(body): Json<NewPurchase>) -> (StatusCode, Json<Recorded>) {
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
