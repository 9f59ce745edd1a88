//! Banyan beside what one would otherwise write, on both databases, beside a
//! handler that does nothing, and beside the bare statements on PostgreSQL.

use std::path::Path;
use std::time::Duration;

use store::Database;

use crate::cluster::Cluster;
use crate::load::Run;
use crate::node::{self, Node};
use crate::pace::Pace;
use crate::pgbench::Length;
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
const ECHO: &str = "echo of a purchase";

/// Purchases that everybody has recorded before reads are measured.
const HISTORY: usize = 20_000;

/// The databases of one cluster: Banyan's, Node's, and the one that pgbench has
/// for itself.
const BANYANS: &str = "banyan";
const NODES: &str = "node";
const BENCHED: &str = "benched";

/// Everybody who takes part.
struct Field<'a> {
    options: &'a Options,
    directory: &'a Path,
    cluster: Cluster,
    /// Those who answer requests and keep what they are told.
    targets: Vec<Named>,
    echo: Target,
}

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
        (BANYAN_ON_POSTGRES, cluster.database(BANYANS)?, Some(cluster.id())),
    ];
    let mut targets = banyans(&binary, &databases, &newcomers).await?;
    targets.extend(nodes(&node, &cluster, directory.path(), &newcomers).await?);
    let echo = echo(directory.path(), options.members).await?;
    tokio::time::sleep(REST).await;
    for (name, target) in &targets {
        let name = format!("memory of {name}, ten seconds after its start");
        report.fact(name, target.server.resident_bytes()?, "bytes");
    }

    let field = Field { options, directory: directory.path(), cluster, targets, echo };
    field.record_history().await?;
    // Reads come first: later some have recorded more than others.
    for scenario in [Scenario::Reads, Scenario::Purchases] {
        field.take_turns(scenario, &mut report).await?;
    }
    compare(&mut report);
    for (name, target) in field.targets {
        report.fact(format!("memory of {name} in the end"), target.server.resident_bytes()?, "bytes");
        target.server.stop().await?;
    }
    field.echo.server.stop().await?;
    for database in databases.iter().map(|(_, database, _)| database).chain([&benched]) {
        process::verify(&binary, database).await?;
    }
    report.publish()
}

impl Field<'_> {
    /// Records the same number of purchases everywhere, and lets PostgreSQL plan
    /// with them in mind.
    async fn record_history(&self) -> Result<(), Failure> {
        eprintln!("recording {HISTORY} purchases on each");
        for (_, target) in &self.targets {
            load::load(target, Scenario::Purchases, self.options.connections, Pace::count(HISTORY)).await?;
        }
        self.pgbench(Length::Purchases(HISTORY)).await?;
        [BANYANS, NODES, BENCHED].iter().try_for_each(|name| self.cluster.analyze(name))
    }

    async fn take_turns(&self, scenario: Scenario, report: &mut Report) -> Result<(), Failure> {
        let buying = scenario == Scenario::Purchases;
        for round in 0..=self.options.rounds {
            let length = if round == 0 { WARM_UP } else { self.options.length() };
            let mut runs = Vec::new();
            if buying {
                runs.push((ECHO.to_owned(), load::run(&self.echo, scenario, self.options, length).await?));
            }
            for (name, target) in &self.targets {
                let name = format!("{name}: {}", word(scenario));
                runs.push((name, load::run(target, scenario, self.options, length).await?));
            }
            if buying {
                runs.push((PGBENCH.to_owned(), self.pgbench(Length::Time(length)).await?));
            }
            for (name, run) in runs.iter().filter(|_| round > 0) {
                report.add(name, run);
            }
        }
        Ok(())
    }

    async fn pgbench(&self, length: Length) -> Result<Run, Failure> {
        pgbench::run(&self.cluster, BENCHED, self.options.members, length, self.directory).await
    }
}

const fn word(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::Reads => "reads",
        _ => "purchases",
    }
}

fn compare(report: &mut Report) {
    for word in ["purchases", "reads"] {
        report.compare(&format!("{BANYAN_ON_SQLITE}: {word}"), &format!("{NODE_ON_SQLITE}: {word}"));
        report.compare(&format!("{BANYAN_ON_POSTGRES}: {word}"), &format!("{NODE_ON_POSTGRES}: {word}"));
    }
    let on_postgres = format!("{BANYAN_ON_POSTGRES}: purchases");
    report.compare(&on_postgres, PGBENCH);
    report.compare(&on_postgres, &format!("{BANYAN_ON_SQLITE}: purchases"));
    report.compare(&on_postgres, ECHO);
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

/// Nobody's database but that of her key.
async fn echo(directory: &Path, members: usize) -> Result<Target, Failure> {
    let data_dir = directory.join("echo");
    let key = town::settle(&Database::Sqlite(data_dir.clone()), &[]).await?;
    Ok(Target { server: Child::echo(&data_dir).await?, key, members, database: None })
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
    cluster.database(NODES)?;
    let server = node.on_postgres(cluster, NODES, &members).await?;
    targets.push((NODE_ON_POSTGRES, target(server, Some(cluster.id()))));
    Ok(targets)
}
