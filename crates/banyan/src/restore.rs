//! Puts a backup in the place of the database, once it is known to be right.

use std::process::ExitCode;

use store::{Database, Restore, Store};

use crate::cli::RestoreOptions;
use crate::config::Config;
use crate::{Failure, verify};

pub(crate) async fn run(options: RestoreOptions, config: &Config) -> Result<ExitCode, Failure> {
    let RestoreOptions { file, data } = options;
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
    let verdict = verify::print(&report);
    if !report.is_clean() {
        println!("{database} was left as it was");
        return Ok(verdict);
    }
    let replaced = restore.finish()?;
    println!("{database} is as it was when {} was made", file.display());
    if let Some(replaced) = replaced {
        println!("what was there before is in {}", replaced.display());
    }
    Ok(verdict)
}
