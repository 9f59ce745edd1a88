//! All purchases as they are recorded, for the owner's open page: a view, not a
//! record.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Name, Purchase, PurchaseId};
use store::Store;
use tokio::sync::broadcast;

/// Purchases kept for somebody who watches; past that some are skipped.
const BACKLOG: usize = 256;

/// Purchases that are looked up when another process has written.
const PAGE: usize = 100;

/// Purchases of which it is remembered that they were told.
const REMEMBERED: usize = 1_000;

/// A purchase and the name of its buyer, as they were committed.
pub type CommittedPurchase = Arc<(Purchase, Name)>;

/// Hands committed purchases to whoever watches all of them.
#[derive(Debug)]
pub(super) struct Purchases {
    news: broadcast::Sender<CommittedPurchase>,
    told: Mutex<Told>,
}

/// What is no news any more: the ids up to one, and some beyond it. Nodes do not
/// record in the order of ids.
#[derive(Debug, Default)]
struct Told {
    up_to: i64,
    beyond: BTreeSet<i64>,
}

impl Purchases {
    pub(super) fn new() -> Self {
        Self { news: broadcast::channel(BACKLOG).0, told: Mutex::default() }
    }

    /// Every purchase from now on.
    pub(super) async fn follow(
        &self,
        store: &Store,
    ) -> Result<broadcast::Receiver<CommittedPurchase>, store::Error> {
        let first = !self.is_watched();
        let news = self.news.subscribe();
        if first {
            let newest = store.read(async move |view| view.purchases_page(None, 1).await).await?;
            let newest = newest.first().map_or(0, |(purchase, _)| purchase.id.get());
            *self.told() = Told { up_to: newest, ..Told::default() };
        }
        Ok(news)
    }

    /// Tells those who watch what this node has recorded.
    pub(super) fn publish(&self, purchases: Vec<(Purchase, Name)>) {
        if !self.is_watched() {
            return;
        }
        let mut told = self.told();
        for purchase in purchases {
            if told.is_news(purchase.0.id) {
                // Nobody there any more is no failure.
                drop(self.news.send(Arc::new(purchase)));
            }
        }
    }

    /// Looks up what other processes have recorded, and tells those who watch.
    pub(super) async fn look_again(&self, store: &Store) -> Result<(), store::Error> {
        if self.is_watched() {
            let mut newest = store.read(async move |view| view.purchases_page(None, PAGE).await).await?;
            newest.reverse();
            self.publish(newest);
        }
        Ok(())
    }

    fn is_watched(&self) -> bool {
        self.news.receiver_count() > 0
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// Whether this is told for the first time.
    fn is_news(&mut self, purchase: PurchaseId) -> bool {
        let id = purchase.get();
        let news = id > self.up_to && self.beyond.insert(id);
        if self.beyond.len() > REMEMBERED
            && let Some(oldest) = self.beyond.pop_first()
        {
            self.up_to = oldest;
        }
        news
    }
}
