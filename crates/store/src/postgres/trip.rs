//! One trip to the database and back, for as many statements as there are.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::{Error, Row};

use super::transaction::Values;

/// A statement, and what to bind.
pub(super) type Asked<'a> = (&'static str, Values<'a>);

/// Asks all of this, and lastly gives the command that ends it, before it waits
/// for the first answer. Answers the rows of each, or the first error; nothing
/// when one of them took longer than `within`, counted from the one before.
pub(super) async fn ask(
    client: &ClientWrapper,
    asked: &[Asked<'_>],
    end: Option<&'static str>,
    within: Duration,
) -> Option<Answer<Vec<Vec<Row>>>> {
    let mut statements = Vec::with_capacity(asked.len());
    for (sql, _) in asked {
        // Only the first time does it have to be prepared.
        match timeout(within, client.prepare_cached(sql)).await.ok()? {
            Ok(statement) => statements.push(statement),
            Err(error) => return Some(Err(error)),
        }
    }
    let mut sent = Vec::with_capacity(asked.len() + 1);
    for (statement, (_, values)) in statements.iter().zip(asked) {
        match Sent::now(client.query(statement, values)) {
            // It did not go out, so neither may what follows it.
            Sent::Answered(Err(error)) => return Some(Err(error)),
            on_its_way => sent.push(on_its_way),
        }
    }
    if let Some(end) = end {
        sent.push(Sent::now(async move { client.batch_execute(end).await.map(|()| Vec::new()) }));
    }
    let mut answers = Vec::with_capacity(sent.len());
    for sent in sent {
        match timeout(within, sent.answer()).await.ok()? {
            Ok(rows) => answers.push(rows),
            Err(error) => return Some(Err(error)),
        }
    }
    Some(Ok(answers))
}

type Answer<T> = Result<T, Error>;

/// A statement on its way.
enum Sent<'a> {
    Asking(Pin<Box<dyn Future<Output = Answer<Vec<Row>>> + 'a>>),
    Answered(Answer<Vec<Row>>),
}

impl<'a> Sent<'a> {
    /// Looking for the answer once sends the statement.
    fn now(asking: impl Future<Output = Answer<Vec<Row>>> + 'a) -> Self {
        let mut asking: Pin<Box<dyn Future<Output = _> + 'a>> = Box::pin(asking);
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Self::Answered(answer),
            Poll::Pending => Self::Asking(asking),
        }
    }

    async fn answer(self) -> Answer<Vec<Row>> {
        match self {
            Self::Asking(asking) => asking.await,
            Self::Answered(answer) => answer,
        }
    }
}
