//! A primary that falls silent while people buy, and the standby that takes its place.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cluster::{Cluster, Isolation, another_cluster, by_its_user};
use crate::home::{Home, Server, text};
use crate::http::Request;
use crate::postgres::{SHOP, Seen, buy_on, control_in};

/// How many clients buy meanwhile.
const BUYERS: usize = 8;

/// How long a fail-over may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that follows that of a cluster; stopped when it is dropped.
struct Standby {
    cluster: &'static Cluster,
    home: String,
}

impl Standby {
    /// Starts one whose confirmation every commit waits for.
    fn of(cluster: &'static Cluster) -> Self {
        let home = format!("{}/standby", cluster.home);
        let data = format!("{home}/data");
        let mut copy = by_its_user(cluster.binaries.join("pg_basebackup"));
        copy.args(["-h", &cluster.home, "-U", "banyan", "-D", &data, "-R", "-X", "stream", "-c", "fast"]);
        assert!(copy.status().unwrap().success());
        let mut settings = OpenOptions::new().append(true).open(format!("{data}/postgresql.conf")).unwrap();
        writeln!(settings, "unix_socket_directories = '{home}'").unwrap();
        control_in(cluster, &home, &["start"]);
        let standby = Self { cluster, home };
        sql(cluster, "alter system set synchronous_standby_names = '*'");
        sql(cluster, "select pg_reload_conf()");
        let begun = Instant::now();
        while sql(cluster, "select sync_state from pg_stat_replication") != "sync" {
            assert!(begun.elapsed() < PATIENCE, "the standby does not follow");
            thread::sleep(Duration::from_millis(50));
        }
        standby
    }

    fn host(&self) -> String {
        self.home.replace('/', "%2F")
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        control_in(self.cluster, &self.home, &["stop", "-m", "immediate"]);
    }
}

/// What the primary answers.
fn sql(cluster: &Cluster, statement: &str) -> String {
    let mut psql = Command::new(cluster.binaries.join("psql"));
    psql.args(["-qXAt", "-U", "banyan", "-d", "postgres", "-h", &cluster.home, "-c", statement]);
    let output = psql.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    text(&output.stdout).trim().to_owned()
}

/// Ends the primary, and has somebody listen in its place who never says a word.
fn fall_silent(cluster: &Cluster) -> UnixListener {
    control_in(cluster, &cluster.home, &["stop", "-m", "immediate"]);
    let socket = format!("{}/.s.PGSQL.5432", cluster.home);
    drop(fs::remove_file(&socket));
    let listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap();
    listener
}

#[test]
fn a_standby_that_takes_over_from_a_silent_primary_has_everything_that_was_answered() {
    let Some(cluster) = another_cluster() else { return };
    let cluster: &'static Cluster = Box::leak(Box::new(cluster));
    let home = std::mem::ManuallyDrop::new(Home::on(cluster, Isolation::ReadCommitted));
    let standby = Standby::of(cluster);
    let (primary, name) = home.database_url().rsplit_once('/').unwrap();
    let url = format!("{primary},{}/{name}", standby.host());
    let command = |arguments: &[&str]| {
        let mut command = home.command_on_data(arguments);
        command.env("BANYAN_DATABASE_URL", &url);
        command
    };
    let server = Server::start(command(&["serve", "--listen", "127.0.0.1:0"]));
    let key = home.key(&SHOP);
    let asha = server.register(&key, "Asha Rao", None);
    let bina = server.register(&key, "Bina Shah", Some(&asha.code));
    let (at, done) = (&server.url, AtomicBool::new(false));
    let (promoted, acknowledged, seen) = thread::scope(|scope| {
        let buy = |client| {
            let (key, done) = (&key, &done);
            scope.spawn(move || buy_on(at, key, bina.id, client, done))
        };
        let buyers: Vec<_> = (0..BUYERS).map(buy).collect();
        thread::sleep(Duration::from_secs(2));
        let _silent = fall_silent(cluster);
        control_in(cluster, &standby.home, &["promote"]);
        let promoted = Instant::now();
        thread::sleep(Duration::from_secs(8));
        done.store(true, Ordering::SeqCst);
        let (acknowledged, seen): (Vec<usize>, Vec<Vec<Seen>>) =
            buyers.into_iter().map(|buyer| buyer.join().unwrap()).unzip();
        (promoted, acknowledged.into_iter().sum::<usize>(), seen.concat())
    });
    let before = seen.iter().filter(|(_, answered, status)| *answered < promoted && *status == 201).count();
    let after = seen.iter().filter(|(asked, _, status)| *asked > promoted && *status == 201).count();
    assert!(before > 0 && after > 0, "{before} before the fail-over and {after} after it");

    let path = format!("/api/earnings/{}", asha.id);
    let earned = Request::get(path).by(&asha.token).send(at).expect(200);
    assert_eq!(
        earned["total_earnings"],
        format!("{}.00", acknowledged * 100),
        "every purchase happened once"
    );
    server.stop();
    let verified = command(&["verify"]).output().unwrap();
    assert!(text(&verified.stdout).starts_with("clean"), "{verified:?}");
}
