//! From a sale to the screens of those who earn by it: sockets that watch, each
//! another member, and purchases that each pay two of them.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use app::Caller;
use app::access::{Ttl, mint_member_token};
use domain::UserId;
use hdrhistogram::Histogram;
use rand::RngExt;
use rand::rngs::StdRng;
use store::{Database, Store};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::client::Connection;
use crate::load::{Run, Watch};
use crate::node::{self, Node};
use crate::pace::Pace;
use crate::process::Child;
use crate::report::Report;
use crate::scenario::{Requests, Scenario, Target};
use crate::socket::Socket;
use crate::{Failure, Options, machine, town};

/// Who report purchases at the same time.
const SELLERS: usize = 16;

/// How many sockets connect at the same time.
const JOINING: usize = 50;

/// What a server does after its start, or after sockets came, is over by then.
const REST: Duration = Duration::from_secs(10);

/// An event that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// Files that a server and the bench have open besides sockets.
const OTHER_FILES: usize = 200;

const BANYAN: &str = "Banyan";
const NODE: &str = "Node";

/// What a socket heard, and when.
type Heard = (i64, Instant);

/// A server, and its sockets.
struct Site {
    name: &'static str,
    target: Target,
    heard: UnboundedReceiver<Heard>,
    _sockets: JoinSet<()>,
}

/// A purchase that was answered: when it was due, and when the answer came.
struct Sold {
    id: i64,
    due: Instant,
    answered: Instant,
}

pub(crate) async fn run(options: &Options, sockets: usize, events: u32) -> Result<(), Failure> {
    let needed = 2 * sockets + OTHER_FILES;
    if machine::open_files_max()? < needed {
        return Err(format!("too few open files are allowed; try ulimit -n {needed}").into());
    }
    let (binary, node) = (options.binary()?, Node::install().await?);
    let directory = options.directory()?;
    let families = sockets / 2;
    let options = Options { members: 3 * families, connections: SELLERS, ..options.clone() };
    let options = Options { rate: Some(events / 2), ..options };
    let mut report = Report::new("fan-out", &options)?;

    let mut sites = Vec::new();
    let (target, tokens) = banyan(&binary, &directory.path().join("banyan"), families).await?;
    sites.push(Site::open(BANYAN, target, &tokens, &mut report).await?);
    if node.has_sqlite() {
        let target = baseline(&node, directory.path(), families).await?;
        let tokens: Vec<_> = tokens.iter().map(|(user, _)| (*user, node::KEY.to_owned())).collect();
        sites.push(Site::open(NODE, target, &tokens, &mut report).await?);
    }
    for round in 0..=options.rounds {
        for site in &mut sites {
            let length = if round == 0 { Duration::from_secs(2) } else { options.length() };
            let (from_due, from_answer) = site.sell(&options, length).await?;
            if round > 0 {
                report.add(&format!("{}: due to delivered", site.name), &from_due);
                report.add(&format!("{}: answered to delivered", site.name), &from_answer);
            }
        }
    }
    for what in ["due to delivered", "answered to delivered"] {
        report.compare(&format!("{BANYAN}: {what}"), &format!("{NODE}: {what}"));
    }
    report.publish()?;
    for site in sites {
        site.target.server.stop().await?;
    }
    Ok(())
}

/// Banyan with these families, and the tokens of the members who watch.
async fn banyan(
    binary: &Path,
    data_dir: &Path,
    families: usize,
) -> Result<(Target, Vec<(usize, String)>), Failure> {
    let database = Database::Sqlite(data_dir.to_owned());
    let key = town::settle(&database, &town::families(families)?).await?;
    let app = town::app(Store::open(&database).await?)?;
    let mut tokens = Vec::new();
    for user in (1..=3 * families).filter(|user| !buys(*user)) {
        let id = UserId::new(i64::try_from(user)?);
        tokens.push((user, mint_member_token(&app, &Caller::Admin, id, Ttl::MEMBER).await?.text));
    }
    app.stop().await;
    let server = Child::banyan(binary, &database).await?;
    Ok((Target { server, key, members: 3 * families, database: None }, tokens))
}

async fn baseline(node: &Node, directory: &Path, families: usize) -> Result<Target, Failure> {
    let members = directory.join("members.csv");
    node::write_members(&members, &town::families(families)?)?;
    let server = node.on_sqlite(&directory.join("node.db"), &members).await?;
    Ok(Target { server, key: node::KEY.to_owned(), members: 3 * families, database: None })
}

