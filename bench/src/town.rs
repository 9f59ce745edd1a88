//! The members who buy. Nobody brings more than eight.

use std::sync::Arc;

use app::access::{TokenKey, create_key};
use app::members::{NewMember, register_in};
use app::{App, Caller, Rules, Settings, SystemClock};
use domain::{ReferralCode, Scope, Scopes, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use store::{Database, Store};

use crate::Failure;

/// Registrations in one transaction.
const CHUNK: usize = 2_000;

/// The slots that the default plan gives.
const SLOTS: u8 = 8;

/// Signs the tokens of every server under test.
pub(crate) const TOKEN_KEY: &str = "a token key that is no secret to anybody";

/// A member to be, and the code she will have.
pub(crate) type Newcomer = (NewMember, ReferralCode);

/// So many members, each at random below one who came before. They are the same
/// every time.
pub(crate) fn tree(members: usize) -> Result<Vec<Newcomer>, Failure> {
    let mut chance = StdRng::seed_from_u64(7);
    let mut open: Vec<(ReferralCode, u8)> = Vec::new();
    (1..=members).map(|number| below_anybody(number, &mut open, &mut chance)).collect()
}

/// So many families of three generations: the second and the third of each three
/// are below the one before.
pub(crate) fn families(count: usize) -> Result<Vec<Newcomer>, Failure> {
    let mut chance = StdRng::seed_from_u64(7);
    let mut all: Vec<Newcomer> = Vec::new();
    for number in 1..=3 * count {
        let referrer = all.last().filter(|_| number % 3 != 1).map(|(_, code)| *code);
        all.push(newcomer(number, ReferralCode::from_bits(chance.next_u64()), referrer)?);
    }
    Ok(all)
}

/// Registers them, numbered from 1, and answers a key that may do everything.
pub(crate) async fn settle(database: &Database, newcomers: &[Newcomer]) -> Result<String, Failure> {
    let store = Store::open(database).await?;
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
    let app = app(store)?;
    let scopes = Scopes::from_iter([Scope::Read, Scope::UsersWrite, Scope::PurchasesWrite]);
    let created = create_key(&app, &Caller::Admin, "bench".into(), scopes).await?;
    app.stop().await;
    Ok(created.key)
}

/// An application on this store, with the token key of the servers.
pub(crate) fn app(store: Store) -> Result<App, Failure> {
    let token_key = TokenKey::new(TOKEN_KEY.as_bytes()).ok_or("32 bytes are enough")?;
    Ok(App::start(Settings {
        store,
        clock: Arc::new(SystemClock),
        chance: rand::make_rng(),
        token_key,
        rules: Rules::default(),
    }))
}

fn below_anybody(
    number: usize,
    open: &mut Vec<(ReferralCode, u8)>,
    chance: &mut StdRng,
) -> Result<Newcomer, Failure> {
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
    newcomer(number, code, referrer)
}

fn newcomer(number: usize, code: ReferralCode, referrer: Option<ReferralCode>) -> Result<Newcomer, Failure> {
    let name = format!("Member {number}").parse()?;
    let email = format!("member-{number}@example.com").parse()?;
    Ok((NewMember::new(name, email, referrer), code))
}
