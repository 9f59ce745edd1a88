//! A programme to look at: believable members, ninety days of history, and
//! purchases that keep coming. It lives in a temporary directory and is gone
//! when the demo ends.

mod history;
mod names;
mod people;

use std::sync::Arc;
use std::time::Duration;

use app::access::{TokenKey, Ttl, create_key, mint_admin_token, mint_member_token};
use app::members::{NewMember, register, register_in};
use app::purchases::{NewPurchase, record, record_batch};
use app::{App, Caller, Clock, Rules, Settings, SystemClock};
use domain::{Scope, Scopes, UserId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use server::{CorsOrigins, RateLimits, Site, TrustedProxies};
use store::{Database, Foundation, Store};

use self::history::{Day, Event, History};
use self::people::amount;
use crate::cli::DemoOptions;
use crate::config::INDIAN_TIME;
use crate::listen::local_url;
use crate::print::say;
use crate::{Failure, serve};

/// How long the printed links are good for.
const LINKS: &str = "1d";

pub(crate) async fn run(options: DemoOptions) -> Result<(), Failure> {
    let stop = serve::told_to_stop()?;
    let listener = options.listen.bind().await?;
    let directory = tempfile::Builder::new().prefix("banyan-demo-").tempdir()?;
    let foundation = Foundation { time_zone: INDIAN_TIME.to_owned(), ..Foundation::default() };
    let database = Database::Sqlite(directory.path().to_owned());
    let store = Store::open_or_create(&database, &foundation).await?;

    let history = History::new(StdRng::seed_from_u64(options.seed), SystemClock.now());
    let purchases = history.purchases();
    let History { days, people: mut buyers, star } = history;
    for day in days {
        live_through(&store, day).await?;
    }

    let token_key = TokenKey::new(&rand::make_rng::<StdRng>().random::<[u8; 32]>()).expect("32 bytes");
    let settings = Settings {
        store,
        clock: Arc::new(SystemClock),
        chance: rand::make_rng(),
        token_key,
        rules: Rules::default(),
    };
    let app = Arc::new(App::start(settings));
    let ttl = LINKS.parse::<Ttl>().expect("a day");
    let owner = mint_admin_token(&app, &Caller::Admin, ttl).await?.text;
    let member = mint_member_token(&app, &Caller::Admin, star, ttl).await?.text;
    let scopes = Scopes::from_iter([Scope::Read, Scope::PurchasesWrite]);
    let key = create_key(&app, &Caller::Admin, "demo".into(), scopes).await?.key;

    let url = local_url(&listener)?;
    let members = buyers.len();
    say!("Banyan demo: {members} members, {purchases} purchases in 90 days, {} more a second", options.rate)?;
    say!("  owner     {url}/#token={owner}")?;
    say!("  member    {url}/#token={member}")?;
    say!("  API docs  {url}/api/docs")?;
    say!("\nReport a purchase and watch it arrive:")?;
    say!("  curl {url}/api/purchases -H 'Authorization: Bearer {key}' \\")?;
    say!(
        "    -H 'Content-Type: application/json' -d '{{\"user_id\": {}, \"amount\": \"2500.00\"}}'",
        buyers.of(star)
    )?;
    say!("\nAll of it is made up and is gone when you press Ctrl-C.")?;

    let living = tokio::spawn({
        let (app, rate) = (Arc::clone(&app), options.rate);
        async move { live_on(&app, &mut buyers, StdRng::seed_from_u64(options.seed), rate).await }
    });
    let site = Site {
        app,
        public_url: url,
        limits: RateLimits::default(),
        trusted_proxies: TrustedProxies::default(),
        cors_origins: CorsOrigins::default(),
    };
    let served = serve::serve(site, listener, stop).await;
    living.abort();
    served
}

/// One simulated day, in one transaction, by the same use cases as a real one.
async fn live_through(store: &Store, day: Day) -> Result<(), Failure> {
    store
        .write(async move |tx| {
            for (at, event) in &day.events {
                match event {
                    Event::Join(member, code) => {
                        register_in(tx, *at, member, *code, None).await?;
                    }
                    Event::Buy(purchases) => {
                        record_batch(tx, *at, purchases).await?;
                    }
                    Event::Switch(user, active) => tx.set_active(*user, *active, *at).await?,
                }
            }
            Ok::<_, Failure>(())
        })
        .await
}

/// Purchases and now and then a new member, for as long as the demo runs.
async fn live_on(app: &App, buyers: &mut people::Buyers, mut chance: StdRng, rate: u32) {
    let mut every = tokio::time::interval(Duration::from_secs(1) / rate);
    loop {
        every.tick().await;
        let lived = match chance.random_bool(0.02) {
            true => join(app, buyers, &mut chance).await,
            false => buy(app, buyers.draw(&mut chance), &mut chance).await,
        };
        if let Err(failure) = lived {
            tracing::warn!(%failure, "the demo stumbled");
        }
    }
}

async fn buy(app: &App, buyer: UserId, chance: &mut StdRng) -> Result<(), Failure> {
    record(app, &Caller::Admin, NewPurchase::new(buyer, amount(chance))).await?;
    Ok(())
}

async fn join(app: &App, buyers: &mut people::Buyers, chance: &mut StdRng) -> Result<(), Failure> {
    let (name, email) = names::person(chance, buyers.len());
    let code = buyers.free_code(chance);
    let member = register(app, &Caller::Admin, NewMember::new(name, email, code)).await?.member;
    buyers.add(member.user.id, member.user.code, code);
    Ok(())
}
