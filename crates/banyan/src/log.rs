//! The log: lines on standard error, those that `BANYAN_LOG` chooses.
//!
//! Libraries log what passes through them: frames, headers, the values of statements,
//! and with them tokens, keys and passwords. So whatever is chosen, of theirs only events
//! from `info` up are let through; our own say nothing of that kind at any level.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::Failure;
use crate::cli::LogFormat;

/// Which lines, as in `BANYAN_LOG=warn,server=debug`.
const VARIABLE: &str = "BANYAN_LOG";

/// The crates of this repository.
const OURS: [&str; 6] = ["app", "banyan", "dashboard", "domain", "server", "store"];

/// What a server tells.
pub(crate) const OF_SERVERS: &str = "info,refinery_core=warn";

/// What a command tells beside what it prints.
pub(crate) const OF_COMMANDS: &str = "warn";

/// From now on lines go to standard error.
pub(crate) fn begin(format: LogFormat, default: &str) -> Result<(), Failure> {
    let lines = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(filter(default)?).with(filter_fn(may_be_told)).with(lines).init();
    Ok(())
}

fn may_be_told(line: &Metadata<'_>) -> bool {
    let ours = line.target().split("::").next().is_some_and(|name| OURS.contains(&name));
    // A span carries what its function was called with.
    ours || (line.is_event() && *line.level() <= Level::INFO)
}

/// The filter that the environment chooses, else the default.
pub(crate) fn filter(default: &str) -> Result<EnvFilter, Failure> {
    let chosen = std::env::var(VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let text = chosen.as_deref().unwrap_or(default);
    read(text).map_err(|detail| {
        format!("{VARIABLE} {detail}; it takes levels (error, warn, info, debug, trace, off), as in warn,server=debug")
            .into()
    })
}

/// A word that is no level would be taken for the name of a module, and nothing else
/// be told any more.
fn read(text: &str) -> Result<EnvFilter, String> {
    let directives: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_known = |directive: &str| {
        directive.contains(['=', '[', ']', '}']) || directive.parse::<LevelFilter>().is_ok()
    };
    if let Some(unknown) = directives.iter().find(|directive| !is_known(directive)) {
        return Err(format!("has \"{unknown}\", which is no level"));
    }
    EnvFilter::builder().parse(directives.join(",")).map_err(|error| format!("cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_levels() {
        for text in
            [OF_SERVERS, OF_COMMANDS, "WARN", "off", "warn, server=debug", "server[request{id=1}]=trace"]
        {
            assert!(read(text).is_ok(), "{text}: {:?}", read(text));
        }
        for (text, told) in [
            ("verbose", "has \"verbose\", which is no level"),
            ("info,server", "has \"server\", which is no level"),
            ("server=loud", "cannot be read"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.starts_with(told), "{refused}");
        }
    }
}
