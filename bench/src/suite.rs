//! What is measured when nothing else is asked for: purchases and reads beside
//! an echo, in turns.

use std::path::Path;
use std::time::Duration;

use store::Database;

use crate::client::Connection;
use crate::process::Child;
use crate::report::Report;
use crate::scenario::{Requests, Scenario, Target};
use crate::{Failure, Options, load, town};

const WARM_UP: Duration = Duration::from_secs(2);

/// After so long a server has done what it does at its start.
const REST: Duration = Duration::from_secs(10);

/// Answers that are looked at to learn how long they are.
const SAMPLES: usize = 200;

/// A line of the report.
#[derive(Clone, Copy)]
struct Subject {
    name: &'static str,
    beside: Option<&'static str>,
    server: Server,
    scenario: Scenario,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Echo,
    Banyan,
}

const ECHO: &str = "echo of a purchase";
const PURCHASES: &str = "purchases";
const ECHO_OF_READS: &str = "echo of a read";

const SUBJECTS: [Subject; 6] = {
    use Scenario::{Bulk, Mixed, Purchases, Reads};
    use Server::{Banyan, Echo};
    const fn subject(
        name: &'static str,
        beside: Option<&'static str>,
        server: Server,
        scenario: Scenario,
    ) -> Subject {
        Subject { name, beside, server, scenario }
    }
    [
        subject(ECHO, None, Echo, Purchases),
        subject(PURCHASES, Some(ECHO), Banyan, Purchases),
        subject(ECHO_OF_READS, None, Echo, Reads),
        subject("reads", Some(ECHO_OF_READS), Banyan, Reads),
        subject("mixed, 90 % reads", Some(ECHO_OF_READS), Banyan, Mixed),
        subject("bulk, 1000 in a request", Some(PURCHASES), Banyan, Bulk),
    ]
};

pub(crate) async fn run(options: &Options) -> Result<(), Failure> {
    let binary = options.binary()?;
    let directory = options.directory()?;
    let mut report = Report::new("echo", options)?;
    eprintln!("registering {} members", options.members);
    let database = Database::Sqlite(directory.path().to_owned());
    let key = town::settle(&database, &town::tree(options.members)?).await?;
    let server = Child::banyan(&binary, &database).await?;
    let real = Target { server, key, members: options.members, database: None };
    tokio::time::sleep(REST).await;
    report.fact("memory of the server, ten seconds after its start", real.server.resident_bytes()?, "bytes");

    let echo_dir = tempfile::tempdir_in(directory.path())?;
    let key = town::settle(&Database::Sqlite(echo_dir.path().to_owned()), &[]).await?;
    let server = Child::echo(echo_dir.path()).await?;
    let echo = Target { server, key, members: options.members, database: None };

    for round in 0..=options.rounds {
        for subject in SUBJECTS.iter().filter(|subject| subject.fits(options)) {
            let target = if subject.server == Server::Echo { &echo } else { &real };
            if subject.name == ECHO_OF_READS {
                answer_as_long(&echo, &real).await?;
            }
            if round == 0 {
                load::run(target, subject.scenario, options, WARM_UP).await?;
                continue;
            }
            let run = load::run(target, subject.scenario, options, options.length()).await?;
            report.add(subject.name, &run);
        }
    }
    for subject in SUBJECTS {
        if let Some(beside) = subject.beside {
            report.compare(subject.name, beside);
        }
    }
    report.fact("memory of the server in the end", real.server.resident_bytes()?, "bytes");
    report.fact("files of the database in the end", bytes_of_files(directory.path())?, "bytes");
    report.publish()?;
    real.server.stop().await?;
    echo.server.stop().await
}

impl Subject {
    /// Whether it was asked for. A rate is one of single requests.
    fn fits(&self, options: &Options) -> bool {
        let asked = options.only.is_empty() || options.only.contains(&self.scenario);
        asked && (options.rate.is_none() || self.scenario != Scenario::Bulk)
    }
}

/// Lets the echo answer a read with as many commissions as the real answers
/// have now, on average.
async fn answer_as_long(echo: &Target, real: &Target) -> Result<(), Failure> {
    let mut connection = Connection::open(&real.server.address).await?;
    let mut requests = Requests::new(real, Scenario::Reads);
    let mut commissions = 0;
    for _ in 0..SAMPLES {
        let answer = std::str::from_utf8(connection.ask(requests.next()?).await?)?;
        commissions += answer.matches("\"amount_earned\"").count();
    }
    let mut connection = Connection::open(&echo.server.address).await?;
    let length = commissions / SAMPLES;
    let request = format!("PUT /commissions/{length} HTTP/1.1\r\nhost: echo\r\n\r\n");
    connection.ask(request.as_bytes()).await?;
    Ok(())
}

/// Bytes of the books, of the journal, and of their logs.
#[expect(clippy::cast_precision_loss, reason = "a figure for people to read")]
pub(crate) fn bytes_of_files(data_dir: &Path) -> Result<f64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(data_dir)? {
        let file = entry?.metadata()?;
        bytes += if file.is_file() { file.len() } else { 0 };
    }
    Ok(bytes as f64)
}
