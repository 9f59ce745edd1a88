//! How a connection is set up. The durability of everything that is
//! acknowledged rests on the pragmas of this file.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::private;
use crate::{Error, Result};

/// How long a transaction waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it waits for what can as well be done later.
const BRIEFLY: Duration = Duration::from_millis(20);

/// How often it looks whether its turn has come.
const BUSY_POLL: Duration = Duration::from_millis(1);

/// KiB of pages that a reader keeps.
const READER_CACHE: i64 = 65_536;

/// KiB of pages that the writer keeps. After a commit in which a tree has grown,
/// SQLite walks through all of them, so that more of them cost more than they save.
const WRITER_CACHE: i64 = 16_384;

/// KiB of pages that the connection keeps that posts: about those of one run.
const POSTER_CACHE: i64 = 65_536;

/// Prepared statements kept by each connection; more than there are.
const STATEMENT_CACHE: usize = 128;

mod embedded {
    refinery::embed_migrations!("src/sqlite/migrations");
}

/// Where the database of a data directory lies.
pub(super) fn path_in(directory: &Path) -> PathBuf {
    directory.join("banyan.db")
}

/// Waits until nobody else makes or migrates the database of this directory,
/// and keeps others waiting until it is dropped.
pub(super) fn lock(directory: &Path) -> Result<fs::File> {
    let path = directory.join("banyan.lock");
    let locked = private::open(&path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|source| Error::Directory { path, source })
}

/// Keeps this database from being replaced for as long as it is held, and waits
/// while it is.
pub(super) fn hold(directory: &Path) -> Result<fs::File> {
    let path = directory.join("open.lock");
    let held = private::open(&path).and_then(|file| file.lock_shared().map(|()| file));
    held.map_err(|source| Error::Directory { path, source })
}

/// The right to replace this database, while nobody else has it open.
pub(super) fn hold_alone(directory: &Path) -> Result<fs::File> {
    let path = directory.join("open.lock");
    let file = private::open(&path).map_err(|source| Error::Directory { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Error::InUse(directory.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(Error::Directory { path, source }),
    }
}

/// The connection that writes.
///
/// `synchronous = full` in WAL mode syncs the log before a commit returns, so
/// what was answered survives a power cut. The page size takes effect only when
/// the file is made; most writes go to pages of their own, so small pages write
/// less. A log that had to grow is cut back to 128 MB when it begins anew.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    let mut conn = Connection::open(path)?;
    conn.busy_handler(Some(wait))?;
    conn.execute_batch(
        "pragma page_size = 2048;
         pragma journal_mode = wal;
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma journal_size_limit = 134217728;",
    )?;
    share_settings(&conn, WRITER_CACHE)?;
    Ok(conn)
}

/// The connection that posts the journal. What it adds was decided from these
/// books, so what its rows refer to is not looked up again; that it is there is
/// checked by `verify`. It is on disk in the journal, too, which keeps it until the
/// books are synced, so `synchronous = normal` does: no posting is synced alone.
pub(super) fn poster(path: &Path) -> Result<Connection> {
    let conn = writer(path)?;
    conn.execute_batch("pragma foreign_keys = off; pragma synchronous = normal")?;
    conn.pragma_update(None, "cache_size", -POSTER_CACHE)?;
    Ok(conn)
}

/// Waits for another process that is writing. SQLite's own way sleeps for up to
/// 100 ms, and between the transactions of an import there are only a few.
pub(super) fn wait(tries: i32) -> bool {
    wait_within(BUSY_TIMEOUT, tries)
}

/// Waits for those who are reading, though not for a long look.
fn wait_briefly(tries: i32) -> bool {
    wait_within(BRIEFLY, tries)
}

fn wait_within(longest: Duration, tries: i32) -> bool {
    thread::sleep(BUSY_POLL);
    u32::try_from(tries).is_ok_and(|tries| BUSY_POLL * tries < longest)
}

/// Does something with a writer that waits no longer than briefly meanwhile.
pub(super) fn briefly(conn: &mut Connection, act: impl FnOnce(&Connection)) -> rusqlite::Result<()> {
    conn.busy_handler(Some(wait_briefly))?;
    act(conn);
    conn.busy_handler(Some(wait))
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    share_settings(&conn, READER_CACHE)?;
    Ok(conn)
}

/// Whether this file is a database that a release of this program made.
pub(super) fn is_ours(path: &Path) -> bool {
    let history = "select 1 from refinery_schema_history join users limit 0";
    reader(path).is_ok_and(|conn| conn.prepare(history).is_ok())
}

fn share_settings(conn: &Connection, cache_kib: i64) -> Result<()> {
    // A statement is planned once, not again for every value that is bound to it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    conn.pragma_update(None, "cache_size", -cache_kib)?;
    Ok(())
}

/// The version of the newest migration that this release knows.
pub(super) fn newest_migration() -> Option<u32> {
    embedded::migrations::runner().get_migrations().iter().map(|m| m.version().unsigned_abs()).max()
}

/// The version of the newest migration that was run; nothing before the first.
pub(super) fn schema_version(conn: &Connection) -> Result<Option<u32>> {
    let history = "select 1 from sqlite_schema where name = 'refinery_schema_history'";
    match conn.prepare(history)?.exists([])? {
        true => Ok(conn.query_row("select max(version) from refinery_schema_history", [], |row| row.get(0))?),
        false => Ok(None),
    }
}

/// Brings the schema to an earlier release.
#[cfg(test)]
pub(super) fn migrate_to(conn: &mut Connection, version: u32) {
    let target = refinery::Target::Version(version.cast_signed());
    embedded::migrations::runner().set_target(target).run(conn).unwrap();
}

/// Brings the schema to this release; a database of a newer one is refused.
pub(super) fn migrate(conn: &mut Connection) -> Result<()> {
    embedded::migrations::runner().run(conn).map(drop).map_err(|error| match error.kind() {
        refinery::error::Kind::MissingVersion(migration) => Error::Newer(migration.to_string()),
        _ => Error::Engine(Box::new(error)),
    })
}
