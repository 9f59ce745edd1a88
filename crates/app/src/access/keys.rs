//! API keys: shown once, kept as a hash.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Scope, Scopes, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{ApiKey, NewApiKey};

use super::{AuthError, Denied};
use crate::audit::{self, Action};
use crate::{App, Caller};

/// What every API key starts with, so that a leaked one is recognised.
pub(super) const PREFIX: &str = "bnk_";

/// How long a key that was found is trusted without looking again, in
/// milliseconds: the longest a revoked key still opens.
const TRUSTED_FOR_MS: i64 = 1_000;

/// The same while the database is away. Nobody can revoke it here meanwhile, and without
/// the database it opens little but the figures of this node, which somebody needs then.
const TRUSTED_WHILE_AWAY_MS: i64 = 60 * 60 * 1_000;

/// A key that was just made. This is the only time the key itself is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// Its number.
    pub id: i64,
    /// The key.
    pub key: String,
}

/// Why keys could not be made, listed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The caller is not an admin.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A key opens at least one thing.
    #[error("a key needs at least one scope")]
    NoScope,
    /// There is no such key, or it was revoked before.
    #[error("there is no key {0} that is not revoked")]
    NotFound(i64),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Makes an API key.
pub async fn create_key(
    app: &App,
    caller: &Caller,
    name: String,
    scopes: Scopes,
) -> Result<CreatedKey, KeyError> {
    caller.require(Scope::Admin)?;
    if scopes.iter().next().is_none() {
        return Err(KeyError::NoScope);
    }
    let mut secret = [0; 32];
    app.fill(&mut secret);
    let key = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(secret));
    let new = NewApiKey { name, hash: hash(&key), scopes, created_at: app.now() };
    let caller = *caller;
    let id = app
        .store
        .write(async move |tx| {
            let id = tx.insert_api_key(&new).await?;
            let detail = json!({"name": new.name, "scopes": new.scopes.to_string()});
            audit::note(tx, &caller, new.created_at, Action::CreateKey, format_args!("key {id}"), detail)
                .await?;
            Ok::<_, store::Error>(id)
        })
        .await?;
    Ok(CreatedKey { id, key })
}

/// Every API key, oldest first.
pub async fn list_keys(app: &App, caller: &Caller) -> Result<Vec<ApiKey>, KeyError> {
    caller.require(Scope::Admin)?;
    Ok(app.store.read(async move |view| view.api_keys().await).await?)
}

/// Revokes an API key; it opens nothing a second later, on any node.
pub async fn revoke_key(app: &App, caller: &Caller, id: i64) -> Result<(), KeyError> {
    caller.require(Scope::Admin)?;
    let (now, caller) = (app.now(), *caller);
    app.store
        .write(async move |tx| {
            if !tx.revoke_api_key(id, now).await? {
                return Err(KeyError::NotFound(id));
            }
            let subject = format_args!("key {id}");
            Ok(audit::note(tx, &caller, now, Action::RevokeKey, subject, json!({})).await?)
        })
        .await?;
    app.ended.note_key(id, now);
    Ok(())
}

/// The keys seen in the last second, by hash.
#[derive(Debug, Default)]
pub struct ApiKeys(Mutex<HashMap<[u8; 32], (Timestamp, Caller)>>);

impl ApiKeys {
    /// Who holds this key. Looking a key up by its hash needs no care for
    /// timing: whoever could aim at a hash would know the key.
    pub(super) async fn caller(&self, app: &App, key: &str) -> Result<Caller, AuthError> {
        let (hash, now) = (hash(key), app.now());
        let trusted = |for_ms: i64| {
            let known = self.lock().get(&hash).copied();
            known
                .filter(|(seen, _)| (0..for_ms).contains(&(now.millis() - seen.millis())))
                .map(|(_, caller)| caller)
        };
        if let Some(caller) = trusted(TRUSTED_FOR_MS) {
            return Ok(caller);
        }
        let found = app.store.read_beside_sales(async move |view| view.api_key_by_hash(&hash).await).await;
        let found = match (found, trusted(TRUSTED_WHILE_AWAY_MS)) {
            (Err(store::Error::Away(_)), Some(caller)) => return Ok(caller),
            (found, _) => found?,
        };
        let Some(ApiKey { id, scopes, revoked_at: None, .. }) = found else {
            self.lock().remove(&hash);
            return Err(AuthError::Invalid);
        };
        let caller = Caller::Service { key: id, scopes };
        self.lock().insert(hash, (now, caller));
        Ok(caller)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], (Timestamp, Caller)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}
