//! Passwords, for members who want one. Argon2id with the parameters that
//! OWASP's password storage cheat sheet names first for 19 MiB.

use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Passwords hashed at a time. Each takes 19 MiB and a core for some
/// hundredths of a second.
const AT_ONCE: usize = 2;

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

impl Passwords {
    /// An argon2id hash in PHC form, with a salt of its own.
    pub(crate) async fn hash(&self, password: Password) -> String {
        self.run(move || hash(&password.0)).await
    }

    /// Whether the password belongs to the hash. Without a hash the answer is
    /// no, after as much work.
    pub(crate) async fn matches(&self, password: String, hash: Option<String>) -> bool {
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(&NOBODYS);
            let parsed = PasswordHash::new(hash);
            let right = parsed
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            known && right
        })
        .await
    }

    #[expect(clippy::disallowed_methods, reason = "hashing holds a core for tens of milliseconds")]
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let permit = Arc::clone(&self.0).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.expect("hashing does not panic")
    }
}

/// The hash that a sign-in with an unknown address is checked against.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("nobody's password"));

fn hash(password: &str) -> String {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.expect("the default parameters are valid").to_string()
}
