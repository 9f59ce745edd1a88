//! Where settings come from: a flag, else the environment, else the file, else
//! the default. clap takes care of the first two.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Failure;
use crate::cli::{DataOptions, LogFormat, ServeOptions};

/// What may stand in `banyan.toml`. Secrets may not.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    listen: Option<SocketAddr>,
    data_dir: Option<PathBuf>,
    public_url: Option<String>,
    log_format: Option<LogFormat>,
}

/// What `serve` runs with.
#[derive(Debug)]
pub(crate) struct ServeSettings {
    pub(crate) listen: SocketAddr,
    pub(crate) data_dir: PathBuf,
    pub(crate) public_url: Option<String>,
    pub(crate) log_format: LogFormat,
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
    pub(crate) fn over(&self, config: &Config) -> PathBuf {
        let set = self.data_dir.clone().or_else(|| config.data_dir.clone());
        set.unwrap_or_else(|| PathBuf::from("data"))
    }
}

impl ServeOptions {
    /// What to run with.
    pub(crate) fn over(self, config: Config) -> ServeSettings {
        let default = SocketAddr::from(([127, 0, 0, 1], 3000));
        ServeSettings {
            listen: self.listen.or(config.listen).unwrap_or(default),
            data_dir: self.data.over(&config),
            public_url: self.public_url.or(config.public_url),
            log_format: self.log_format.or(config.log_format).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(listen: Option<&str>) -> ServeOptions {
        ServeOptions {
            listen: listen.map(|text| text.parse().unwrap()),
            data: DataOptions { data_dir: None },
            public_url: None,
            log_format: None,
        }
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let file = || toml::from_str::<Config>("listen = '127.0.0.1:1'\ndata_dir = '/srv/banyan'").unwrap();
        let port = |settings: &ServeSettings| settings.listen.port();
        assert_eq!(port(&options(Some("127.0.0.1:2")).over(file())), 2);
        assert_eq!(port(&options(None).over(file())), 1);
        assert_eq!(port(&options(None).over(Config::default())), 3000);
        assert_eq!(options(None).over(file()).data_dir, Path::new("/srv/banyan"));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let error =
            toml::from_str::<Config>("listen = '127.0.0.1:1'\nlisten_on = 'x'").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("listen_on"), "{error}");
    }
}
