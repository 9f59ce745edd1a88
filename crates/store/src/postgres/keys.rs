//! API keys.

use domain::Timestamp;
use tokio_postgres::Row;

use super::{Session, row};
use crate::{ApiKey, NewApiKey, Result};

pub(super) const ALL: &str = "select id, name, scopes, created_at, revoked_at from api_keys order by id";
pub(super) const BY_HASH: &str =
    "select id, name, scopes, created_at, revoked_at from api_keys where hash = $1";
pub(super) const INSERT: &str =
    "insert into api_keys (name, hash, scopes, created_at) values ($1, $2, $3, $4) returning id";
pub(super) const REVOKE: &str = "update api_keys set revoked_at = $2 where id = $1 and revoked_at is null";
pub(super) const REVOKED_SINCE: &str = "select id from api_keys where revoked_at >= $1";

impl Session<'_> {
    pub(crate) async fn api_keys(&mut self) -> Result<Vec<ApiKey>> {
        self.open.rows(ALL, &[], key).await
    }

    pub(crate) async fn api_key_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        self.open.row(BY_HASH, &[&hash.as_slice()], key).await
    }

    pub(crate) async fn keys_revoked_since(&mut self, at: Timestamp) -> Result<Vec<i64>> {
        self.open.rows(REVOKED_SINCE, &[&at.millis()], row::number).await
    }

    pub(crate) async fn insert_api_key(&mut self, key: &NewApiKey) -> Result<i64> {
        let (hash, scopes) = (key.hash.as_slice(), key.scopes.to_string());
        self.open.insert(INSERT, &[&key.name, &hash, &scopes, &key.created_at.millis()]).await
    }

    pub(crate) async fn revoke_api_key(&mut self, id: i64, at: Timestamp) -> Result<bool> {
        Ok(self.open.change(REVOKE, &[&id, &at.millis()]).await? == 1)
    }
}

fn key(found: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row::get(found, 0)?,
        name: row::get(found, 1)?,
        scopes: row::parse(found, 2, ("api_keys", "scopes"))?,
        created_at: row::time(found, 3)?,
        revoked_at: row::get::<Option<i64>>(found, 4)?.map(Timestamp::from_millis),
    })
}
