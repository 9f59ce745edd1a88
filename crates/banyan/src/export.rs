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
use store::Store;

use crate::cli::{Cli, ExportOptions, Exported};
use crate::config::Config;
use crate::whole_file::WholeFile;
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
        None => tables::write(&store, options.what, options.run, || Csv::new(io::stdout().lock())).await,
        Some(path) => {
            let file = WholeFile::begin(&path)?;
            let to = Arc::new(file.writer()?);
            tables::write(&store, options.what, options.run, move || Csv::new(Arc::clone(&to))).await?;
            file.replace()
        }
    }
}

/// Rows of guarded cells.
struct Csv<W: Write>(Writer<W>);

impl<W: Write> Csv<W> {
    fn new(to: W) -> Self {
        Self(Writer::from_writer(to))
    }

    /// The names of the columns, separated by commas.
    fn header(&mut self, columns: &str) -> io::Result<()> {
        self.0.write_record(columns.split(',')).map_err(io::Error::other)
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) -> io::Result<()> {
        let cells = cells.each_ref().map(|cell| guard(cell));
        self.0.write_record(cells.iter().map(|cell| cell.as_bytes())).map_err(io::Error::other)
    }

    fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}
