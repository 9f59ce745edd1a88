//! The server that everything is compared with: the same gate, the same request
//! parsed, an answer of the same shape, and nothing stored.

mod earnings;
mod purchase;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post, put};
use axum::serve::ListenerExt;
use server::gate::behind_gate;
use store::{Database, Store};
use tokio::net::TcpListener;

use crate::{Failure, town};

pub(crate) async fn serve(listen: SocketAddr, data_dir: PathBuf) -> Result<(), Failure> {
    let store = Store::open(&Database::Sqlite(data_dir)).await?;
    let app = town::app(store)?;
    let routes = Router::new()
        .route("/api/purchases", post(purchase::echo))
        .route("/api/earnings/{user_id}", get(earnings::echo))
        .route("/commissions/{count}", put(earnings::set_length))
        .with_state(earnings::Length::default());
    let routes = behind_gate(routes, Arc::new(app));
    let listener = TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, routes).await?)
}
