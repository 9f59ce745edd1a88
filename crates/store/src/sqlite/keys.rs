//! API keys.

use domain::Timestamp;
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{ApiKey, NewApiKey, Result};

pub(super) const ALL: &str = "select id, name, scopes, created_at, revoked_at from api_keys order by id";
pub(super) const BY_HASH: &str =
    "select id, name, scopes, created_at, revoked_at from api_keys where hash = ?1";
pub(super) const INSERT: &str =
    "insert into api_keys (name, hash, scopes, created_at) values (?1, ?2, ?3, ?4) returning id";
pub(super) const REVOKE: &str = "update api_keys set revoked_at = ?2 where id = ?1 and revoked_at is null";
pub(super) const REVOKED_SINCE: &str = "select id from api_keys where revoked_at >= ?1";

impl Session<'_> {
    pub(crate) fn api_keys(&mut self) -> Result<Vec<ApiKey>> {
        self.conn.prepare_cached(ALL)?.query_and_then([], key)?.collect()
    }

    pub(crate) fn api_key_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        self.conn.prepare_cached(BY_HASH)?.query_and_then([hash], key)?.next().transpose()
    }

    pub(crate) fn keys_revoked_since(&mut self, at: Timestamp) -> Result<Vec<i64>> {
        let id = |found: &Row<'_>| row::get(found, 0);
        self.conn.prepare_cached(REVOKED_SINCE)?.query_and_then([at.millis()], id)?.collect()
    }

    pub(crate) fn insert_api_key(&mut self, key: &NewApiKey) -> Result<i64> {
        let values = params![key.name, key.hash, key.scopes.to_string(), key.created_at.millis()];
        Ok(self.conn.prepare_cached(INSERT)?.query_row(values, |row| row.get(0))?)
    }

    pub(crate) fn revoke_api_key(&mut self, id: i64, at: Timestamp) -> Result<bool> {
        Ok(self.conn.prepare_cached(REVOKE)?.execute([id, at.millis()])? == 1)
    }
}

fn key(found: &Row<'_>) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row::get(found, 0)?,
        name: row::get(found, 1)?,
        scopes: row::parse(found, 2, ("api_keys", "scopes"))?,
        created_at: row::time(found, 3)?,
        revoked_at: row::get::<Option<i64>>(found, 4)?.map(Timestamp::from_millis),
    })
}
