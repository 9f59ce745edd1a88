//! Copies the database while everything goes on.

use serde_json::json;
use store::Database;

use crate::cli::BackupOptions;
use crate::config::Config;
use crate::print::say;
use crate::whole_file::{Earlier, WholeFile};
use crate::{Failure, open};

pub(crate) fn run(options: &BackupOptions, config: &Config) -> Result<(), Failure> {
    let BackupOptions { file, data, json } = options;
    let database = data.over(config)?;
    open::expect_data(&database)?;
    let directory = match &database {
        Database::Sqlite(directory) => directory,
        Database::Postgres(url) => {
            let name = file.display();
            return Err(
                format!("PostgreSQL has its own: pg_dump --format=custom --file={name} \"{url}\"").into()
            );
        }
    };
    let copy = WholeFile::begin(file, Earlier::Stays)?;
    store::backup(directory, copy.draft())?;
    copy.keep()?;
    match json {
        true => say!("{}", json!({"file": file, "database": directory})),
        false => say!("{} has everything that is in {database} now", file.display()),
    }
}
