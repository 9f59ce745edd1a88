//! Where a PostgreSQL database is and how it is spoken to. The password is in
//! there and never comes out: neither in what is printed nor in an error.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use super::hosts::Place;

/// The address of a database, such as `postgres://banyan@db.example.com/banyan`.
///
/// It is what other programs take, too: several hosts with commas between them;
/// `sslmode` may be `disable`, `prefer` (the default), `require`, `verify-ca` or
/// `verify-full`; `sslrootcert` names a file of certificates to trust instead of the
/// system's, or `system`, which stands for those and for `verify-full`.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// Everything but where.
    pub(super) config: Box<Config>,
    pub(super) places: Vec<Place>,
    pub(super) trust: Trust,
    shown: String,
}

/// Whose certificate is accepted where the connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Anybody's: it only keeps out whoever listens.
    Anybody,
    /// Whoever is signed for.
    Signed(Option<PathBuf>),
    /// Whoever is signed for under just this name.
    Named(Option<PathBuf>),
}

/// A text that is not the address of a PostgreSQL database, or that asks for what is
/// not supported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be used: {0}")]
pub struct InvalidUrl(String);

/// What may stand after the `?`, beside `sslmode` and `sslrootcert`.
const OPTIONS: [&str; 14] = [
    "application_name",
    "channel_binding",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_interval",
    "keepalives_retries",
    "options",
    "password",
    "port",
    "sslnegotiation",
    TARGET,
    "user",
];

/// Which of several hosts will do.
const TARGET: &str = "target_session_attrs";

/// Those that say where.
const PLACES: [&str; 3] = ["host", "hostaddr", "port"];

/// What other programs take, and what to do without it.
const FIXED: &str = "how long a connection may take to be made or stay silent is fixed";
const OTHERS: [(&str, &str); 4] = [
    ("connect_timeout", FIXED),
    ("tcp_user_timeout", FIXED),
    ("keepalives_idle", FIXED),
    ("load_balance_hosts", "the host that answered last is asked first, then the others in their order"),
];

impl FromStr for PostgresUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| InvalidUrl("it must begin with postgres://".into()))?;
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        if place.matches('@').count() > 1 || options.contains('@') {
            let told = "in a name or password @ is written %40, / is %2F, : is %3A and ? is %3F";
            return Err(InvalidUrl(told.into()));
        }
        let (mut mode, mut roots, mut others) = (None, None, Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').ok_or_else(|| unsupported(option))?;
            match name {
                "sslmode" => mode = Some(value),
                "sslrootcert" => roots = Some(decoded(value)?),
                // The library takes a list of these elsewhere, and not in a URL.
                "host" => others.extend(value.split(',').map(|host| (name, host))),
                _ if OPTIONS.contains(&name) => others.push((name, value)),
                _ => return Err(unsupported(name)),
            }
        }
        let (mode, trust) = trust(mode, roots)?;
        let mut config =
            Config::clone(&read(without_places(place), &others, |name| !PLACES.contains(&name))?);
        config.ssl_mode(mode);
        let places = places(&read(place.to_owned(), &others, |_| true)?)?;
        // Of several, one that cannot be written is none.
        if places.len() > 1 && !others.iter().any(|(name, _)| *name == TARGET) {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(Self { config: Box::new(config), places, trust, shown: without_password(place) })
    }
}

