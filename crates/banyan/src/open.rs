//! Opens a database, and finds the key that signs its tokens.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use app::access::TokenKey;
use app::{App, Rules, Settings, SystemClock};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::json;
use store::{Database, Foundation, Store};

use crate::Failure;
use crate::cli::{FoundationOptions, MigrateOptions};
use crate::config::Config;
use crate::print::say;

/// Holds the key on every node when it is not in the data directory.
const TOKEN_KEY_VARIABLE: &str = "BANYAN_TOKEN_KEY";

/// The file that holds it in the data directory.
const TOKEN_KEY: &str = "token.key";

/// Brings the database to this version.
pub(crate) async fn migrate(options: MigrateOptions, config: &Config) -> Result<(), Failure> {
    let (database, foundation) = (options.data.over(config)?, options.foundation.over(config)?);
    let store = Store::open_or_create(&database, &foundation).await?;
    match (options.json, store.is_new()) {
        (true, new) => say!("{}", json!({"database": database.to_string(), "new": new})),
        (false, true) => say!("{database} is new and ready"),
        (false, false) => say!("{database} is up to date"),
    }
}

/// An application on this data; within a tokio runtime.
pub(crate) async fn app(database: &Database, foundation: &Foundation, rules: Rules) -> Result<App, Failure> {
    let given = given_token_key(database)?;
    let store = Store::open_or_create(database, foundation).await?;
    let mut chance: StdRng = rand::make_rng();
    let token_key = match given {
        Given::Key(key) => *key,
        Given::In(data_dir) => kept_token_key(data_dir, &mut chance)?,
    };
    Ok(App::start(Settings { store, clock: Arc::new(SystemClock), chance, token_key, rules }))
}

/// An application on data that is made when there is none.
pub(crate) async fn new_app(database: &Database, config: &Config) -> Result<App, Failure> {
    app(database, &FoundationOptions::default().over(config)?, Rules::default()).await
}

/// An application on data that is there already: a mistyped directory is told,
/// not made.
pub(crate) async fn existing_app(database: &Database) -> Result<App, Failure> {
    expect_data(database)?;
    app(database, &Foundation::default(), Rules::default()).await
}

/// Passes a directory that holds a database. What is across a network is there
/// or cannot be opened.
pub(crate) fn expect_data(database: &Database) -> Result<(), Failure> {
    match database {
        Database::Sqlite(directory) if !directory.join("banyan.db").exists() => {
            Err(format!("there is no data in {database}; choose another with --data-dir").into())
        }
        Database::Sqlite(_) | Database::Postgres(_) => Ok(()),
    }
}

/// The key that signs tokens, or the data directory that keeps it.
enum Given<'a> {
    Key(Box<TokenKey>),
    In(&'a Path),
}

/// The key from the environment. Without a data directory there must be one.
fn given_token_key(database: &Database) -> Result<Given<'_>, Failure> {
    let least = TokenKey::MIN_BYTES;
    match (std::env::var(TOKEN_KEY_VARIABLE), database) {
        (Ok(secret), _) => {
            let too_short = || format!("{TOKEN_KEY_VARIABLE} must have at least {least} characters");
            Ok(Given::Key(Box::new(TokenKey::new(secret.as_bytes()).ok_or_else(too_short)?)))
        }
        (Err(_), Database::Sqlite(directory)) => Ok(Given::In(directory)),
        (Err(_), Database::Postgres(_)) => Err(format!(
            "{TOKEN_KEY_VARIABLE} is not set; where the data is in PostgreSQL it holds the key that signs \
             tokens: at least {least} characters that nobody can guess, the same on every node"
        )
        .into()),
    }
}

/// Passes a key that is there, or can be made.
pub(crate) fn expect_token_key(database: &Database) -> Result<(), Failure> {
    match given_token_key(database)? {
        Given::In(data_dir) if data_dir.join(TOKEN_KEY).exists() => {
            read_token_key(&data_dir.join(TOKEN_KEY)).map(drop)
        }
        Given::In(_) | Given::Key(_) => Ok(()),
    }
}

/// The key in the data directory, made when there is none.
fn kept_token_key(data_dir: &Path, chance: &mut StdRng) -> Result<TokenKey, Failure> {
    let path = data_dir.join(TOKEN_KEY);
    match create_token_key(&path, chance)? {
        Some(key) => Ok(key),
        None => read_token_key(&path),
    }
}

fn read_token_key(path: &Path) -> Result<TokenKey, Failure> {
    let secret = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let broken = || format!("{} is not a token key; remove it to have a new one made", path.display());
    Ok(TokenKey::new(&secret).ok_or_else(broken)?)
}

/// Makes the key unless the file is there. A reader never sees half of it: it
/// is written elsewhere and then linked to its name.
fn create_token_key(path: &Path, chance: &mut StdRng) -> Result<Option<TokenKey>, Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(None);
    }
    let mut secret = [0; 32];
    chance.fill_bytes(&mut secret);
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory)?.sync_all()?;
    }
    match linked {
        Ok(()) => Ok(TokenKey::new(&secret)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(error.into()),
    }
}
