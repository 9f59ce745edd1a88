//! Medians and ratios, as Markdown for people and JSON for programs.

use std::fmt::Write;

use serde::Serialize;

use crate::figures::Figures;
use crate::load::Run;
use crate::machine::Machine;
use crate::{Failure, Options};

/// Everything that was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    measured: &'static str,
    machine: Machine,
    options: Options,
    subjects: Vec<Subject>,
    /// The names of two subjects each.
    #[serde(skip)]
    compared: Vec<[String; 2]>,
    facts: Vec<Fact>,
}

/// What was measured in several rounds.
#[derive(Serialize)]
struct Subject {
    name: String,
    rounds: Vec<Figures>,
}

/// What was measured once.
#[derive(Serialize)]
struct Fact {
    name: String,
    value: f64,
    unit: &'static str,
}

/// The medians of one subject to those of another.
#[derive(Serialize)]
struct Ratios<'a> {
    name: &'a str,
    beside: &'a str,
    per_second: f64,
    p99: f64,
    cpu: f64,
}

impl Report {
    pub(crate) fn new(measured: &'static str, options: &Options) -> Result<Self, Failure> {
        let options = options.clone();
        let machine = Machine::here()?;
        Ok(Self { measured, machine, options, subjects: Vec::new(), compared: Vec::new(), facts: Vec::new() })
    }

    /// Adds a round of a subject.
    pub(crate) fn add(&mut self, name: &str, run: &Run) {
        let figures = Figures::of(run);
        eprintln!("{name}: {:.0}/s, p99 {:.1} ms", figures.per_second, figures.p99_ms);
        match self.subjects.iter_mut().find(|subject| subject.name == name) {
            Some(subject) => subject.rounds.push(figures),
            None => self.subjects.push(Subject { name: name.to_owned(), rounds: vec![figures] }),
        }
    }

    /// Puts one subject beside another, where both were measured.
    pub(crate) fn compare(&mut self, name: &str, beside: &str) {
        self.compared.push([name.to_owned(), beside.to_owned()]);
    }

    pub(crate) fn fact(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        let fact = Fact { name: name.into(), value, unit };
        eprintln!("{}", fact.words());
        self.facts.push(fact);
    }

    /// Prints it, and writes it down where that was asked for.
    pub(crate) fn publish(&self) -> Result<(), Failure> {
        if let Some(path) = &self.options.json {
            std::fs::write(path, serde_json::to_vec_pretty(&self.json()?)?)?;
        }
        println!("{}", self.markdown()?);
        Ok(())
    }

    fn json(&self) -> Result<serde_json::Value, Failure> {
        let mut value = serde_json::to_value(self)?;
        for (subject, into) in self.subjects.iter().zip(value["subjects"].as_array_mut().ok_or("a list")?) {
            into["medians"] = serde_json::to_value(subject.medians())?;
        }
        value["ratios"] = serde_json::to_value(self.ratios())?;
        Ok(value)
    }

    fn markdown(&self) -> Result<String, Failure> {
        let mut text = self.heading();
        text.push_str(
            "| what | per second | p50 ms | p99 ms | CPU µs | of it database | answer bytes | others' CPU |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for subject in &self.subjects {
            let (m, [low, high]) = (subject.medians(), subject.range());
            let (cpu, others) = (m.cpu_us(), m.others * 100.0);
            write!(text, "| {} | {:.0} [{low:.0}..{high:.0}] ", subject.name, m.per_second)?;
            write!(text, "| {:.2} | {:.2} | {cpu:.1} | {:.1} ", m.p50_ms, m.p99_ms, m.database_cpu_us)?;
            writeln!(text, "| {:.0} | {others:.0} % |", m.answer_bytes)?;
        }
        let ratios = self.ratios();
        if !ratios.is_empty() {
            text.push_str("\n| what | beside | rate | p99 | CPU |\n|---|---|---|---|---|\n");
        }
        for Ratios { name, beside, per_second, p99, cpu } in ratios {
            writeln!(text, "| {name} | {beside} | {per_second:.2} | {p99:.2} | {cpu:.2} |")?;
        }
        text.push('\n');
        for fact in &self.facts {
            writeln!(text, "- {}", fact.words())?;
        }
        Ok(text)
    }

    fn heading(&self) -> String {
        let Options { rounds, seconds, connections, members, rate, .. } = &self.options;
        let Machine { processors, kernel } = &self.machine;
        let way = match rate {
            Some(rate) => format!("an open loop of {rate} requests a second"),
            None => "a closed loop".to_owned(),
        };
        format!(
            "{rounds} rounds of {seconds} s, {connections} connections in {way}, {members} members; \
             {processors} processors, Linux {kernel}. Medians; the range of the rate in brackets.\n\n"
        )
    }

    fn ratios(&self) -> Vec<Ratios<'_>> {
        let find = |name: &String| self.subjects.iter().find(|subject| &subject.name == name);
        let ratios = |[name, beside]: &[String; 2]| {
            let (one, other) = (find(name)?, find(beside)?);
            let (own, its) = (one.medians(), other.medians());
            Some(Ratios {
                name: &one.name,
                beside: &other.name,
                per_second: own.per_second / its.per_second,
                p99: own.p99_ms / its.p99_ms,
                cpu: own.cpu_us() / its.cpu_us(),
            })
        };
        self.compared.iter().filter_map(ratios).collect()
    }
}

impl Fact {
    fn words(&self) -> String {
        let Self { name, value, unit } = self;
        match *unit {
            "bytes" if *value >= 1e6 => format!("{name}: {:.1} MB", value / 1e6),
            _ => format!("{name}: {value:.0} {unit}"),
        }
    }
}

impl Subject {
    fn medians(&self) -> Figures {
        Figures::medians(&self.rounds)
    }

    fn range(&self) -> [f64; 2] {
        let rates = || self.rounds.iter().map(|round| round.per_second);
        [rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max)]
    }
}
