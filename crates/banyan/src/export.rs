//! Writes everything of one kind as CSV, all of one moment, page by page.
//!
//! What `import` reads is written so that it can read it again. Text that a
//! spreadsheet would run is guarded.

mod tables;

use std::io::{self, Write};
use std::sync::Arc;

use app::csv_cell::guard;
use clap::CommandFactory;
use clap::error::ErrorKind;
use csv::Writer;
use serde_json::json;
use store::Store;

use crate::cli::{Cli, ExportOptions, Exported};
use crate::config::Config;
use crate::print::say;
use crate::whole_file::{Earlier, WholeFile};
use crate::{Failure, open};

pub(crate) async fn run(options: ExportOptions, config: &Config) -> Result<(), Failure> {
    if options.run.is_some() && options.what != Exported::Payouts {
        let detail = "--run is for payouts: banyan export payouts --run N";
        Cli::command().error(ErrorKind::ArgumentConflict, detail).exit();
    }
    let database = options.data.over(config)?;
    open::expect_data(&database)?;
    let store = Store::open(&database).await?;
    match options.out {
        None => {
            tables::write(&store, options.what, options.run, || Csv::new(io::stdout().lock())).await?;
            Ok(())
        }
        Some(path) => {
            let earlier = if options.replace { Earlier::Goes } else { Earlier::Stays };
            let file = WholeFile::begin(&path, earlier)?;
            let to = Arc::new(file.writer()?);
            let rows =
                tables::write(&store, options.what, options.run, move || Csv::new(Arc::clone(&to))).await?;
            file.keep()?;
            if options.json { say!("{}", json!({"file": path, "rows": rows})) } else { Ok(()) }
        }
    }
}

/// Rows of guarded cells, counted.
struct Csv<W: Write> {
    to: Writer<W>,
    rows: u64,
}

impl<W: Write> Csv<W> {
    fn new(to: W) -> Self {
        Self { to: Writer::from_writer(to), rows: 0 }
    }

    /// The names of the columns, separated by commas.
    fn header(&mut self, columns: &str) -> io::Result<()> {
        self.to.write_record(columns.split(',')).map_err(of_writing)
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) -> io::Result<()> {
        let cells = cells.each_ref().map(|cell| guard(cell));
        self.rows += 1;
        self.to.write_record(cells.iter().map(|cell| cell.as_bytes())).map_err(of_writing)
    }

    /// Answers how many rows there are.
    fn finish(mut self) -> io::Result<u64> {
        self.to.flush()?;
        Ok(self.rows)
    }
}

/// What the system said, where that is what went wrong.
fn of_writing(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
