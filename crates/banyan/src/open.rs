//! Opens a data directory: its database and the key that signs its tokens.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use app::access::TokenKey;
use app::{App, Settings, SystemClock};
use rand::Rng;
use rand::rngs::StdRng;
use store::{Database, Store};

use crate::Failure;

/// Holds the key on every node when it is not in the data directory.
const TOKEN_KEY_VARIABLE: &str = "BANYAN_TOKEN_KEY";

/// Brings the database to this version.
pub(crate) fn migrate(data_dir: &Path) -> Result<(), Failure> {
    let store = Store::open(&Database::Sqlite(data_dir.to_owned()))?;
    println!("{} is {}", data_dir.display(), if store.is_new() { "new and ready" } else { "up to date" });
    Ok(())
}

/// An application on the data of this directory; within a tokio runtime.
pub(crate) fn app(data_dir: &Path) -> Result<App, Failure> {
    let store = Store::open(&Database::Sqlite(data_dir.to_owned()))?;
    let mut chance: StdRng = rand::make_rng();
    let token_key = token_key(data_dir, &mut chance)?;
    Ok(App::start(Settings { store, clock: Arc::new(SystemClock), chance, token_key }))
}

/// An application on data that is there already: a mistyped directory is told,
/// not made.
pub(crate) fn existing_app(data_dir: &Path) -> Result<App, Failure> {
    expect_data(data_dir)?;
    app(data_dir)
}

/// Passes a directory that holds a database.
pub(crate) fn expect_data(data_dir: &Path) -> Result<(), Failure> {
    match data_dir.join("banyan.db").exists() {
        true => Ok(()),
        false => {
            Err(format!("there is no data in {}; choose another with --data-dir", data_dir.display()).into())
        }
    }
}

/// The key from the environment, or the one in the data directory, made when
/// there is none.
fn token_key(data_dir: &Path, chance: &mut StdRng) -> Result<TokenKey, Failure> {
    if let Ok(secret) = std::env::var(TOKEN_KEY_VARIABLE) {
        let too_short =
            || format!("{TOKEN_KEY_VARIABLE} must have at least {} characters", TokenKey::MIN_BYTES);
        return Ok(TokenKey::new(secret.as_bytes()).ok_or_else(too_short)?);
    }
    let path = data_dir.join("token.key");
    if let Some(key) = create_token_key(&path, chance)? {
        return Ok(key);
    }
    let secret = fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
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
