//! The rows that an import writes, written again by nothing but prepared
//! statements: the same tables, indexes, pragmas and transactions, and no
//! thought about any of it.

use std::collections::BTreeMap;
use std::path::Path;

use app::import::CHUNK_MAX;
use rusqlite::{Connection, params};

use crate::Failure;

/// The settings of the connection that writes.
const PRAGMAS: &str =
    "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 32000;
    pragma foreign_keys = on; pragma cache_size = -16384;";

struct Purchase {
    id: i64,
    reference: Option<String>,
    buyer: i64,
    amount: i64,
    plan: i64,
    decisions: String,
    created_at: i64,
}

struct Entry {
    user: i64,
    seq: i64,
    amount: i64,
    by_level: String,
    purchase: i64,
    source: i64,
    level: i64,
    created_at: i64,
}

/// What one transaction wrote.
#[derive(Default)]
struct Chunk {
    purchases: Vec<Purchase>,
    entries: Vec<Entry>,
    /// The earner, the sum and the number, by source and level.
    sources: BTreeMap<(i64, i64), (i64, i64, i64)>,
}

/// Everything that an import wrote, by its transactions.
pub(crate) struct Rows(Vec<Chunk>);

impl Rows {
    pub(crate) fn read(data_dir: &Path) -> Result<Self, Failure> {
        let conn = Connection::open(data_dir.join("banyan.db"))?;
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut purchases = conn.prepare(
            "select id, reference, buyer_id, amount, plan_version, decisions, created_at from purchases order by id",
        )?;
        let purchases = purchases.query_map([], |row| {
            Ok(Purchase {
                id: row.get(0)?,
                reference: row.get(1)?,
                buyer: row.get(2)?,
                amount: row.get(3)?,
                plan: row.get(4)?,
                decisions: row.get(5)?,
                created_at: row.get(6)?,
            })
        })?;
        for purchase in purchases {
            if chunks.last().is_none_or(|chunk| chunk.purchases.len() == CHUNK_MAX) {
                chunks.push(Chunk::default());
            }
            chunks.last_mut().ok_or("a chunk")?.purchases.push(purchase?);
        }
        let mut entries = conn.prepare(
            "select user_id, seq, amount, by_level, purchase_id, source_id, level, created_at from entries
             order by user_id, seq",
        )?;
        let entries = entries.query_map([], |row| {
            Ok(Entry {
                user: row.get(0)?,
                seq: row.get(1)?,
                amount: row.get(2)?,
                by_level: row.get(3)?,
                purchase: row.get(4)?,
                source: row.get(5)?,
                level: row.get(6)?,
                created_at: row.get(7)?,
            })
        })?;
        for entry in entries {
            let entry = entry?;
            let chunk = &mut chunks[usize::try_from(entry.purchase - 1)? / CHUNK_MAX];
            let total = chunk.sources.entry((entry.source, entry.level)).or_insert((entry.user, 0, 0));
            (total.1, total.2) = (total.1 + entry.amount, total.2 + 1);
            chunk.entries.push(entry);
        }
        Ok(Self(chunks))
    }

    pub(crate) fn insert_into(&self, data_dir: &Path) -> Result<(), Failure> {
        let mut conn = Connection::open(data_dir.join("banyan.db"))?;
        conn.execute_batch(PRAGMAS)?;
        for chunk in &self.0 {
            let open = conn.transaction()?;
            chunk.insert(&open)?;
            open.commit()?;
        }
        Ok(())
    }
}

impl Chunk {
    fn insert(&self, conn: &Connection) -> Result<(), Failure> {
        let mut purchase = conn.prepare_cached(
            "insert into purchases (id, reference, buyer_id, amount, plan_version, decisions, created_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for p in &self.purchases {
            purchase.execute(params![
                p.id,
                p.reference,
                p.buyer,
                p.amount,
                p.plan,
                p.decisions,
                p.created_at
            ])?;
        }
        let mut entry = conn.prepare_cached(
            "insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id,
                source_id, level, created_at)
             values (?1, ?2, 'commission', ?3, ?4, 0, 0, 0, ?5, ?6, ?7, ?8)",
        )?;
        for e in &self.entries {
            entry.execute(params![
                e.user,
                e.seq,
                e.amount,
                e.by_level,
                e.purchase,
                e.source,
                e.level,
                e.created_at
            ])?;
        }
        let mut source = conn.prepare_cached(
            "insert into source_totals (source_id, level, earner_id, amount, purchases) values (?1, ?2, ?3, ?4, ?5)
             on conflict (source_id, level) do update
             set amount = amount + excluded.amount, purchases = purchases + excluded.purchases",
        )?;
        for ((source_id, level), (earner, amount, purchases)) in &self.sources {
            source.execute([source_id, level, earner, amount, purchases])?;
        }
        Ok(())
    }
}
