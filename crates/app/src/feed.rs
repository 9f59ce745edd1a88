//! Members watching their ledgers grow.
//!
//! The ledger is the event log. What was just committed is handed to whoever
//! watches, and whoever missed something reads it from the ledger, so a stream
//! has no gap and no repetition whatever happens to the messages in between.

mod purchases;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Name, Purchase, UserId};
use store::{LedgerLine, Store};
use tokio::sync::broadcast;

use self::purchases::Purchases;
use crate::{App, Caller, ReadError};

pub use self::purchases::CommittedPurchase;

/// Lines kept for a watcher who is not looking; past that she reads the ledger.
const WATCHER_BACKLOG: usize = 16;

/// Lines read from the ledger at a time.
const PAGE: usize = 100;

/// Ledgers whose last lines are looked up together.
const LEDGERS: usize = 1_000;

#[derive(Clone, Debug)]
enum News {
    /// A line was added.
    Line(Arc<LedgerLine>),
    /// Another process added lines, up to this `seq`.
    Head(i64),
}

/// Those who watch one ledger.
#[derive(Debug)]
struct Watchers {
    news: broadcast::Sender<News>,
    /// The greatest `seq` they were told of.
    told: i64,
}

/// Hands committed entries to whoever watches.
#[derive(Debug)]
pub struct Feed {
    store: Arc<Store>,
    ledgers: Mutex<HashMap<UserId, Watchers>>,
    purchases: Purchases,
}

impl Feed {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, ledgers: Mutex::default(), purchases: Purchases::new() }
    }

    pub(crate) fn publish(&self, purchases: Vec<(Purchase, Name)>, lines: Vec<LedgerLine>) {
        self.purchases.publish(purchases);
        let mut ledgers = self.ledgers();
        for line in lines {
            if let Some(watchers) = ledgers.get_mut(&line.entry.user) {
                watchers.told = watchers.told.max(line.entry.seq);
                // Nobody there any more is no failure.
                drop(watchers.news.send(News::Line(Arc::new(line))));
            }
        }
    }

    /// Looks which of the watched ledgers have grown, because another process
    /// has written, and tells those who watch them. Its cost is that of the last
    /// line of each watched ledger, however many lines came, and of a page of
    /// purchases while somebody watches those.
    pub(crate) async fn look_again(&self) -> Result<(), store::Error> {
        self.purchases.look_again(&self.store).await?;
        let watched: Vec<UserId> = self.ledgers().keys().copied().collect();
        for users in watched.chunks(LEDGERS) {
            let users = users.to_vec();
            let heads = self.store.read(async move |view| view.heads(&users).await).await?;
            let mut ledgers = self.ledgers();
            for (user, head) in heads {
                if let Some(watchers) = ledgers.get_mut(&user)
                    && watchers.told < head
                {
                    watchers.told = head;
                    drop(watchers.news.send(News::Head(head)));
                }
            }
        }
        Ok(())
    }

    fn watch(self: &Arc<Self>, user: UserId) -> Watch {
        let mut ledgers = self.ledgers();
        let nobody = || Watchers { news: broadcast::channel(WATCHER_BACKLOG).0, told: 0 };
        let watchers = ledgers.entry(user).or_insert_with(nobody);
        Watch { feed: Arc::clone(self), user, news: watchers.news.subscribe() }
    }

    fn ledgers(&self) -> MutexGuard<'_, HashMap<UserId, Watchers>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the watchers of one ledger, given up when it is dropped.
#[derive(Debug)]
struct Watch {
    feed: Arc<Feed>,
    user: UserId,
    news: broadcast::Receiver<News>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut ledgers = self.feed.ledgers();
        // The receiver itself is counted until this returns.
        if ledgers.get(&self.user).is_some_and(|watchers| watchers.news.receiver_count() <= 1) {
            ledgers.remove(&self.user);
        }
    }
}

/// One member's ledger, line after line, from some point on and for ever.
#[derive(Debug)]
pub struct Stream {
    watch: Watch,
    /// The `seq` of the last line that was handed out.
    last: i64,
    backlog: VecDeque<LedgerLine>,
    behind: bool,
}

impl Stream {
    /// The `seq` after which it goes on.
    pub fn position(&self) -> i64 {
        self.last
    }

    /// The next line, in the order of `seq`, without a gap.
    pub async fn next(&mut self) -> Result<LedgerLine, store::Error> {
        loop {
            if let Some(line) = self.backlog.pop_front() {
                self.last = line.entry.seq;
                return Ok(line);
            }
            if self.behind {
                let (user, last) = (self.watch.user, self.last);
                let page =
                    self.watch.feed.store.read(async move |view| view.entries_after(user, last, PAGE).await);
                self.backlog = page.await?.into();
                self.behind = !self.backlog.is_empty();
                continue;
            }
            match self.watch.news.recv().await {
                Ok(News::Line(line)) if line.entry.seq <= self.last => {}
                Ok(News::Line(line)) if line.entry.seq == self.last + 1 => {
                    self.backlog.push_back((*line).clone());
                }
                Ok(News::Head(head)) if head <= self.last => {}
                Ok(News::Line(_) | News::Head(_)) | Err(_) => self.behind = true,
            }
        }
    }
}

/// Follows a user's ledger from now on, or from the line after `after`.
/// Answers the stream and the `seq` of the newest line so far.
pub async fn follow(
    app: &App,
    caller: &Caller,
    user: UserId,
    after: Option<i64>,
) -> Result<(Stream, i64), ReadError> {
    caller.may_see(user)?;
    // First the place among the watchers, then the look: nothing falls between.
    let watch = app.feed.watch(user);
    let account = app.store.read(async move |view| view.account(user).await).await?;
    let mut head = account.ok_or(ReadError::UserNotFound(user))?.seq;
    if after > Some(head) {
        // She may come from another process, whose last lines are not in the books
        // yet. A transaction has them posted first.
        let account = app.store.write(async move |tx| tx.account(user).await).await?;
        head = account.ok_or(ReadError::UserNotFound(user))?.seq;
    }
    let last = after.map_or(head, |after| after.clamp(0, head));
    Ok((Stream { watch, last, backlog: VecDeque::new(), behind: last < head }, head))
}

/// Follows all purchases from now on. Whoever is too slow misses some: it is a
/// view for an open page, not a record.
pub async fn follow_purchases(
    app: &App,
    caller: &Caller,
) -> Result<broadcast::Receiver<CommittedPurchase>, ReadError> {
    caller.require(domain::Scope::Read)?;
    Ok(app.feed.purchases.follow(&app.store).await?)
}
