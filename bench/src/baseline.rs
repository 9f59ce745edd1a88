//! Banyan beside what one would otherwise write, on both databases, and beside
//! the bare statements on PostgreSQL.

use std::path::Path;
use std::time::Duration;

use store::Database;

use crate::cluster::Cluster;
use crate::node::{self, Node};
use crate::pace::Pace;
use crate::process::{self, Child};
use crate::report::Report;
use crate::scenario::{Scenario, Target};
use crate::town::{self, Newcomer};
use crate::{Failure, Options, load, pgbench};

const WARM_UP: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_secs(10);

const BANYAN_ON_SQLITE: &str = "Banyan on SQLite";
const NODE_ON_SQLITE: &str = "Node on SQLite";
const BANYAN_ON_POSTGRES: &str = "Banyan on PostgreSQL";
const NODE_ON_POSTGRES: &str = "Node on PostgreSQL";
const PGBENCH: &str = "pgbench, 8 clients: purchases";

/// Purchases that everybody has recorded before reads are measured.
const HISTORY: usize = 20_000;

/// The database that pgbench has for itself.
const BENCHED: &str = "benched";

pub(crate) async fn run(options: &Options) -> Result<(), Failure> {
    let (binary, node) = (options.binary()?, Node::install().await?);
    let directory = options.directory()?;
    let cluster = Cluster::start(directory.path())?;
    let newcomers = town::tree(options.members)?;
    let mut report = Report::new("baseline", options)?;

    eprintln!("registering {} members, five times", options.members);
    let benched = cluster.database(BENCHED)?;
    town::settle(&benched, &newcomers).await?;
    let databases = [
        (BANYAN_ON_SQLITE, Database::Sqlite(directory.path().join("banyan")), None),
        (BANYAN_ON_POSTGRES, cluster.database("banyan")?, Some(cluster.id())),
    ];
    let mut targets = banyans(&binary, &databases, &newcomers).await?;
    targets.extend(nodes(&node, &cluster, directory.path(), &newcomers).await?);
    tokio::time::sleep(REST).await;
    for (name, target) in &targets {
        let name = format!("memory of {name}, ten seconds after its start");
        report.fact(name, target.server.resident_bytes()?, "bytes");
    }

    eprintln!("recording {HISTORY} purchases on each");
    for (_, target) in &targets {
        load::load(target, Scenario::Purchases, options.connections, Pace::count(HISTORY)).await?;
    }
    // Reads come first: later some have recorded more than others.
    for (scenario, word) in [(Scenario::Reads, "reads"), (Scenario::Purchases, "purchases")] {
        for round in 0..=options.rounds {
            let length = if round == 0 { WARM_UP } else { options.length() };
            for (name, target) in &targets {
                let run = load::run(target, scenario, options, length).await?;
                if round > 0 {
                    report.add(&format!("{name}: {word}"), &run);
                }
            }
            if scenario == Scenario::Purchases {
                let run = pgbench::run(&cluster, BENCHED, options.members, length, directory.path()).await?;
                if round > 0 {
                    report.add(PGBENCH, &run);
                }
            }
        }
    }
    for word in ["purchases", "reads"] {
        report.compare(&format!("{BANYAN_ON_SQLITE}: {word}"), &format!("{NODE_ON_SQLITE}: {word}"));
        report.compare(&format!("{BANYAN_ON_POSTGRES}: {word}"), &format!("{NODE_ON_POSTGRES}: {word}"));
    }
    report.compare(&format!("{BANYAN_ON_POSTGRES}: purchases"), PGBENCH);
    for (name, target) in targets {
        report.fact(format!("memory of {name} in the end"), target.server.resident_bytes()?, "bytes");
        target.server.stop().await?;
    }
    for database in databases.iter().map(|(_, database, _)| database).chain([&benched]) {
        process::verify(&binary, database).await?;
    }
    report.publish()
}

type Named = (&'static str, Target);

async fn banyans(
    binary: &Path,
    databases: &[(&'static str, Database, Option<u32>)],
    newcomers: &[Newcomer],
) -> Result<Vec<Named>, Failure> {
    let mut targets = Vec::new();
    for (name, database, process) in databases {
        let key = town::settle(database, newcomers).await?;
        let server = Child::banyan(binary, database).await?;
        targets.push((*name, Target { server, key, members: newcomers.len(), database: *process }));
    }
    Ok(targets)
}

async fn nodes(
    node: &Node,
    cluster: &Cluster,
    directory: &Path,
    newcomers: &[Newcomer],
) -> Result<Vec<Named>, Failure> {
    let members = directory.join("members.csv");
    node::write_members(&members, newcomers)?;
    let target =
        |server, database| Target { server, key: node::KEY.to_owned(), members: newcomers.len(), database };
    let mut targets = Vec::new();
    if node.has_sqlite() {
        let server = node.on_sqlite(&directory.join("node.db"), &members).await?;
        targets.push((NODE_ON_SQLITE, target(server, None)));
    }
    cluster.database("node")?;
    let server = node.on_postgres(cluster, "node", &members).await?;
    targets.push((NODE_ON_POSTGRES, target(server, Some(cluster.id()))));
    Ok(targets)
}
