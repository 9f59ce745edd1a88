//! Says what is wrong with the settings, the data directory and the database, and
//! what mends it. It changes nothing: what was left in the journal is posted, as by
//! every command, and an older schema stays as it is.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use store::{Database, Error, Exposure, Schema, Store};

use crate::cli::{Cli, Command, DataOptions, DoctorOptions};
use crate::config::Config;
use crate::counted::Counted;
use crate::print::say;
use crate::{BREACH, Failure, log, open};

/// Something that is wrong, and what mends it.
struct Finding {
    about: About,
    what: String,
    mend: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Settings,
    Directory,
    Database,
    Books,
}

impl About {
    const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Directory => "directory",
            Self::Database => "database",
            Self::Books => "books",
        }
    }
}

pub(crate) async fn run(options: DoctorOptions, file: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let DoctorOptions { data, json } = options;
    let mut found = Vec::new();
    let config = Config::load(file.as_deref()).unwrap_or_else(|failure| {
        found.push(of_settings(&failure, file.as_deref()));
        Config::default()
    });
    found.extend(
        check_settings(config.clone(), &data).err().map(|failure| of_settings(&failure, file.as_deref())),
    );
    let database = data.over(&config).ok();
    if let Some(database) = &database {
        check_directory(database, &mut found);
        check_database(database, &mut found).await;
    }
    let place = database.map(|database| database.to_string());
    match json {
        true => say!("{}", as_json(place.as_deref(), &found))?,
        false => print(place.as_deref(), &found)?,
    }
    Ok(match found.iter().find(|finding| finding.about == About::Books) {
        Some(_) => ExitCode::from(BREACH),
        None if found.is_empty() => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

/// Reads all that a server would read, from the environment and from the file.
fn check_settings(config: Config, data: &DataOptions) -> Result<(), Failure> {
    let flag = |name, value: Option<String>| value.map(|value| format!("--{name}={value}"));
    let directory = data.data_dir.as_ref().map(|directory| directory.to_string_lossy().into_owned());
    let flags = [flag("data-dir", directory), flag("database-url", data.database_url.clone())];
    let words = ["banyan".to_owned(), "serve".to_owned()].into_iter().chain(flags.into_iter().flatten());
    let cli = Cli::try_parse_from(words).map_err(|error| in_one_line(&error.to_string()))?;
    let Command::Serve(options) = cli.command else { unreachable!("it was asked to serve") };
    let settings = options.over(config)?;
    log::filter(log::OF_SERVERS)?;
    open::expect_token_key(&settings.database)
}

/// What clap says, without how it is used.
fn in_one_line(error: &str) -> String {
    let first = error.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

fn of_settings(failure: &Failure, file: Option<&Path>) -> Finding {
    let file = file.unwrap_or(Path::new("banyan.toml")).display();
    let mend =
        format!("correct it in {file} or in the environment; `banyan serve --help` lists all settings");
    Finding { about: About::Settings, what: failure.to_string().trim_end().to_owned(), mend }
}

fn check_directory(database: &Database, found: &mut Vec<Finding>) {
    let Database::Sqlite(directory) = database else { return };
    // What cannot be looked at is told when it is opened.
    if let Ok(Some(exposure)) = Exposure::of(directory) {
        found.push(Finding { about: About::Directory, what: exposure.what(), mend: exposure.mend() });
    }
}

async fn check_database(database: &Database, found: &mut Vec<Finding>) {
    let checked = async {
        match database.schema().await? {
            Schema::Current => check_books(database, found).await,
            other => {
                found.push(of_schema(other, database));
                Ok(())
            }
        }
    };
    if let Err(error) = checked.await {
        found.push(Finding { about: About::Database, what: error.to_string(), mend: mend(&error, database) });
    }
}

fn of_schema(schema: Schema, database: &Database) -> Finding {
    let flag = flag(database);
    let (what, mend) = match schema {
        Schema::Missing => (
            "there is no data",
            format!("`banyan serve {flag}` makes it, `{}` brings it back", restore(database)),
        ),
        Schema::Older => ("an earlier release has made what is", format!("banyan migrate {flag}")),
        Schema::Newer | Schema::Current => (
            "a later release has migrated what is",
            "install that release, or restore a backup of before".into(),
        ),
    };
    Finding { about: About::Database, what: format!("{what} in {database}"), mend }
}

async fn check_books(database: &Database, found: &mut Vec<Finding>) -> Result<(), Error> {
    let store = Store::open(database).await?;
    found.extend(store.ailments().await?.iter().map(|ailment| Finding {
        about: About::Database,
        what: ailment.what(),
        mend: ailment.mend(),
    }));
    for (user, holder) in store.read(async |view| view.yielded_addresses().await).await? {
        found.push(Finding {
            about: About::Database,
            what: format!("members {user} and {holder} have the same e-mail address to the eye"),
            mend: format!("find out who member {user} is; whoever names that address means member {holder}"),
        });
    }
    let report = app::verify::verify(&store).await?;
    let mend = format!("{}; `banyan verify {}` lists all", from_backup(database), flag(database));
    found.extend(report.breaches.iter().map(|breach| Finding {
        about: About::Books,
        what: breach.to_string(),
        mend: mend.clone(),
    }));
    Ok(())
}

fn mend(error: &Error, database: &Database) -> String {
    match error {
        Error::Away(_) => "start the database, or correct its address".to_owned(),
        Error::Busy => "try again when less is going on".to_owned(),
        Error::Directory { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            format!(
                "run this as the owner of {database}, or give it to whoever runs this: chown -R USER {database}"
            )
        }
        _ => match database {
            Database::Sqlite(_) => from_backup(database),
            Database::Postgres(_) => "correct the address, or what the role in it may do".to_owned(),
        },
    }
}

fn from_backup(database: &Database) -> String {
    format!("put the newest clean backup in its place: {}", restore(database))
}

/// The command that brings a backup back.
fn restore(database: &Database) -> String {
    match database {
        Database::Sqlite(_) => format!("banyan restore BACKUP {}", flag(database)),
        Database::Postgres(url) => format!("pg_restore --dbname=\"{url}\" BACKUP"),
    }
}

/// How a command is told where this database is. An address may hold a password.
fn flag(database: &Database) -> String {
    match database {
        Database::Sqlite(directory) => format!("--data-dir {}", directory.display()),
        Database::Postgres(url) => format!("--database-url {url}"),
    }
}

fn print(place: Option<&str>, found: &[Finding]) -> Result<(), Failure> {
    for Finding { about, what, mend } in found {
        say!("{}: {what}\n  mend: {mend}", about.name())?;
    }
    let place = place.unwrap_or("the settings");
    match u64::try_from(found.len())? {
        0 => say!("nothing is wrong with {place}"),
        count => say!("{} with {place}", Counted(count, ["thing is wrong", "things are wrong"])),
    }
}

fn as_json(place: Option<&str>, found: &[Finding]) -> Value {
    let finding =
        |Finding { about, what, mend }: &Finding| json!({"about": about.name(), "what": what, "mend": mend});
    let findings: Vec<_> = found.iter().map(finding).collect();
    json!({"database": place, "healthy": found.is_empty(), "findings": findings})
}
