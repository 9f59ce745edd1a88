//! The members who buy: a random tree in which nobody brings more than eight.

use std::path::Path;
use std::sync::Arc;

use app::access::{TokenKey, create_key};
use app::members::{NewMember, register_in};
use app::{App, Caller, Settings, SystemClock};
use domain::{ReferralCode, Scope, Scopes, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use store::{Database, Store};

use crate::Failure;

/// Registrations in one transaction.
const CHUNK: usize = 2_000;

/// The slots that the default plan gives.
const SLOTS: u8 = 8;

/// A data directory that is ready to be served.
pub(crate) struct Town {
    pub(crate) key: String,
}

/// Registers the members and makes a key that may do everything.
pub(crate) async fn build(directory: &Path, members: usize) -> Result<Town, Failure> {
    let store = Store::open(&Database::Sqlite(directory.to_owned())).await?;
    let mut chance = StdRng::seed_from_u64(7);
    let mut open: Vec<(ReferralCode, u8)> = Vec::new();
    let newcomers: Vec<(NewMember, ReferralCode)> =
        (1..=members).map(|number| newcomer(number, &mut open, &mut chance)).collect::<Result<_, _>>()?;
    for chunk in newcomers.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        store
            .write(async move |tx| {
                for (member, code) in &chunk {
                    register_in(tx, Timestamp::from_millis(0), member, *code, None).await?;
                }
                Ok::<_, Failure>(())
            })
            .await?;
    }
    Ok(Town { key: key(store).await? })
}

/// An empty data directory with a key.
pub(crate) async fn key_only(directory: &Path) -> Result<String, Failure> {
    key(Store::open(&Database::Sqlite(directory.to_owned())).await?).await
}

fn newcomer(
    number: usize,
    open: &mut Vec<(ReferralCode, u8)>,
    chance: &mut StdRng,
) -> Result<(NewMember, ReferralCode), Failure> {
    let code = ReferralCode::from_bits(chance.next_u64());
    let mut referrer = None;
    if !open.is_empty() {
        let at = chance.random_range(0..open.len());
        let (by, taken) = &mut open[at];
        referrer = Some(*by);
        *taken += 1;
        if *taken == SLOTS {
            open.swap_remove(at);
        }
    }
    open.push((code, 0));
    let name = format!("Member {number}").parse()?;
    let email = format!("member-{number}@example.com").parse()?;
    Ok((NewMember { name, email, code: referrer, password: None, reference: None }, code))
}

async fn key(store: Store) -> Result<String, Failure> {
    let token_key = TokenKey::new(&[0; 32]).ok_or("32 bytes are enough")?;
    let app =
        App::start(Settings { store, clock: Arc::new(SystemClock), chance: rand::make_rng(), token_key });
    let scopes = Scopes::from_iter([Scope::Read, Scope::PurchasesWrite]);
    let created = create_key(&app, &Caller::Admin, "bench".into(), scopes).await?;
    app.stop().await;
    Ok(created.key)
}
