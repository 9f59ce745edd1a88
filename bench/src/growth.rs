//! What a purchase costs as the ledger grows: its rate beside an echo, and its
//! bytes on disk.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rusqlite::{Connection, OpenFlags};
use store::Database;

use crate::cluster::Cluster;
use crate::load::{self, load};
use crate::pace::Pace;
use crate::process::Child;
use crate::report::Report;
use crate::scenario::{BULK_LINES, Scenario, Target};
use crate::{Failure, Options, town};

/// The database on PostgreSQL.
const GROWING: &str = "growing";

/// What a purchase adds to, with its keys.
const BYTES_OF_TABLES: &str = "\
select sum(pg_total_relation_size(name::regclass))
from unnest(array['purchases', 'entries', 'source_totals']) name";

/// What the ledger lies on.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Where the ledger grows.
enum Ground {
    Files(PathBuf),
    Cluster(Cluster),
}

/// Bytes on disk.
struct Bytes {
    /// The pages of the ledger and of its keys, wherever they are now.
    data: f64,
    /// Write-ahead logs, by name.
    logs: Vec<(String, f64)>,
}

pub(crate) async fn run(
    options: &Options,
    engine: Engine,
    purchases: usize,
    steps: usize,
) -> Result<(), Failure> {
    let binary = options.binary()?;
    let directory = options.directory()?;
    let mut report = Report::new("growth", options)?;
    eprintln!("registering {} members", options.members);
    let (ground, database) = Ground::of(engine, directory.path())?;
    let key = town::settle(&database, &town::tree(options.members)?).await?;
    let empty = ground.bytes()?.data;
    let server = Child::banyan(&binary, &database).await?;
    let real = Target { server, key, members: options.members, database: ground.process() };
    let echo_dir = directory.path().join("echo");
    let key = town::settle(&Database::Sqlite(echo_dir.clone()), &[]).await?;
    let server = Child::echo(&echo_dir).await?;
    let echo = Target { server, key, members: options.members, database: None };

    let mut recorded = 0;
    for step in 0..=steps {
        let aim = purchases / steps * step;
        let requests = aim.saturating_sub(recorded).div_ceil(BULK_LINES);
        if requests > 0 {
            let connections = Scenario::Bulk.connections(options.connections);
            let run = load(&real, Scenario::Bulk, connections, Pace::count(requests)).await?;
            recorded += run.done;
            report.add(&format!("bulk, up to {aim}"), &run);
        }
        let (own, its) = (format!("purchases, from {aim} on"), format!("echo, from {aim} on"));
        for _ in 0..options.rounds {
            report.add(&its, &load::run(&echo, Scenario::Purchases, options, options.length()).await?);
            let run = load::run(&real, Scenario::Purchases, options, options.length()).await?;
            recorded += run.done;
            report.add(&own, &run);
        }
        report.compare(&own, &its);
        // Whoever reads waits until the journal is posted to the books.
        load(&real, Scenario::Reads, 1, Pace::count(1)).await?;
        let bytes = ground.bytes()?;
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 purchases")]
        let each = (bytes.data - empty) / recorded as f64;
        report.fact(format!("the ledger at {recorded} purchases, for each"), each, "bytes");
        for (name, bytes) in bytes.logs {
            report.fact(format!("{name} at {recorded} purchases"), bytes, "bytes");
        }
        report.fact(format!("memory at {recorded} purchases"), real.server.resident_bytes()?, "bytes");
    }
    report.publish()?;
    real.server.stop().await?;
    echo.server.stop().await
}

impl Ground {
    fn of(engine: Engine, directory: &Path) -> Result<(Self, Database), Failure> {
        Ok(match engine {
            Engine::Sqlite => {
                let data_dir = directory.join("banyan");
                (Self::Files(data_dir.clone()), Database::Sqlite(data_dir))
            }
            Engine::Postgres => {
                let cluster = Cluster::start(directory)?;
                let database = cluster.database(GROWING)?;
                (Self::Cluster(cluster), database)
            }
        })
    }

    /// The first process of the database, where it has one.
    fn process(&self) -> Option<u32> {
        match self {
            Self::Files(_) => None,
            Self::Cluster(cluster) => Some(cluster.id()),
        }
    }

    fn bytes(&self) -> Result<Bytes, Failure> {
        match self {
            Self::Files(data_dir) => Bytes::of(data_dir),
            Self::Cluster(cluster) => {
                Ok(Bytes { data: cluster.ask(GROWING, BYTES_OF_TABLES)?, logs: Vec::new() })
            }
        }
    }
}

impl Bytes {
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 bytes")]
    fn of(data_dir: &Path) -> Result<Self, Failure> {
        let mut bytes = Self { data: 0.0, logs: Vec::new() };
        for entry in std::fs::read_dir(data_dir)? {
            let entry = entry?;
            let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("db") => bytes.data += bytes_of_pages(&path)?,
                Some("db-wal") => bytes.logs.push((name, path.metadata()?.len() as f64)),
                _ => {}
            }
        }
        Ok(bytes)
    }
}

/// The file alone would say less: the newest pages are still in its log.
fn bytes_of_pages(path: &Path) -> Result<f64, Failure> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, u32>(0).map(f64::from));
    Ok(pragma("page_count")? * pragma("page_size")?)
}
