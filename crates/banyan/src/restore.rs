//! Puts a backup in the place of the database, once it is known to be right.

use std::process::ExitCode;

use serde_json::json;
use store::{Database, Restore, Store};

use crate::cli::RestoreOptions;
use crate::config::Config;
use crate::print::say;
use crate::{Failure, verify};

pub(crate) async fn run(options: RestoreOptions, config: &Config) -> Result<ExitCode, Failure> {
    let RestoreOptions { file, data, json } = options;
    let database = data.over(config)?;
    let directory = match &database {
        Database::Sqlite(directory) => directory,
        Database::Postgres(url) => {
            let name = file.display();
            return Err(format!("PostgreSQL has its own: pg_restore --dbname=\"{url}\" {name}").into());
        }
    };
    let restore = Restore::prepare(&file, directory)?;
    let report = app::verify::verify(&Store::open(&restore.database()).await?).await?;
    let replaced = if report.is_clean() { restore.finish()? } else { None };
    if json {
        let found = verify::as_json(&report);
        say!("{}", json!({"restored": report.is_clean(), "replaced": replaced, "verify": found}))?;
        return Ok(verify::verdict(&report));
    }
    let verdict = verify::print(&report)?;
    match report.is_clean() {
        true => say!("{database} is as it was when {} was made", file.display())?,
        false => say!("{database} was left as it was")?,
    }
    if let Some(replaced) = replaced {
        say!("what was there before is in {}", replaced.display())?;
    }
    Ok(verdict)
}
