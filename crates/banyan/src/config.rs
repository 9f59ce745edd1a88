//! Where settings come from: a flag, else the environment, else the file, else
//! the default. clap takes care of the first two, except for where the data is:
//! there a flag of one kind must beat a variable of the other.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use app::{Calendar, Rules};
use domain::Currency;
use serde::Deserialize;
use server::{CorsOrigins, PublicUrl, TrustedProxies};
use store::{Database, Foundation};

use crate::Failure;
use crate::cli::{DataOptions, FoundationOptions, LogFormat, ServeOptions};
use crate::listen::Listen;

/// Where the data is, when no flag says so.
const DATA_DIR_VARIABLE: &str = "BANYAN_DATA_DIR";
const DATABASE_URL_VARIABLE: &str = "BANYAN_DATABASE_URL";

/// The time zone of a new database, when no flag says so.
const TIME_ZONE_VARIABLE: &str = "BANYAN_TIME_ZONE";
pub(crate) const INDIAN_TIME: &str = "Asia/Kolkata";

/// Its currency.
const CURRENCY_VARIABLE: &str = "BANYAN_CURRENCY";

/// What may stand in `banyan.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    listen: Option<Listen>,
    data_dir: Option<PathBuf>,
    database_url: Option<Unprinted>,
    public_url: Option<String>,
    log_format: Option<LogFormat>,
    trusted_proxies: Option<Vec<String>>,
    cors_origins: Option<Vec<String>>,
    time_zone: Option<String>,
    currency: Option<String>,
    backdate_days: Option<u16>,
    close_after_days: Option<u16>,
}

/// A text that may hold a password.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
struct Unprinted(String);

impl fmt::Debug for Unprinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What `serve` runs with.
#[derive(Debug)]
pub(crate) struct ServeSettings {
    pub(crate) listen: Listen,
    pub(crate) database: Database,
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) log_format: LogFormat,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) cors_origins: CorsOrigins,
    pub(crate) foundation: Foundation,
    pub(crate) rules: Rules,
}

impl Config {
    /// The file that was named, or `./banyan.toml` where there is one.
    pub(crate) fn load(named: Option<&Path>) -> Result<Self, Failure> {
        let path = named.unwrap_or(Path::new("banyan.toml"));
        if named.is_none() && !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
    }
}

impl DataOptions {
    /// Where the data is.
    pub(crate) fn over(&self, config: &Config) -> Result<Database, Failure> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let url = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let places = [
            ("the command line", self.data_dir.clone(), self.database_url.clone()),
            (
                "the environment",
                variable(DATA_DIR_VARIABLE).map(PathBuf::from),
                variable(DATABASE_URL_VARIABLE).map(url),
            ),
            (
                "the configuration",
                config.data_dir.clone(),
                config.database_url.as_ref().map(|Unprinted(url)| url.clone()),
            ),
        ];
        for (place, data_dir, database_url) in places {
            return match (data_dir, database_url) {
                (None, None) => continue,
                (Some(directory), None) => Ok(Database::Sqlite(directory)),
                (None, Some(url)) => Ok(Database::Postgres(
                    url.parse().map_err(|error| format!("the database URL in {place} {error}"))?,
                )),
                (Some(_), Some(_)) => {
                    Err(format!("{place} has both a data directory and a database URL; choose one").into())
                }
            };
        }
        Ok(Database::Sqlite(PathBuf::from("data")))
    }
}

impl FoundationOptions {
    /// What a new database begins with.
    pub(crate) fn over(&self, config: &Config) -> Result<Foundation, Failure> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let currency =
            self.currency.clone().or_else(|| variable(CURRENCY_VARIABLE)).or_else(|| config.currency.clone());
        let currency = currency.map(|code| {
            code.parse::<Currency>()
                .map_err(|error| format!("the currency \"{code}\" cannot be used: it {error}"))
        });
        let currency = currency.transpose()?;
        let zone = self
            .time_zone
            .clone()
            .or_else(|| variable(TIME_ZONE_VARIABLE))
            .or_else(|| config.time_zone.clone());
        let is_indian = currency.unwrap_or_default() == Currency::default();
        let zone = zone.unwrap_or_else(|| if is_indian { INDIAN_TIME } else { "UTC" }.to_owned());
        let time_zone = Calendar::zone_name(&zone).ok_or_else(|| {
            format!("\"{zone}\" is no time zone; names are those of the IANA, such as {INDIAN_TIME}")
        })?;
        Ok(Foundation { currency, time_zone })
    }
}

