//! What a server says when it starts, and how the owner signs in for the first time.

use std::fs::{self, OpenOptions};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use app::access::{Ttl, mint_admin_token};
use app::{App, Caller};
use store::Database;

use crate::Failure;
use crate::print::say;

/// The link for the owner, in the data directory.
const LINK_FILE: &str = "first-sign-in";

/// Says where the site is. At the first start there is a link that signs the owner in: it
/// is shown on a terminal or kept in a file of her own, and never gets into a journal.
pub(crate) async fn greet(app: &App, url: &str, database: &Database) -> Result<(), Failure> {
    say!("Banyan {}", env!("CARGO_PKG_VERSION"))?;
    say!("  dashboard  {url}/")?;
    say!("  API docs   {url}/api/docs")?;
    say!("  data       {database}")?;
    let by_command = "a token that `banyan token --admin` prints";
    if !app.store().is_new() {
        return say!("\nSign in as the owner with {by_command}.");
    }
    match database {
        _ if std::io::stdout().is_terminal() => {
            say!("\nThis is the first start. Sign in as the owner within 30 minutes:")?;
            say!("  {}", link(app, url).await?)?;
            say!("or at any time with {by_command}.")
        }
        Database::Sqlite(directory) => {
            let file = directory.join(LINK_FILE);
            keep(&file, &link(app, url).await?)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
            say!("\nThis is the first start. The link by which the owner signs in within 30 minutes is in")?;
            say!("  {}", file.display())?;
            say!("Or sign in at any time with {by_command}.")
        }
        Database::Postgres(_) => say!("\nThis is the first start. Sign in as the owner with {by_command}."),
    }
}

async fn link(app: &App, url: &str) -> Result<String, Failure> {
    let token = mint_admin_token(app, &Caller::Admin, Ttl::ADMIN).await?;
    Ok(format!("{url}/#token={}", token.text))
}

/// For its owner's eyes, from the first byte on; the link of an earlier database goes.
fn keep(file: &Path, link: &str) -> std::io::Result<()> {
    if file.exists() {
        fs::remove_file(file)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{link}")
}
