//! PgBouncer between the binary and its database.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cluster::{Isolation, by_its_user, cluster};
use crate::home::{Home, Server, text};
use crate::http::Request;
use crate::postgres::SHOP;
use crate::skip::{on_path, skip};

/// How long something may take to be noticed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is pooled.
#[derive(Clone, Copy)]
enum Mode {
    Session,
    Transaction,
}

/// A pooler, ended when it is dropped.
struct Pooler(Child);

impl Pooler {
    /// Starts one on this port, before all databases of the cluster.
    fn start(mode: Mode, port: u16) -> Self {
        let home = &cluster().expect("its database is there").home;
        let mode = match mode {
            Mode::Session => "session",
            Mode::Transaction => "transaction",
        };
        let settings = format!(
            "[databases]\n* = host={home} user=banyan\n[pgbouncer]\npool_mode = {mode}\nauth_type = any\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\ndefault_pool_size = 60\n"
        );
        let file = format!("{home}/pgbouncer-{port}.ini");
        fs::write(&file, settings).unwrap();
        let mut command = by_its_user(on_path("pgbouncer").expect("it was looked for"));
        let process =
            command.args(["-q", &file]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "PgBouncer does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Self(process)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A home, a port for a pooler, and the address of the database through it.
fn pooled() -> Option<(Home, u16, String)> {
    if on_path("pgbouncer").is_none() {
        skip("the tests with PgBouncer", "there is none: apt-get install pgbouncer");
        return None;
    }
    let home = Home::in_postgres(Isolation::ReadCommitted)?;
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let name = home.database_url().rsplit_once('/').unwrap().1;
    let url = format!("postgres://banyan@127.0.0.1:{port}/{name}");
    Some((home, port, url))
}

fn serve(home: &Home, url: &str) -> Server {
    let mut command = home.command_on_data(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("BANYAN_DATABASE_URL", url);
    Server::start(command)
}

#[test]
fn a_pooler_of_sessions_is_as_good_as_the_database_itself() {
    let Some((home, port, url)) = pooled() else { return };
    let _pooler = Pooler::start(Mode::Session, port);
    let server = serve(&home, &url);
    let key = home.key(&SHOP);
    let asha = server.register(&key, "Asha Rao", None);
    let bina = server.register(&key, "Bina Shah", Some(&asha.code));
    thread::scope(|scope| {
        for client in 0..8 {
            let (key, url) = (&key, &server.url);
            scope.spawn(move || {
                for number in 0..25 {
                    let order = json!({"user_id": bina.id, "amount": "2000", "reference": format!("{client}-{number}")});
                    Request::post("/api/purchases", order).by(key).send(url).expect(201);
                }
            });
        }
    });
    assert_eq!(Request::get("/readyz").send(&server.url).expect(200)["checks"]["pooling"], "ok");
    server.stop();
    assert!(home.print(&["verify"]).starts_with("clean: 2 members, 200 purchases"));
}

#[test]
fn a_pooler_of_transactions_is_told_at_the_start_and_by_readyz() {
    let Some((home, port, url)) = pooled() else { return };
    let advice = "pool_mode = session";
    let pooler = Pooler::start(Mode::Transaction, port);
    for arguments in [&["migrate"][..], &["serve", "--listen", "127.0.0.1:0"], &["verify"]] {
        let output = home.command_on_data(arguments).env("BANYAN_DATABASE_URL", &url).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(text(&output.stderr).contains(advice), "{output:?}");
    }
    drop(pooler);

    let pooler = Pooler::start(Mode::Session, port);
    let server = serve(&home, &url);
    Request::get("/readyz").send(&server.url).expect(200);
    drop(pooler);
    let _pooler = Pooler::start(Mode::Transaction, port);
    let begun = Instant::now();
    loop {
        let ready = Request::get("/readyz").send(&server.url);
        let told = ready.json()["checks"]["pooling"].to_string();
        if told.contains(advice) {
            assert_eq!(ready.status, 503, "{ready:?}");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{ready:?}");
        thread::sleep(Duration::from_millis(50));
    }
    server.terminate();
}
