//! The promise behind a 201, watched from outside: strace sees the log being
//! synced between the arrival of a purchase and its answer.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::home::{Home, Server, settle};
use crate::http::{Connection, Request};
use crate::skip::{on_path, skip};

const PURCHASES: usize = 20;

const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,pwrite64,sendto,sendmsg,fdatasync,fsync";

#[test]
fn the_log_is_synced_between_the_arrival_of_a_purchase_and_its_201() {
    let what = "that strace sees a sync before every 201";
    let Some(strace) = on_path("strace") else {
        return skip(what, "there is no strace; `apt-get install strace`");
    };
    let home = Home::new();
    let mut probe = Command::new(&strace);
    let permitted = probe.args(["-D", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !permitted.is_ok_and(|status| status.success()) {
        return skip(what, "strace may not trace here; it needs CAP_SYS_PTRACE");
    }
    let key = home.key(&["users:write", "purchases:write"]);
    let trace = home.path().join("trace");
    let mut command = Command::new(strace);
    // -D: the process we start is the server, and strace looks on from beside it.
    command.args(["-D", "-f", "-qq", "-y", "-s", "64", "-e", CALLS, "-o"]).arg(&trace);
    command.arg(env!("CARGO_BIN_EXE_banyan")).args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(home.data_dir());
    settle(&mut command, home.path());
    let server = Server::start(command);

    let first = server.register(&key, "Asha Rao", None);
    let buyer = server.register(&key, "Chetan Gupta", Some(&first.code));
    let mut connection = Connection::open(&server.url).unwrap();
    let purchase = Request::post("/api/purchases", json!({"user_id": buyer.id, "amount": 2000})).by(&key);
    for _ in 0..PURCHASES {
        connection.ask(&purchase).unwrap().expect(201);
    }
    server.stop();
    // strace writes its last lines after the process has ended.
    thread::sleep(Duration::from_millis(200));

    let roads = roads(&fs::read_to_string(&trace).unwrap());
    assert_eq!(roads, vec![Road { logged: true, synced: true }; PURCHASES]);
}

/// What happened between the arrival of one purchase and its 201.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Road {
    /// Something was written to the log.
    logged: bool,
    /// After that, a sync of the log began and ended.
    synced: bool,
}

/// The roads of all purchases, read from the trace. They were reported one
/// after the other, so what lies between belongs to one of them.
fn roads(trace: &str) -> Vec<Road> {
    let mut done = Vec::new();
    let mut open: Option<Road> = None;
    // The thread whose sync of the log has begun.
    let mut syncing: Option<&str> = None;
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or((line, ""));
        let call = call.trim_start();
        if call.contains("\"POST /api/purchases HTTP") {
            assert_eq!(open.replace(Road::default()), None, "one purchase after the other");
        }
        let Some(road) = &mut open else { continue };
        let of_log = call.contains("banyan.db-wal>");
        if of_log && call.contains("write") {
            *road = Road { logged: true, synced: false };
        }
        if of_log && (call.starts_with("fdatasync(") || call.starts_with("fsync(")) {
            syncing = Some(thread).filter(|_| call.ends_with("<unfinished ...>"));
            road.synced |= call.ends_with("= 0");
        }
        if call.contains("sync resumed>") && call.ends_with("= 0") && syncing == Some(thread) {
            syncing = None;
            road.synced = true;
        }
        if call.contains("\"HTTP/1.1 201") {
            done.extend(open.take());
        }
    }
    done
}

#[test]
fn a_road_without_a_sync_is_seen_as_one() {
    let arrival =
        "7 recvfrom(9<TCP:[1]>, \"POST /api/purchases HTTP/1.1\\r\\nHost\"..., 1024, 0, NULL, NULL) = 99";
    let logged = "8 pwrite64(5</data/banyan.db-wal>, \"\\0\"..., 24, 0) = 24";
    let begun = "8 fdatasync(5</data/banyan.db-wal> <unfinished ...>";
    let ended = "8 <... fdatasync resumed>) = 0";
    let answer = "7 writev(9<TCP:[1]>, [{iov_base=\"HTTP/1.1 201 Created\\r\\n\"..., iov_len=9}], 1) = 9";
    let table: &[(&[&str], Road)] = &[
        (&[arrival, logged, begun, ended, answer], Road { logged: true, synced: true }),
        (&[arrival, logged, begun, answer, ended], Road { logged: true, synced: false }),
        (&[arrival, begun, ended, logged, answer], Road { logged: true, synced: false }),
        (&[logged, begun, ended, arrival, answer], Road::default()),
    ];
    for (lines, expected) in table {
        assert_eq!(roads(&lines.join("\n")), [*expected], "{lines:#?}");
    }
}
