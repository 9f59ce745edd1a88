//! What the system knows: processor time, memory, and who else was at work.

use std::collections::HashMap;
use std::fs;

use serde::Serialize;

use crate::Failure;

/// Clock ticks a second in `/proc`, the same on every Linux machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// Where the figures come from.
#[derive(Serialize)]
pub(crate) struct Machine {
    pub(crate) processors: usize,
    pub(crate) kernel: String,
}

impl Machine {
    pub(crate) fn here() -> Result<Self, Failure> {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned();
        Ok(Self { processors: std::thread::available_parallelism()?.get(), kernel })
    }
}

/// Processor time so far, in ticks.
#[derive(Clone, Copy)]
pub(crate) struct Processors {
    all: f64,
    busy: f64,
    /// Of the bench and of all that it started.
    own: f64,
}

impl Processors {
    pub(crate) fn now() -> Result<Self, Failure> {
        let stat = fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().ok_or("an empty /proc/stat")?;
        // user, nice, system, idle, iowait, irq, softirq, steal.
        let ticks: Vec<f64> =
            line.split_ascii_whitespace().skip(1).take(8).map(str::parse).collect::<Result<_, _>>()?;
        let [user, nice, system, idle, waiting, irq, softirq, stolen] = ticks[..] else {
            return Err("an unreadable /proc/stat".into());
        };
        let busy = user + nice + system + irq + softirq + stolen;
        let own = cpu_seconds(std::process::id())? * TICKS_PER_SECOND;
        Ok(Self { all: busy + idle + waiting, busy, own })
    }

    /// The share of the machine that others took since then: other processes,
    /// the kernel's own threads, and other guests of the same host.
    pub(crate) fn others_since(before: Self) -> Result<f64, Failure> {
        let now = Self::now()?;
        let others = (now.busy - before.busy) - (now.own - before.own);
        Ok((others / (now.all - before.all).max(1.0)).max(0.0))
    }
}

/// Seconds of processor time that a process and all that it started have used
/// so far, those that have ended included.
pub(crate) fn cpu_seconds(process: u32) -> Result<f64, Failure> {
    let all = processes()?;
    let mut ticks = 0.0;
    let mut open = vec![process];
    while let Some(parent) = open.pop() {
        ticks += all.get(&parent).map_or(0.0, |process| process.ticks);
        open.extend(all.iter().filter(|(_, process)| process.parent == parent).map(|(id, _)| *id));
    }
    Ok(ticks / TICKS_PER_SECOND)
}

/// Bytes of memory that a process holds.
pub(crate) fn resident_bytes(process: u32) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("a process without memory")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024.0)
}

/// How many files and sockets this process may open, and so those it starts.
pub(crate) fn open_files_max() -> Result<usize, Failure> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).ok_or("no limits")?;
    let soft = line.split_ascii_whitespace().next().ok_or("no limit")?;
    Ok(soft.parse().unwrap_or(usize::MAX))
}

struct Process {
    parent: u32,
    ticks: f64,
}

fn processes() -> Result<HashMap<u32, Process>, Failure> {
    let ids = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // One that ends meanwhile is counted with its parent.
    Ok(ids.filter_map(|id| Some((id, process(id)?))).collect())
}

fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold spaces. The parent is the 2nd field after
    // it; user and system time are the 12th and 13th, and those of children that
    // have ended the two after these.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = fields.get(11..15)?.iter().map(|field| field.parse::<f64>().unwrap_or(0.0)).sum();
    Some(Process { parent: fields.get(1)?.parse().ok()?, ticks })
}
