//! Passwords, for members who want one.

mod argon2id;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Passwords hashed at a time. Each takes 19 MiB and a core for some
/// hundredths of a second.
const AT_ONCE: usize = 2;

/// How long a password waits for its turn, when some hundreds are before it.
const PATIENCE: Duration = Duration::from_secs(15);

/// A password as it was typed: 8 to 128 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl FromStr for Password {
    type Err = WeakPassword;

    fn from_str(text: &str) -> Result<Self, WeakPassword> {
        if !(8..=128).contains(&text.chars().count()) {
            return Err(WeakPassword);
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The text cannot be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 8 to 128 characters")]
pub struct WeakPassword;

/// Hashes and checks passwords, away from the threads that answer requests.
#[derive(Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// So many passwords are being hashed that one more would wait for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more people register and sign in at this moment than can be served")]
pub struct Crowded;

impl Passwords {
    /// An argon2id hash in PHC form, with a salt of its own.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, Crowded> {
        self.run(move || argon2id::hash(&password.0)).await
    }

    /// Whether the password belongs to the hash. Without a hash the answer is
    /// no, after as much work.
    pub(crate) async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, Crowded> {
        self.run(move || {
            let right = argon2id::matches(&password, hash.as_deref().unwrap_or(&argon2id::NOBODYS));
            hash.is_some() && right
        })
        .await
    }

    #[expect(clippy::disallowed_methods, reason = "hashing holds a core for tens of milliseconds")]
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Crowded> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned());
        let permit = turn.await.map_err(|_| Crowded)?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        Ok(done.await.expect("hashing does not panic"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_password_whose_turn_does_not_come_is_sent_away() {
        let passwords = Passwords::default();
        let all = Arc::clone(&passwords.0).acquire_many_owned(AT_ONCE.try_into().unwrap()).await;
        let password = || "correct horse".parse::<Password>().unwrap();
        assert_eq!(passwords.hash(password()).await, Err(Crowded));
        assert_eq!(passwords.matches("correct horse".into(), None).await, Err(Crowded));
        drop(all);
        assert!(passwords.hash(password()).await.is_ok(), "and who comes later is served");
    }
}
