//! Brings in members and purchases from a CSV file: all of it is looked at
//! before any of it is written.

mod header;
mod input;
mod listed;
mod purchases;
mod sheet;
mod told;
mod users;

use std::process::ExitCode;
use std::time::Duration;

use app::import::{CHUNK, Found, ImportError, Pace, Provenance, Row, Tally};
use app::purchases::Payer;
use app::{App, Rules, StoreError, months};
use store::Database;

use self::header::Columns;
use self::input::Input;
use self::listed::Listed;
use self::purchases::Purchases;
use self::sheet::{Fields, LineError, Sheet};
use self::told::{Done, Told};
use self::users::Users;
use crate::cli::{ImportCommand, ImportOptions};
use crate::config::Config;
use crate::progress::Progress;
use crate::{Failure, open};

/// Between two transactions, so that a server on the same data gets its turn.
const BREATH: Duration = Duration::from_millis(5);

pub(crate) async fn run(command: ImportCommand, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        ImportCommand::Users(options) => import(Users::new()?, options, config).await,
        ImportCommand::Purchases { options, no_commission } => {
            let payer = if no_commission { Payer::Elsewhere } else { Payer::Programme };
            import(Purchases::new(payer)?, options, config).await
        }
    }
}

/// Something that can be imported.
trait Kind {
    /// What one line brings.
    type New;
    /// Why that cannot be taken.
    type Refusal: std::error::Error + Send + Sync + 'static;

    /// What one is called, and what several are.
    const NAMES: [&'static str; 2];
    /// What the file must and may say of them.
    const COLUMNS: Columns;

    /// What a line brings, when all of it can be read.
    fn read(&self, fields: &mut Fields<'_>) -> Option<Self::New>;

    /// Looks at rows, and writes nothing.
    async fn check(
        &mut self,
        app: &App,
        rows: &[Row<Self::New>],
    ) -> Result<Vec<Result<Found, Self::Refusal>>, StoreError>;

    /// Writes rows, all or none.
    async fn write(
        &self,
        app: &App,
        rows: Vec<Row<Self::New>>,
        from: Option<Provenance>,
    ) -> Result<Tally, ImportError<Self::Refusal>>;
}

async fn import<K: Kind>(mut kind: K, options: ImportOptions, config: &Config) -> Result<ExitCode, Failure> {
    let ImportOptions { file, dry_run, json, data, foundation } = options;
    let (database, foundation) = (data.over(config)?, foundation.over(config)?);
    // A directory is made when there is something to put into it, not before.
    let nothing = tempfile::tempdir()?;
    let nowhere = Database::Sqlite(nothing.path().to_owned());
    let is_there = open::expect_data(&database).is_ok();
    let app = open::app(if is_there { &database } else { &nowhere }, &foundation, Rules::default()).await?;

    let input = Input::open(&file)?;
    let look = look(&mut kind, &app, &input).await?;
    let told = Told { file: &input, names: K::NAMES, json };
    if !look.errors.is_empty() {
        told.errors(&look)?;
        return Ok(ExitCode::FAILURE);
    }
    if dry_run {
        told.tally(&look, Done::Looked)?;
        return Ok(ExitCode::SUCCESS);
    }
    let app = if is_there { app } else { open::app(&database, &foundation, Rules::default()).await? };
    let found = bring_in(&mut kind, &app, &input, look.found).await?;
    told.tally(&Look { found, ..look }, Done::Imported)?;
    Ok(ExitCode::SUCCESS)
}

/// What stands in a file.
#[derive(Default)]
struct Look {
    found: Tally,
    errors: Listed,
    warnings: Listed,
}

/// Looks at all of a file.
async fn look<K: Kind>(kind: &mut K, app: &App, input: &Input) -> Result<Look, Failure> {
    let mut sheet = Sheet::open(input, &K::COLUMNS, &months::calendar(app).await?)?;
    let mut progress = Progress::new("checking");
    let mut look = Look::default();
    loop {
        let (rows, mut errors) = chunk(kind, &mut sheet, CHUNK)?;
        if rows.is_empty() && errors.is_empty() {
            return Ok(look);
        }
        let mut warnings = Vec::new();
        for (row, checked) in rows.iter().zip(kind.check(app, &rows).await?) {
            match checked {
                Ok(Found { standing, warning }) => {
                    look.found.count(standing);
                    warnings.extend(warning.map(|warning| LineError::of_line(row.line, warning)));
                }
                Err(refusal) => errors.push(LineError::of_line(row.line, refusal)),
            }
        }
        look.errors.add(errors);
        look.warnings.add(warnings);
        let (read, all) = sheet.position();
        progress.show(read, all);
    }
}

/// Writes all of a file that was looked at. While one chunk is written, the
/// next is read.
async fn bring_in<K: Kind>(kind: &mut K, app: &App, input: &Input, found: Tally) -> Result<Tally, Failure> {
    let mut from = Some(Provenance { file: input.name().to_owned(), found });
    let mut sheet = Sheet::open(input, &K::COLUMNS, &months::calendar(app).await?)?;
    let mut progress = Progress::new("importing");
    let mut written = Tally::default();
    let mut pace = Pace::new(app).await?;
    let (mut rows, mut errors) = chunk(kind, &mut sheet, pace.rows())?;
    loop {
        if let Some(error) = errors.first() {
            return Err(unfinished(written, error));
        }
        if rows.is_empty() {
            return Ok(written);
        }
        let now: Vec<_> = rows.drain(..rows.len().min(pace.rows())).collect();
        let next = async {
            match rows.is_empty() {
                true => chunk(kind, &mut sheet, pace.rows()),
                false => Ok((std::mem::take(&mut rows), Vec::new())),
            }
        };
        let (tally, next) = tokio::join!(kind.write(app, now, from.clone()), next);
        let tally = tally.map_err(|error| unfinished(written, &error))?;
        // The audit trail has it once.
        from = from.filter(|_| tally.new == 0);
        written.add(tally);
        (rows, errors) = next?;
        let (read, all) = sheet.position();
        progress.show(read, all);
        tokio::time::sleep(BREATH).await;
        pace.look(app).await?;
    }
}

/// Some rows, and what is wrong with the lines between them.
type Part<T> = (Vec<Row<T>>, Vec<LineError>);

fn chunk<K: Kind>(kind: &K, sheet: &mut Sheet, most: usize) -> Result<Part<K::New>, Failure> {
    let (mut rows, mut errors) = (Vec::with_capacity(most), Vec::new());
    while rows.len() + errors.len() < most
        && let Some(mut fields) = sheet.next()?
    {
        let read = if fields.errors.is_empty() { kind.read(&mut fields) } else { None };
        match read.filter(|_| fields.errors.is_empty()) {
            Some(new) => rows.push(Row { line: fields.line, new }),
            None => errors.append(&mut fields.errors),
        }
    }
    Ok((rows, errors))
}

fn unfinished(written: Tally, why: &dyn std::fmt::Display) -> Failure {
    format!("{why}\n{} were imported before; what is left can be imported by running this again", written.new)
        .into()
}
