//! The plan from the command line: shown, set, withdrawn, and tried on the past.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use app::plans::{self, Begins};
use app::simulate::{MemberChange, NOTES, Progress, Simulation, WhatIf, simulate};
use app::{App, Caller, PlanRecord, months};
use domain::{Money, Plan, PlanVersion, Rate, Timestamp};
use server::Moment;
use server::api::{PlanBody, SimulationBody};

use crate::cli::PlanCommand;
use crate::config::Config;
use crate::counted::Counted;
use crate::keys::moment;
use crate::print::say;
use crate::whole_file::{Earlier, WholeFile};
use crate::{Failure, open, plan_file};

pub(crate) async fn run(command: PlanCommand, config: &Config) -> Result<(), Failure> {
    match command {
        PlanCommand::Show { all, data, json } => {
            show(&open::existing_app(&data.over(config)?).await?, all, json).await
        }
        PlanCommand::Set { file, effective_from, after_last_sale, data, json } => {
            let app = open::new_app(&data.over(config)?, config).await?;
            let plan = read(&app, &file).await?;
            let begins = match (at(&app, effective_from).await?, after_last_sale) {
                (Some(at), _) => Begins::At(at),
                (None, true) => Begins::AfterLastSale,
                (None, false) => Begins::Now,
            };
            set(&app, plan, begins, json).await
        }
        PlanCommand::Withdraw { version, data, json } => {
            withdraw(&open::existing_app(&data.over(config)?).await?, version, json).await
        }
        PlanCommand::Simulate { file, since, members, data, json } => {
            let app = open::existing_app(&data.over(config)?).await?;
            let what_if = WhatIf { plan: read(&app, &file).await?, since: at(&app, since).await? };
            try_on(&app, what_if, members.as_deref(), json).await
        }
    }
}

/// The time that is meant, by the calendar of this database.
async fn at(app: &App, moment: Option<Moment>) -> Result<Option<Timestamp>, Failure> {
    let calendar = months::calendar(app).await?;
    Ok(moment.map(|moment| moment.by(&calendar)))
}

/// The plan of a file, in the currency of this database unless it names one.
async fn read(app: &App, file: &Path) -> Result<Plan, Failure> {
    plan_file::read(file, plans::in_force(app).await?.plan.currency)
}

async fn show(app: &App, all: bool, json: bool) -> Result<(), Failure> {
    let in_force = plans::in_force(app).await?;
    let version = in_force.version;
    let records = match all {
        true => plans::versions(app, &Caller::Admin, None, usize::MAX).await?,
        false => vec![in_force],
    };
    for (number, record) in records.iter().enumerate() {
        match (json, number) {
            (true, _) => say!("{}", serde_json::to_string(&PlanBody::from(record))?)?,
            (false, 0) => say!("{}", as_file(record, version))?,
            (false, _) => say!("\n{}", as_file(record, version))?,
        }
    }
    Ok(())
}

fn as_file(record: &PlanRecord, in_force: PlanVersion) -> String {
    let state = match record.withdrawn_at {
        Some(at) => format!(", withdrawn {}", moment(at)),
        None if record.version == in_force => ", in force".to_owned(),
        None => String::new(),
    };
    let from = moment(record.effective_from);
    format!("# Plan {}, from {from}{state}\n{}", record.version, plan_file::print(&record.plan))
}

async fn set(app: &App, plan: Plan, begins: Begins, json: bool) -> Result<(), Failure> {
    let record = plans::set(app, &Caller::Admin, plan, begins).await?;
    if json {
        say!("{}", serde_json::to_string(&PlanBody::from(&record))?)
    } else {
        say!("Plan {} is in force from {} on.", record.version, moment(record.effective_from))
    }
}

async fn withdraw(app: &App, version: PlanVersion, json: bool) -> Result<(), Failure> {
    let record = plans::withdraw(app, &Caller::Admin, version).await?;
    if json {
        say!("{}", serde_json::to_string(&PlanBody::from(&record))?)
    } else {
        let from = moment(record.effective_from);
        say!("Plan {version} is withdrawn: it does not come into force at {from}.")
    }
}

