//! `banyan import purchases` beside bare inserts of the rows that it writes, in
//! turns, so that whatever else the machine does falls on both.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use store::Database;

use crate::bare::Rows;
use crate::{Failure, Options, town};

pub(crate) async fn run(options: Options, purchases: usize) -> Result<(), Failure> {
    let banyan = options.binary()?;
    let directory = options.directory()?;
    let (members, file) = (directory.path().join("members"), directory.path().join("purchases.csv"));
    eprintln!("registering {} members", options.members);
    town::settle(&Database::Sqlite(members.clone()), &town::tree(options.members)?).await?;
    write_csv(&file, options.members, purchases)?;

    println!("{purchases} purchases of {} members\n", options.members);
    println!("| round | imported a second | inserted a second | to inserted |\n|---|---|---|---|");
    let mut rows = None;
    for round in 1..=options.rounds {
        let imported = Copy::of(&members, directory.path())?;
        let import = time(|| import(&banyan, &file, imported.path()))?;
        let rows = match &mut rows {
            Some(rows) => rows,
            None => rows.insert(Rows::read(imported.path())?),
        };
        let inserted = Copy::of(&members, directory.path())?;
        let insert = time(|| rows.insert_into(inserted.path()))?;
        print_round(round, purchases, import, insert);
    }
    Ok(())
}

/// The data of the members alone, gone when it is dropped.
struct Copy(tempfile::TempDir);

impl Copy {
    fn of(members: &Path, directory: &Path) -> Result<Self, Failure> {
        let copy = tempfile::tempdir_in(directory)?;
        // What was written last may still lie in the log.
        for file in ["banyan.db", "banyan.db-wal", "token.key"] {
            if members.join(file).exists() {
                fs::copy(members.join(file), copy.path().join(file))?;
            }
        }
        Ok(Self(copy))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn time(work: impl FnOnce() -> Result<(), Failure>) -> Result<Duration, Failure> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

fn import(banyan: &Path, file: &Path, data_dir: &Path) -> Result<(), Failure> {
    let mut command = Command::new(banyan);
    command.args(["import", "purchases"]).arg(file).arg("--data-dir").arg(data_dir).stdout(Stdio::null());
    if command.status()?.success() { Ok(()) } else { Err("the import failed".into()) }
}

fn write_csv(path: &Path, members: usize, purchases: usize) -> Result<(), Failure> {
    let mut chance = StdRng::seed_from_u64(13);
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "user_email,amount,reference,occurred_at")?;
    for number in 0..purchases {
        let (buyer, rupees) = (chance.random_range(1..=members), chance.random_range(1_001..10_000));
        let (paise, reference) = (chance.random_range(0..100), chance.next_u64());
        let (day, hour) = (1 + number * 28 / purchases, number % 24);
        writeln!(
            file,
            "member-{buyer}@example.com,{rupees}.{paise:02},{reference:016x},2026-01-{day:02}T{hour:02}:00:00Z"
        )?;
    }
    Ok(file.flush()?)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
fn print_round(round: usize, purchases: usize, import: Duration, insert: Duration) {
    let rate = |took: Duration| purchases as f64 / took.as_secs_f64();
    let (imported, inserted) = (rate(import), rate(insert));
    println!("| {round} | {imported:.0} | {inserted:.0} | {:.2} |", imported / inserted);
}
