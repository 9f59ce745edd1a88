//! A network that fails when a test wants it to: it stands between a store and
//! its PostgreSQL and passes on what they say, or does not.

use std::sync::{Arc, Mutex};

use store::Database;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

/// What is done with what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// It arrives.
    Fine,
    /// New connections end at once.
    Away,
    /// Nothing arrives, and nobody is told.
    Silent,
    /// The next commit arrives; its answer does not, and the connection ends.
    LosesTheAnswer,
    /// As before, and there is no new connection to ask on.
    LosesTheAnswerAndAllElse,
    /// The connection ends instead of the next commit.
    LosesTheCommit,
    /// The connection ends for the store, and its next commit arrives later.
    DelaysTheCommit,
    /// After so many more bytes, either way, the connection ends that has them.
    CutsAfter(usize),
}

/// The network, until it is dropped.
pub(crate) struct Proxy {
    pub(crate) database: Database,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    weather: Mutex<Weather>,
    delayed: Mutex<Vec<(OwnedReadHalf, OwnedWriteHalf, Vec<u8>)>>,
    socket: String,
}

impl Proxy {
    /// Stands before the database at this address, which is a socket in a
    /// directory.
    pub(crate) async fn before(database: &Database) -> Self {
        let Database::Postgres(url) = database else { panic!("{database} is on no network") };
        let url = url.to_string();
        let (directory, name) = url.split_once('@').unwrap().1.split_once('/').unwrap();
        let socket = format!("{}/.s.PGSQL.5432", directory.replace("%2F", "/"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = format!("postgres://banyan@{}/{name}", listener.local_addr().unwrap());
        let state = Arc::new(State { weather: Mutex::new(Weather::Fine), delayed: Mutex::default(), socket });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { database: Database::Postgres(there.parse().unwrap()), state, accepting }
    }

    pub(crate) fn turns(&self, weather: Weather) {
        *self.state.weather.lock().unwrap() = weather;
    }

    pub(crate) fn weather(&self) -> Weather {
        self.state.weather()
    }

    /// Lets arrive the commits that were delayed, and answers how many were
    /// refused.
    pub(crate) async fn delivers(&self) -> usize {
        let delayed: Vec<_> = self.state.delayed.lock().unwrap().drain(..).collect();
        let mut refused = 0;
        for (mut from_server, mut to_server, bytes) in delayed {
            to_server.write_all(&bytes).await.unwrap();
            let mut answer = Vec::new();
            // Ready for the next query, and in no transaction any more.
            while !answer.ends_with(b"Z\0\0\0\x05I") {
                assert!(from_server.read_buf(&mut answer).await.unwrap() > 0, "the connection ended");
            }
            refused += usize::from(answer.windows(8).any(|word| word == b"ROLLBACK"));
        }
        refused
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    fn weather(&self) -> Weather {
        *self.weather.lock().unwrap()
    }

    /// How many of so many bytes arrive before the connection is cut, if it is.
    fn cut_within(&self, bytes: usize) -> Option<usize> {
        let mut weather = self.weather.lock().unwrap();
        let Weather::CutsAfter(left) = *weather else { return None };
        let cut = left < bytes;
        *weather = if cut { Weather::Fine } else { Weather::CutsAfter(left - bytes) };
        cut.then_some(left)
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        if state.weather() != Weather::Away {
            tokio::spawn(carry(client, Arc::clone(&state)));
        }
    }
}

/// Carries what both say until one of them has gone, or the weather turns.
async fn carry(client: TcpStream, state: Arc<State>) {
    let (mut from_client, mut to_client) = client.into_split();
    let Ok(server) = UnixStream::connect(&state.socket).await else { return };
    let (mut from_server, mut to_server) = server.into_split();
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = from_client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let said = &asked[..length];
                if let Some(arriving) = state.cut_within(length) {
                    drop(to_server.write_all(&said[..arriving]).await);
                    return;
                }
                let commits = said.windows(7).any(|word| word == b"commit\0");
                match state.weather() {
                    Weather::Silent => std::future::pending().await,
                    Weather::LosesTheCommit if commits => {
                        *state.weather.lock().unwrap() = Weather::Fine;
                        return;
                    }
                    Weather::DelaysTheCommit if commits => {
                        *state.weather.lock().unwrap() = Weather::Fine;
                        state.delayed.lock().unwrap().push((from_server, to_server, said.to_vec()));
                        return;
                    }
                    weather @ (Weather::LosesTheAnswer | Weather::LosesTheAnswerAndAllElse) if commits => {
                        let all = weather == Weather::LosesTheAnswerAndAllElse;
                        *state.weather.lock().unwrap() = if all { Weather::Away } else { Weather::Fine };
                        to_server.write_all(said).await.unwrap();
                        // The answer comes, and goes no further.
                        drop(from_server.read(&mut answered).await);
                        return;
                    }
                    _ => to_server.write_all(said).await.unwrap(),
                }
            }
            read = from_server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if state.weather() == Weather::Silent {
                    std::future::pending::<()>().await;
                }
                if let Some(arriving) = state.cut_within(length) {
                    drop(to_client.write_all(&answered[..arriving]).await);
                    return;
                }
                if to_client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