async fn try_on(app: &App, what_if: WhatIf, members: Option<&Path>, json: bool) -> Result<(), Failure> {
    let since = what_if.since;
    // Opened first: nobody waits for a result that cannot be written.
    let members = members.map(|path| WholeFile::begin(path, Earlier::Stays)).transpose()?;
    let simulation = simulate(app, &Caller::Admin, what_if, show_progress).await?;
    if let Some(file) = members {
        write_members(file, &simulation)?;
    }
    if json {
        say!("{}", serde_json::to_string(&SimulationBody::new(&simulation, since))?)
    } else {
        print(&simulation)
    }
}

/// One line that is written over and over, and gone in the end.
fn show_progress(Progress { done, total }: Progress) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        let line = match done < total {
            true => format!("\r{done} of {total} purchases, {} %", done * 100 / total),
            false => "\r\x1b[K".to_owned(),
        };
        // Whoever closed the terminal does not miss it.
        drop(terminal.write_all(line.as_bytes()));
    }
}

/// Everybody who earned or would have earned something.
fn write_members(file: WholeFile, simulation: &Simulation) -> Result<(), Failure> {
    let mut lines = BufWriter::new(file.writer()?);
    writeln!(lines, "user_id,earned,would_earn,difference")?;
    for member in &simulation.members {
        let MemberChange { user, earned, would_earn } = member;
        writeln!(lines, "{user},{earned},{would_earn},{}", member.difference())?;
    }
    lines.flush()?;
    file.keep()
}

fn print(simulation: &Simulation) -> Result<(), Failure> {
    let Simulation { purchases, sales, refunded, currency, settled_elsewhere, .. } = simulation;
    let sold = Counted(*purchases, ["purchase", "purchases"]);
    say!("{sold} of {sales} {currency}, {refunded} of it refunded")?;
    if *settled_elsewhere > 0 {
        say!("{settled_elsewhere} more were settled elsewhere and pay nothing")?;
    }
    say!("")?;
    row("", ["by the books", "under this plan", "difference"])?;
    let (books, plan) = (simulation.books, simulation.plan);
    compare("commissions", books.total, plan.total)?;
    let share = |share: Option<Rate>| share.map_or("-".to_owned(), |share| share.to_string());
    row("share of sales", [&share(books.share), &share(plan.share), ""])?;
    for level in simulation.levels() {
        compare(&format!("level {level}"), books.by_level.get(level), plan.by_level.get(level))?;
    }

    let Simulation { gain, lose, unchanged, .. } = simulation;
    let gainers = Counted(*gain, ["member", "members"]);
    say!("\n{gainers} would have earned more, {lose} less, {unchanged} the same")?;
    rank("gained most", simulation.gainers(), simulation)?;
    rank("lost most", simulation.losers(), simulation)?;
    say!("")?;
    for note in NOTES {
        say!("{note}")?;
    }
    Ok(())
}

fn rank<'s>(
    what: &str,
    members: impl Iterator<Item = &'s MemberChange>,
    simulation: &Simulation,
) -> Result<(), Failure> {
    for (number, member) in members.enumerate() {
        if number == 0 {
            say!("\nWould have {what}")?;
        }
        let name = simulation.names.get(&member.user).map_or("", |name| name.as_str());
        compare(&format!("{:>7}  {name}", member.user), member.earned, member.would_earn)?;
    }
    Ok(())
}

fn compare(what: &str, books: Money, plan: Money) -> Result<(), Failure> {
    let difference = plan.checked_sub(books).unwrap_or_default();
    let sign = if difference > Money::ZERO { "+" } else { "" };
    row(what, [&books.to_string(), &plan.to_string(), &format!("{sign}{difference}")])
}

fn row(what: &str, [books, plan, difference]: [&str; 3]) -> Result<(), Failure> {
    let row = format!("{what:<32}{books:>16}{plan:>16}{difference:>16}");
    say!("{}", row.trim_end())
}
