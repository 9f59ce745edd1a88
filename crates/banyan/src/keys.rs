//! API keys from the command line. Whoever can open the data directory is the owner.

use app::access::{create_key, list_keys, revoke_key};
use app::{App, Caller};
use domain::{Name, Scope, Scopes, Timestamp};
use serde_json::{Value, json};

use crate::cli::KeyCommand;
use crate::config::Config;
use crate::print::{note, say};
use crate::{Failure, open};

pub(crate) async fn run(command: KeyCommand, config: &Config) -> Result<(), Failure> {
    match command {
        KeyCommand::Create { name, scopes, data, json } => {
            create(&open::new_app(&data.over(config)?, config).await?, name, scopes, json).await
        }
        KeyCommand::List { data, json } => list(&open::existing_app(&data.over(config)?).await?, json).await,
        KeyCommand::Revoke { id, data, json } => {
            revoke_key(&open::existing_app(&data.over(config)?).await?, &Caller::Admin, id).await?;
            if json { say!("{}", json!({"id": id, "revoked": true})) } else { Ok(()) }
        }
    }
}

async fn create(app: &App, name: Name, scopes: Vec<Scope>, json: bool) -> Result<(), Failure> {
    let scopes = Scopes::from_iter(scopes);
    let created = create_key(app, &Caller::Admin, name.to_string(), scopes).await?;
    if json {
        say!(
            "{}",
            json!({"id": created.id, "name": name.as_str(), "scopes": words(scopes), "key": created.key})
        )?;
    } else {
        say!("{}", created.key)?;
        note!("This is key {}. It is not shown again.", created.id);
    }
    Ok(())
}

async fn list(app: &App, json: bool) -> Result<(), Failure> {
    for key in list_keys(app, &Caller::Admin).await? {
        let state = key.revoked_at.map_or("active".into(), |at| format!("revoked {}", day(at)));
        if json {
            say!(
                "{}",
                json!({
                    "id": key.id,
                    "name": key.name,
                    "scopes": words(key.scopes),
                    "created_at": moment(key.created_at),
                    "revoked_at": key.revoked_at.map(moment),
                })
            )?;
        } else {
            say!("{:>4}  {:<24}  {:<40}  {}  {state}", key.id, key.name, key.scopes, day(key.created_at))?;
        }
    }
    Ok(())
}

fn words(scopes: Scopes) -> Value {
    scopes.iter().map(Scope::name).collect()
}

pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_string()
}

fn day(at: Timestamp) -> String {
    moment(at).chars().take(10).collect()
}
