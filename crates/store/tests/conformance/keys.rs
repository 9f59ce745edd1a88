//! API keys: kept by their hash, listed without it, revoked once.

use domain::{Scope, Scopes};
use store::{ApiKey, NewApiKey};

use crate::engines::Fresh;
use crate::values::at;

on_every_engine! {
    every_set_of_scopes_reads_back,
    a_key_is_found_by_its_whole_hash,
    a_key_is_revoked_once,
    two_keys_cannot_have_one_hash,
}

fn new_key(first_byte: u8, scopes: Scopes) -> NewApiKey {
    let mut hash = [0xA5; 32];
    hash[0] = first_byte;
    NewApiKey {
        name: format!("Магазин {first_byte}"), hash, scopes, created_at: at(i64::from(first_byte))
    }
}

fn listed(id: i64, new: &NewApiKey) -> ApiKey {
    let NewApiKey { name, scopes, created_at, .. } = new.clone();
    ApiKey { id, name, scopes, created_at, revoked_at: None }
}

async fn insert(db: &Fresh, new: &NewApiKey) -> i64 {
    let new = new.clone();
    db.write(async move |tx| tx.insert_api_key(&new).await).await
}

async fn every_set_of_scopes_reads_back(db: Fresh) {
    let mut expected = Vec::new();
    for bits in 0..32_u8 {
        let scopes = Scope::ALL.iter().copied();
        let new = new_key(bits, scopes.filter(|scope| bits & (1 << *scope as u8) != 0).collect());
        expected.push(listed(insert(&db, &new).await, &new));
    }
    assert_eq!(db.read(async move |view| view.api_keys().await).await, expected);
    assert!(expected.is_sorted_by_key(|key| key.id));
}

async fn a_key_is_found_by_its_whole_hash(db: Fresh) {
    let new = new_key(0, Scopes::from_iter([Scope::Read]));
    let id = insert(&db, &new).await;
    let mut near = new.hash;
    near[31] ^= 1;
    db.read(async move |view| {
        assert_eq!(view.api_key_by_hash(&new.hash).await?, Some(listed(id, &new)));
        assert_eq!(view.api_key_by_hash(&near).await?, None);
        Ok(())
    })
    .await;
}

async fn a_key_is_revoked_once(db: Fresh) {
    let (new, other) = (new_key(1, Scopes::default()), new_key(2, Scopes::default()));
    let (id, other_id) = (insert(&db, &new).await, insert(&db, &other).await);
    let revoke = async |id, time| db.write(async move |tx| tx.revoke_api_key(id, at(time)).await).await;
    assert!(revoke(id, 70).await);
    assert!(!revoke(id, 80).await, "and the first time stands");
    assert!(!revoke(404, 80).await);

    let revoked = ApiKey { revoked_at: Some(at(70)), ..listed(id, &new) };
    db.read(async move |view| {
        assert_eq!(view.api_keys().await?, [revoked.clone(), listed(other_id, &other)]);
        assert_eq!(view.api_key_by_hash(&new.hash).await?, Some(revoked.clone()));
        Ok(())
    })
    .await;
    let looked = db.store.read_beside_sales(async move |view| view.api_key_by_hash(&new.hash).await).await;
    assert_eq!(looked.unwrap().and_then(|key| key.revoked_at), Some(at(70)), "and at once");
}

async fn two_keys_cannot_have_one_hash(db: Fresh) {
    let new = new_key(1, Scopes::default());
    insert(&db, &new).await;
    let refused = db.refused(async move |tx| tx.insert_api_key(&new).await).await;
    assert!(matches!(refused, store::Error::Engine(_)), "{refused:?}");
    assert_eq!(db.read(async move |view| view.api_keys().await).await.len(), 1);
}