/// Whether this is the youngest of her family.
const fn buys(user: usize) -> bool {
    user.is_multiple_of(3)
}

impl Site {
    /// Opens a socket for each of these members, and reports what one weighs.
    async fn open(
        name: &'static str,
        target: Target,
        tokens: &[(usize, String)],
        report: &mut Report,
    ) -> Result<Self, Failure> {
        tokio::time::sleep(REST).await;
        let before = target.server.resident_bytes()?;
        let (tell, heard) = unbounded_channel();
        let mut sockets = JoinSet::new();
        for some in tokens.chunks(JOINING) {
            let joins = some.iter().map(|(user, token)| Socket::join(&target.server.address, token, *user));
            for socket in futures_util::future::try_join_all(joins).await? {
                sockets.spawn(listen(socket, tell.clone()));
            }
        }
        tokio::time::sleep(REST).await;
        let after = target.server.resident_bytes()?;
        let count = f64::from(u32::try_from(tokens.len())?);
        report.fact(format!("memory of {name} without sockets"), before, "bytes");
        report.fact(format!("memory of {name} with {count} sockets"), after, "bytes");
        report.fact(format!("memory of {name} for each socket"), (after - before) / count, "bytes");
        Ok(Self { name, target, heard, _sockets: sockets })
    }

    /// Reports purchases at the rate that was asked for, and answers the time to
    /// delivery from when each was due, and from when it was answered.
    async fn sell(&mut self, options: &Options, length: Duration) -> Result<(Run, Run), Failure> {
        let rate = f64::from(options.rate.unwrap_or(1));
        let watch = || Watch::start(Some(self.target.server.id), self.target.database);
        let (watch, again) = (watch()?, watch()?);
        let pace = Pace::open(rate, length, SELLERS);
        let mut sellers = JoinSet::new();
        for _ in 0..SELLERS {
            let connection = Connection::open(&self.target.server.address).await?;
            let requests = Requests::new(&self.target, Scenario::Purchases);
            sellers.spawn(sell(connection, requests, self.target.members / 3, pace.clone()));
        }
        let mut sold = HashMap::new();
        while let Some(some) = sellers.join_next().await {
            sold.extend(some??.into_iter().map(|sale| (sale.id, sale)));
        }
        let (mut from_due, mut from_answer) = (Histogram::new(3)?, Histogram::new(3)?);
        for _ in 0..2 * sold.len() {
            let heard = timeout(PATIENCE, self.heard.recv()).await.map_err(|_| "an event was lost")?;
            let (purchase, at) = heard.ok_or("all sockets are closed")?;
            let sale = sold.get(&purchase).ok_or("an event of a purchase that nobody made")?;
            from_due.record(micros(at, sale.due)?)?;
            from_answer.record(micros(at, sale.answered)?)?;
        }
        Ok((watch.stop(2 * sold.len(), from_due)?, again.stop(2 * sold.len(), from_answer)?))
    }
}

/// Microseconds from one to the other; none when the event came before the
/// answer.
fn micros(at: Instant, since: Instant) -> Result<u64, Failure> {
    Ok(u64::try_from(at.saturating_duration_since(since).as_micros())?)
}

async fn listen(mut socket: Socket, tell: UnboundedSender<Heard>) {
    // A socket that is lost is missed where its events are counted.
    while let Ok(purchase) = socket.earning().await {
        if tell.send((purchase, Instant::now())).is_err() {
            return;
        }
    }
}

async fn sell(
    mut connection: Connection,
    mut requests: Requests,
    families: usize,
    pace: Pace,
) -> Result<Vec<Sold>, Failure> {
    #[derive(serde::Deserialize)]
    struct Recorded {
        purchase_id: i64,
    }
    let mut chance: StdRng = rand::make_rng();
    let mut sold = Vec::new();
    while let Some(due) = pace.next().await {
        let buyer = 3 * chance.random_range(1..=families);
        let answer = connection.ask(requests.purchase_of(buyer)?).await?;
        let answered = Instant::now();
        let Recorded { purchase_id: id } = serde_json::from_slice(answer)?;
        sold.push(Sold { id, due, answered });
    }
    Ok(sold)
}
