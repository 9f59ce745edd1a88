//! `/api/entries/{entry_id}` and what lies below it.

mod explain;
mod words;

use crate::actor::Actor;

/// The sentences of an explanation, one on each line.
async fn told(actor: &Actor, entry: &str) -> String {
    let explained = actor.get(&format!("/api/entries/{entry}/explain")).await.json();
    let sentences = explained["sentences"].as_array().unwrap_or_else(|| panic!("{explained}"));
    sentences.iter().map(|sentence| sentence.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}
