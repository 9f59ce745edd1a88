//! The command line: reads the configuration, wires the floors, runs a command.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod backup;
mod cli;
mod config;
mod counted;
mod demo;
mod doctor;
mod export;
mod greeting;
mod import;
mod keys;
mod listen;
mod log;
mod months;
mod open;
mod plan_file;
mod plans;
mod print;
mod progress;
mod restore;
mod serve;
mod tokens;
mod verify;
mod whole_file;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Command, LogFormat};
use crate::print::{note, say};

/// What a command that did not do its work answers.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `verify` found a breach.
const BREACH: u8 = 3;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(failure) if print::nobody_reads(&failure) => ExitCode::from(print::NOBODY_READS),
        Err(failure) => {
            note!("banyan: {failure}");
            let mut cause = failure.source();
            while let Some(error) = cause {
                note!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    if let Command::Doctor(options) = cli.command {
        return doctor::run(options, cli.config).await;
    }
    let config = config::Config::load(cli.config.as_deref())?;
    if !matches!(cli.command, Command::Serve(_)) {
        log::begin(LogFormat::Text, log::OF_COMMANDS)?;
    }
    match cli.command {
        Command::Demo(options) => demo::run(options).await?,
        Command::Serve(options) => serve::run(options.over(config)?).await?,
        Command::Migrate(options) => open::migrate(options, &config).await?,
        Command::Key(command) => keys::run(command, &config).await?,
        Command::Plan(command) => plans::run(command, &config).await?,
        Command::Close(options) => months::close(options, &config).await?,
        Command::Reopen(options) => months::reopen(options, &config).await?,
        Command::TimeZone(command) => months::time_zone(command, &config).await?,
        Command::Token(options) => tokens::run(options, &config).await?,
        Command::Import(command) => return import::run(command, &config).await,
        Command::Export(options) => export::run(options, &config).await?,
        Command::Verify(options) => return verify::run(options, &config).await,
        Command::Backup(options) => backup::run(&options, &config)?,
        Command::Restore(options) => return restore::run(options, &config).await,
        Command::Doctor(_) => unreachable!("it has looked already"),
        Command::Openapi => say!("{}", server::api::document().to_pretty_json()?)?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "banyan", &mut script);
            std::io::stdout().write_all(&script)?;
        }
        Command::Man { directory } => {
            std::fs::create_dir_all(&directory)?;
            clap_mangen::generate_to(Cli::command(), &directory)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
