//! Where a PostgreSQL database is and how it is spoken to. The password is in
//! there and never comes out: neither in what is printed nor in an error.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// The address of a database, such as `postgres://banyan@db.example.com/banyan`.
///
/// It is what other programs take, too: `sslmode` may be `disable`, `prefer`
/// (the default), `require`, `verify-ca` or `verify-full`; `sslrootcert` names a
/// file of certificates to trust instead of the system's.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    pub(super) config: Box<Config>,
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

/// A text that is not the address of a PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the address of a database: {0}")]
pub struct InvalidUrl(String);

impl FromStr for PostgresUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| InvalidUrl("it must begin with postgres://".into()))?;
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));

        let (mut mode, mut roots, mut others) = ("prefer", None, Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", value)) => roots = Some(PathBuf::from(value)),
                _ => others.push(option),
            }
        }
        let (mode, trust) = match (mode, roots) {
            ("disable", _) => (SslMode::Disable, Trust::Anybody),
            ("prefer", _) => (SslMode::Prefer, Trust::Anybody),
            ("require", None) => (SslMode::Require, Trust::Anybody),
            ("require" | "verify-ca", roots) => (SslMode::Require, Trust::Signed(roots)),
            ("verify-full", roots) => (SslMode::Require, Trust::Named(roots)),
            (other, _) => return Err(InvalidUrl(format!("there is no sslmode {other:?}"))),
        };

        let plain = format!("postgres://{place}?{}", others.join("&"));
        // What the parser says may quote what it could not read.
        let parsed = plain.parse::<Config>().ok().filter(|config| !config.get_hosts().is_empty());
        let mut config = parsed.ok_or_else(|| InvalidUrl("see postgres://user@host/database".into()))?;
        config.ssl_mode(mode);
        Ok(Self { config: Box::new(config), trust, shown: without_password(place) })
    }
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
            "postgres://asha:s3cret@host/db?sslmode=maybe",
            "postgres://asha:s3cret@host/db?unknown=1",
        ] {
            let refused = text.parse::<PostgresUrl>().unwrap_err().to_string();
            assert!(!refused.contains("s3"), "{refused}");
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
            ("?sslrootcert=/etc/ca.pem&sslmode=verify-full", SslMode::Require, Trust::Named(file())),
        ] {
            let url: PostgresUrl = format!("postgres://asha@host/db{options}").parse().unwrap();
            assert_eq!((url.config.get_ssl_mode(), &url.trust), (mode, &trust), "{options}");
        }
    }
}
