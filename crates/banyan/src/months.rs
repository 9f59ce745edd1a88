//! Closing months, opening them again, and the time zone that they lie in.

use app::months::{MonthState, close as close_month, reopen as reopen_month, set_time_zone, time_zones};
use app::{Caller, ZoneRecord};
use serde_json::{Value, json};
use server::api::MonthBody;

use crate::cli::{CloseOptions, ReopenOptions, TimeZoneCommand};
use crate::config::Config;
use crate::keys::moment;
use crate::print::say;
use crate::{Failure, open};

pub(crate) async fn close(options: CloseOptions, config: &Config) -> Result<(), Failure> {
    let CloseOptions { month, data, json } = options;
    let app = open::existing_app(&data.over(config)?).await?;
    tell(&close_month(&app, &Caller::Admin, month).await?, json)
}

pub(crate) async fn reopen(options: ReopenOptions, config: &Config) -> Result<(), Failure> {
    let ReopenOptions { month, data, json } = options;
    let app = open::existing_app(&data.over(config)?).await?;
    tell(&reopen_month(&app, &Caller::Admin, month).await?, json)
}

fn tell(state: &MonthState, json: bool) -> Result<(), Failure> {
    let MonthState { month, closed_at, .. } = state;
    match (json, closed_at) {
        (true, _) => say!("{}", serde_json::to_string(&MonthBody::from(state))?),
        (false, Some(at)) => say!("{month} is closed since {}.", moment(*at)),
        (false, None) => say!("{month} is open."),
    }
}

pub(crate) async fn time_zone(command: TimeZoneCommand, config: &Config) -> Result<(), Failure> {
    match command {
        TimeZoneCommand::Show { data, json } => {
            let app = open::existing_app(&data.over(config)?).await?;
            let (zones, _) = time_zones(&app, &Caller::Admin).await?;
            for zone in zones {
                say!("{}", if json { as_json(&zone).to_string() } else { as_text(&zone) })?;
            }
        }
        TimeZoneCommand::Set { name, data, json } => {
            let app = open::existing_app(&data.over(config)?).await?;
            let zone = set_time_zone(&app, &Caller::Admin, &name).await?;
            say!("{}", if json { as_json(&zone).to_string() } else { as_text(&zone) })?;
        }
    }
    Ok(())
}

fn as_text(ZoneRecord { from, name, set_at }: &ZoneRecord) -> String {
    format!("{name} from {from} on, set {}", moment(*set_at))
}

fn as_json(ZoneRecord { from, name, set_at }: &ZoneRecord) -> Value {
    json!({"time_zone": name, "from_month": from.to_string(), "set_at": moment(*set_at)})
}
