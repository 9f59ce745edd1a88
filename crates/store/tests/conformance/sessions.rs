//! Sessions: begun, ended once, forgotten when their token has expired.

use domain::{SessionId, SignIn, UserId};
use store::NewSession;

use crate::engines::Fresh;
use crate::values::at;

on_every_engine! {
    a_session_ends_once_and_is_told_from_then_on,
    all_sessions_of_somebody_end_together_and_nobody_elses,
    sessions_whose_tokens_expired_are_forgotten,
    revoked_keys_are_told_from_then_on,
}

fn session(number: u8, user: Option<UserId>, expires: i64) -> NewSession {
    let id = SessionId::new([number; 16]);
    NewSession { id, user, made_by: SignIn::Password, made_at: at(100), expires_at: at(expires) }
}

async fn begin(db: &Fresh, new: NewSession) -> SessionId {
    db.write(async move |tx| tx.insert_session(&new).await).await;
    new.id
}

async fn ended_since(db: &Fresh, time: i64) -> Vec<SessionId> {
    let mut ended = db.read(async move |view| view.sessions_ended_since(at(time)).await).await;
    ended.sort();
    ended
}

async fn a_session_ends_once_and_is_told_from_then_on(db: Fresh) {
    let id = begin(&db, session(1, None, 1_000)).await;
    begin(&db, session(2, None, 1_000)).await;
    let end = async |id, time| db.write(async move |tx| tx.end_session(id, at(time)).await).await;
    assert!(end(id, 200).await);
    assert!(!end(id, 300).await, "and the first time stands");
    assert!(!end(SessionId::new([9; 16]), 200).await);
    assert_eq!(ended_since(&db, 200).await, [id]);
    assert_eq!(ended_since(&db, 201).await, []);
}

async fn all_sessions_of_somebody_end_together_and_nobody_elses(db: Fresh) {
    let [asha, bina] = db.members([None, None]).await;
    let hers =
        [begin(&db, session(1, Some(asha), 1_000)).await, begin(&db, session(2, Some(asha), 1_000)).await];
    begin(&db, session(3, Some(bina), 1_000)).await;
    let owners = begin(&db, session(4, None, 1_000)).await;
    let end = async |user, time| {
        let mut ended = db.write(async move |tx| tx.end_sessions_of(user, at(time)).await).await;
        ended.sort();
        ended
    };
    assert_eq!(end(Some(asha), 200).await, hers);
    assert_eq!(end(Some(asha), 300).await, []);
    assert_eq!(end(None, 400).await, [owners]);
    assert_eq!(ended_since(&db, 0).await, [hers[0], hers[1], owners]);
}

async fn sessions_whose_tokens_expired_are_forgotten(db: Fresh) {
    let over = begin(&db, session(1, None, 101)).await;
    let end = async |id| db.write(async move |tx| tx.end_session(id, at(150)).await).await;
    assert!(end(over).await);
    begin(&db, NewSession { made_at: at(101), ..session(2, None, 1_000) }).await;
    assert_eq!(ended_since(&db, 0).await, []);
}

async fn revoked_keys_are_told_from_then_on(db: Fresh) {
    let new = store::NewApiKey {
        name: "shop".into(),
        hash: [7; 32],
        scopes: domain::Scopes::default(),
        created_at: at(1),
    };
    let id = db.write(async move |tx| tx.insert_api_key(&new).await).await;
    let revoked = async |time| db.read(async move |view| view.keys_revoked_since(at(time)).await).await;
    assert!(revoked(0).await.is_empty());
    db.write(async move |tx| tx.revoke_api_key(id, at(70)).await).await;
    assert_eq!(revoked(70).await, [id]);
    assert!(revoked(71).await.is_empty());
}