fn unsupported(name: &str) -> InvalidUrl {
    let other = OTHERS.into_iter().find(|(other, _)| *other == name);
    // What is no name may be a part of a password.
    let is_name = (1..40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    InvalidUrl(match other {
        Some((name, instead)) => format!("{name} is not supported, leave it out: {instead}"),
        None if is_name => format!("{name} is not supported; leave it out"),
        None => "what follows the ? is no list of name=value with & between them".into(),
    })
}

fn decoded(value: &str) -> Result<String, InvalidUrl> {
    let text = percent_decode_str(value).decode_utf8();
    Ok(text.map_err(|_| InvalidUrl("sslrootcert is no text".into()))?.into_owned())
}

fn trust(mode: Option<&str>, roots: Option<String>) -> Result<(SslMode, Trust), InvalidUrl> {
    if roots.as_deref() == Some("system") {
        return match mode {
            None | Some("verify-full") => Ok((SslMode::Require, Trust::Named(None))),
            Some(_) => Err(InvalidUrl("sslrootcert=system needs sslmode=verify-full, or none".into())),
        };
    }
    let roots = roots.map(PathBuf::from);
    Ok(match (mode.unwrap_or("prefer"), roots) {
        ("disable", _) => (SslMode::Disable, Trust::Anybody),
        ("prefer", _) => (SslMode::Prefer, Trust::Anybody),
        ("require", None) => (SslMode::Require, Trust::Anybody),
        ("require" | "verify-ca", roots) => (SslMode::Require, Trust::Signed(roots)),
        ("verify-full", roots) => (SslMode::Require, Trust::Named(roots)),
        (_, _) => {
            let modes = "disable, prefer, require, verify-ca or verify-full";
            return Err(InvalidUrl(format!("sslmode must be {modes}")));
        }
    })
}

/// What the library reads from the address with these of its options. What it says may
/// quote what it could not read, so it is asked which option it was.
fn read(
    place: String,
    options: &[(&str, &str)],
    is_asked: impl Fn(&str) -> bool,
) -> Result<Config, InvalidUrl> {
    let parse = |text: String| text.parse::<Config>().ok();
    let taken: Vec<String> = options
        .iter()
        .filter(|(name, _)| is_asked(name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parse(format!("postgres://{place}?{}", taken.join("&"))).ok_or_else(|| {
        let wrong =
            options.iter().find(|(name, value)| parse(format!("postgres://?{name}={value}")).is_none());
        InvalidUrl(wrong.map_or_else(
            || "see postgres://user@host:port/database".into(),
            |(name, _)| format!("this value of {name} is not supported"),
        ))
    })
}

/// The same place without its hosts.
fn without_places(place: &str) -> String {
    let (who, place) = place.rsplit_once('@').map_or((None, place), |(who, place)| (Some(who), place));
    let database = place.split_once('/').map_or("", |(_, database)| database);
    who.map_or_else(|| format!("/{database}"), |who| format!("{who}@/{database}"))
}

fn places(config: &Config) -> Result<Vec<Place>, InvalidUrl> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(addresses.len());
    let fits = |length: usize| [0, count].contains(&length);
    if count == 0 {
        return Err(InvalidUrl("it names no host, see postgres://user@host/database".into()));
    }
    if !fits(hosts.len()) || !fits(addresses.len()) || !(fits(ports.len()) || ports.len() == 1) {
        return Err(InvalidUrl("there must be as many of hostaddr and port as there are hosts".into()));
    }
    let port = |index| ports.get(index).or(ports.first()).copied().unwrap_or(5432);
    let place = |index| Place {
        host: hosts.get(index).cloned(),
        address: addresses.get(index).copied(),
        port: port(index),
    };
    Ok((0..count).map(place).collect())
}

fn without_password(place: &str) -> String {
    match place.rsplit_once('@') {
        None => format!("postgres://{place}"),
        Some((who, place)) => {
            let user = who.split_once(':').map_or(who, |(user, _)| user);
            format!("postgres://{user}@{place}")
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        for text in [
            "postgres://asha:s3cret@db.example.com:5433/banyan",
            "postgres://asha:s3cr%40t@db.example.com/banyan?sslmode=require",
            "postgresql://asha:s3:cret@%2Frun%2Fpostgresql/banyan",
            "postgres://asha@db.example.com/banyan?password=s3cret",
        ] {
            let url: PostgresUrl = text.parse().unwrap();
            for shown in [url.to_string(), format!("{url:?}"), format!("{:#?}", url.config)] {
                assert!(!shown.contains("s3"), "{shown}");
            }
            assert!(url.to_string().starts_with("postgres://asha@"), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "",
            "data",
            "mysql://s3cret@host/db",
            "host=localhost password=s3cret",
            "postgres://asha:s3cret@host:port/db",
            "postgres://asha:s3cret@/db",
            "postgres://asha:s3cret@host/db?sslmode=s3cret",
            "postgres://asha:s3cret@host/db?s3cret=1",
            "postgres://asha:s3cret@host/db?s3cret",
            "postgres://asha:s3?cret=@host/db",
            "postgres://asha:s3@cret@host/db",
            "postgres://asha@host/db?port=s3cret",
        ] {
            let refused = text.parse::<PostgresUrl>().unwrap_err().to_string();
            assert!(!refused.contains("s3") && !refused.contains("cret"), "{refused}");
        }
    }

    #[test]
    fn what_is_not_supported_is_named_with_what_to_do() {
        for (options, words) in [
            ("connect_timeout=10", "connect_timeout is not supported, leave it out: how long"),
            ("load_balance_hosts=random", "load_balance_hosts is not supported, leave it out: the host"),
            ("sslmode=require&sslcert=/etc/me.pem", "sslcert is not supported; leave it out"),
            ("pgbouncer=true", "pgbouncer is not supported; leave it out"),
            ("target_session_attrs=prefer-standby", "this value of target_session_attrs is not supported"),
            ("sslmode=allow", "sslmode must be disable, prefer, require, verify-ca or verify-full"),
            ("sslmode=require&sslrootcert=system", "sslrootcert=system needs sslmode=verify-full"),
            ("port=5432,5433", "as many of hostaddr and port as there are hosts"),
            ("hostaddr=10.0.0.1,10.0.0.2", "as many of hostaddr and port as there are hosts"),
        ] {
            let refused = format!("postgres://asha@host/db?{options}").parse::<PostgresUrl>();
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(words), "{options}: {refused}");
        }
    }

    #[test]
    fn each_host_has_its_own_port_and_address() {
        let places = |text: &str| -> Vec<String> {
            let url: PostgresUrl = format!("postgres://{text}").parse().unwrap();
            let address =
                |place: &Place| place.address.map(|address| format!("={address}")).unwrap_or_default();
            url.places.iter().map(|place| format!("{place}{}", address(place))).collect()
        };
        assert_eq!(places("asha@host/db"), ["host:5432"]);
        assert_eq!(places("asha:x@one:1,two,[::1]:3/db"), ["one:1", "two:5432", "::1:3"]);
        assert_eq!(
            places("asha@one,two/db?hostaddr=10.0.0.1,10.0.0.2"),
            ["one:5432=10.0.0.1", "two:5432=10.0.0.2"]
        );
        assert_eq!(places("asha@%2Frun%2Fpostgresql/db"), ["/run/postgresql:5432"]);
        assert_eq!(places("/db?user=asha&host=one,two&port=7"), ["one:7", "two:7"]);
        assert_eq!(places("asha@/db?hostaddr=10.0.0.1"), ["10.0.0.1:5432=10.0.0.1"]);
    }

    #[test]
    fn of_several_hosts_one_that_can_be_written_is_asked_for() {
        for (text, wanted) in [
            ("asha@one/db", TargetSessionAttrs::Any),
            ("asha@one,two/db", TargetSessionAttrs::ReadWrite),
            ("asha@one,two/db?target_session_attrs=any", TargetSessionAttrs::Any),
            ("asha@one/db?target_session_attrs=read-write", TargetSessionAttrs::ReadWrite),
        ] {
            let url: PostgresUrl = format!("postgres://{text}").parse().unwrap();
            assert_eq!(url.config.get_target_session_attrs(), wanted, "{text}");
        }
    }

    #[test]
    fn each_sslmode_is_what_other_programs_take_it_for() {
        let file = || Some(PathBuf::from("/etc/ca.pem"));
        for (options, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("?sslmode=require", SslMode::Require, Trust::Anybody),
            ("?sslmode=require&sslrootcert=/etc/ca.pem", SslMode::Require, Trust::Signed(file())),
            ("?sslmode=verify-ca", SslMode::Require, Trust::Signed(None)),
            ("?sslrootcert=%2Fetc%2Fca.pem&sslmode=verify-full", SslMode::Require, Trust::Named(file())),
            ("?sslrootcert=system", SslMode::Require, Trust::Named(None)),
            ("?sslrootcert=system&sslmode=verify-full", SslMode::Require, Trust::Named(None)),
        ] {
            let url: PostgresUrl = format!("postgres://asha@host/db{options}").parse().unwrap();
            assert_eq!((url.config.get_ssl_mode(), &url.trust), (mode, &trust), "{options}");
        }
    }
}
