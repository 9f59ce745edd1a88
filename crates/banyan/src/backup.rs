//! Copies the database while everything goes on.

use store::Database;

use crate::cli::BackupOptions;
use crate::config::Config;
use crate::whole_file::WholeFile;
use crate::{Failure, open};

pub(crate) fn run(options: &BackupOptions, config: &Config) -> Result<(), Failure> {
    let BackupOptions { file, data } = options;
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
    // So that a long copy is not made for nothing.
    if file.exists() {
        return Err(format!("{} is there already; a backup never replaces a file", file.display()).into());
    }
    let copy = WholeFile::begin(file)?;
    store::backup(directory, copy.draft())?;
    copy.create()?;
    println!("{} has everything that is in {database} now", file.display());
    Ok(())
}