impl ServeOptions {
    /// What to run with.
    pub(crate) fn over(self, config: Config) -> Result<ServeSettings, Failure> {
        let agreed = Rules::default();
        let rules = Rules {
            backdate_days: self.backdate_days.or(config.backdate_days).unwrap_or(agreed.backdate_days),
            close_after_days: self.close_after_days.or(config.close_after_days).or(agreed.close_after_days),
        };
        Ok(ServeSettings {
            rules,
            foundation: self.foundation.over(&config)?,
            database: self.data.over(&config)?,
            listen: self.listen.or(config.listen).unwrap_or_default(),
            public_url: match self.public_url {
                Some(url) => Some(url),
                None => config.public_url.map(|url| read(&url, "public_url")).transpose()?,
            },
            log_format: self.log_format.or(config.log_format).unwrap_or_default(),
            trusted_proxies: list(self.trusted_proxies, config.trusted_proxies, "trusted_proxies")?,
            cors_origins: list(self.cors_origins, config.cors_origins, "cors_origins")?,
        })
    }
}

/// What the command line or the environment lists, else the file, else nothing.
fn list<T: FromStr<Err: fmt::Display>, L: FromIterator<T>>(
    given: Vec<T>,
    configured: Option<Vec<String>>,
    key: &str,
) -> Result<L, Failure> {
    if !given.is_empty() {
        return Ok(given.into_iter().collect());
    }
    configured.unwrap_or_default().into_iter().map(|text| read(&text, key)).collect()
}

/// A setting of the file.
fn read<T: FromStr<Err: fmt::Display>>(text: &str, key: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| format!("{key} in the configuration: {text:?} {error}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(listen: Option<&str>) -> ServeOptions {
        ServeOptions {
            listen: listen.map(|text| text.parse().unwrap()),
            data: DataOptions { data_dir: None, database_url: None },
            public_url: None,
            log_format: None,
            trusted_proxies: vec![],
            cors_origins: vec![],
            foundation: FoundationOptions::default(),
            backdate_days: None,
            close_after_days: None,
        }
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let file = || toml::from_str::<Config>("listen = '127.0.0.1:1'\ndata_dir = '/srv/banyan'").unwrap();
        let listen = |options: ServeOptions, config| options.over(config).unwrap().listen.to_string();
        assert_eq!(listen(options(Some("127.0.0.1:2")), file()), "127.0.0.1:2");
        assert_eq!(listen(options(None), file()), "127.0.0.1:1");
        assert_eq!(listen(options(None), Config::default()), "127.0.0.1:3000");
        let database = options(None).over(file()).unwrap().database;
        assert_eq!(database, Database::Sqlite(PathBuf::from("/srv/banyan")));
    }

    #[test]
    fn the_data_is_in_one_place() {
        let data = |text: &str| {
            let config = toml::from_str::<Config>(text).unwrap();
            DataOptions { data_dir: None, database_url: None }.over(&config)
        };
        let url = "database_url = 'postgres://asha:s3cret@db.example.com/banyan'";
        let found = data(url).unwrap();
        assert_eq!(found.to_string(), "postgres://asha@db.example.com/banyan");
        let both = data(&format!("data_dir = '/srv'\n{url}")).unwrap_err().to_string();
        assert!(both.contains("choose one") && !both.contains("s3cret"), "{both}");
        let wrong = data("database_url = 'mysql://asha:s3cret@db'").unwrap_err().to_string();
        assert!(wrong.contains("postgres://") && !wrong.contains("s3cret"), "{wrong}");
        let shown = format!("{:?}", toml::from_str::<Config>(url).unwrap());
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn a_new_database_counts_in_rupees_by_indian_time_unless_it_is_told_otherwise() {
        let founded = |text: &str| {
            let config = toml::from_str::<Config>(text).unwrap();
            let Foundation { currency, time_zone } = FoundationOptions::default().over(&config)?;
            Ok::<_, Failure>((currency.map(|currency| currency.to_string()), time_zone))
        };
        for (text, currency, time_zone) in [
            ("", None, "Asia/Kolkata"),
            ("currency = 'INR'", Some("INR"), "Asia/Kolkata"),
            ("currency = 'EUR'", Some("EUR"), "UTC"),
            ("currency = 'EUR'\ntime_zone = 'Europe/Berlin'", Some("EUR"), "Europe/Berlin"),
        ] {
            let expected = (currency.map(str::to_owned), time_zone.to_owned());
            assert_eq!(founded(text).unwrap(), expected, "{text}");
        }
        for (code, words) in [("JPY", "two decimals"), ("KWD", "this one has 3"), ("ABC", "ISO 4217")] {
            let refused = founded(&format!("currency = '{code}'")).unwrap_err().to_string();
            assert!(refused.contains(code) && refused.contains(words), "{refused}");
        }
        let flag = FoundationOptions { currency: Some("USD".into()), ..FoundationOptions::default() };
        let config = toml::from_str::<Config>("currency = 'EUR'").unwrap();
        assert_eq!(flag.over(&config).unwrap().currency, Some("USD".parse().unwrap()));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let error =
            toml::from_str::<Config>("listen = '127.0.0.1:1'\nlisten_on = 'x'").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("listen_on"), "{error}");
    }
}
