//! How often strangers may knock.

mod buckets;

use std::time::Duration;

use domain::Email;
use tokio::time::Instant;

use self::buckets::Buckets;
use crate::problem::Problem;
use crate::proxies::Client;

/// Registrations from one address at once. An office or a hostel may share one.
const REGISTRATIONS_AT_ONCE: u32 = 300;

/// Registrations from one address in the long run: few enough that guessing
/// referral codes is hopeless (86,400 a day against 2^50 codes).
const REGISTRATIONS_PER_MINUTE: u32 = 60;

/// Looks at referral codes from one address, by the interface or by opening an
/// invitation: as hopeless a way to guess them.
const CODES_AT_ONCE: u32 = REGISTRATIONS_AT_ONCE;
const CODES_PER_MINUTE: u32 = REGISTRATIONS_PER_MINUTE;

/// Sign-ins that fail from one address.
const FAILURES_PER_MINUTE: u32 = 30;

/// Those of them that are for one account.
const FAILURES_OF_PAIR_PER_MINUTE: u32 = 10;

/// Sign-ins that fail for one account, from anywhere, before the next ones are
/// delayed. They are never refused: others would keep its owner out.
const FAILURES_OF_ACCOUNT_PER_HOUR: u32 = 100;

/// By how much more each further one delays the next.
const DELAY_STEP: Duration = Duration::from_millis(50);

/// How many of those there can be: five seconds.
const DELAY_STEPS_MAX: u32 = 100;

/// Whom somebody signs in as. Whatever is no address shares one allowance.
type Account = Option<Email>;

/// The limits of the open routes.
#[derive(Debug)]
pub struct RateLimits {
    registrations: Buckets<Client>,
    codes: Buckets<Client>,
    failures: Buckets<Client>,
    failures_of_pairs: Buckets<(Client, Account)>,
    failures_of_accounts: Buckets<Account>,
}

impl Default for RateLimits {
    fn default() -> Self {
        let (pairs, accounts) = (FAILURES_OF_PAIR_PER_MINUTE, FAILURES_OF_ACCOUNT_PER_HOUR);
        Self {
            registrations: Buckets::per_minute(REGISTRATIONS_AT_ONCE, REGISTRATIONS_PER_MINUTE),
            codes: Buckets::per_minute(CODES_AT_ONCE, CODES_PER_MINUTE),
            failures: Buckets::per_minute(FAILURES_PER_MINUTE, FAILURES_PER_MINUTE),
            failures_of_pairs: Buckets::per_minute(pairs, pairs),
            failures_of_accounts: Buckets::per_hour(accounts + DELAY_STEPS_MAX, accounts),
        }
    }
}

impl RateLimits {
    /// Passes a registration from this address, or says when to come back.
    pub(crate) fn registration(&self, peer: Client) -> Result<(), Problem> {
        self.registrations.put(peer, Instant::now()).map_err(too_many).map(drop)
    }

    /// Passes a look at a referral code from this address.
    pub(crate) fn look_at_code(&self, peer: Client) -> Result<(), Problem> {
        self.codes.put(peer, Instant::now()).map_err(too_many).map(drop)
    }

    /// Passes a sign-in from this address with this e-mail.
    pub(crate) fn sign_in(&self, peer: Client, email: &str) -> Result<Attempt<'_>, Problem> {
        let (now, account) = (Instant::now(), email.parse::<Email>().ok());
        self.failures.put(peer, now).map_err(too_many)?;
        self.failures_of_pairs.put((peer, account.clone()), now).map_err(too_many)?;
        let failures = self.failures_of_accounts.put(account.clone(), now);
        let steps = failures.map_or(DELAY_STEPS_MAX, |f| f.saturating_sub(FAILURES_OF_ACCOUNT_PER_HOUR));
        Ok(Attempt { limits: self, peer, account, delay: DELAY_STEP * steps })
    }
}

/// A sign-in under way. It counts as one that failed until it is known to be none, or
/// many at once would all come before the first has failed.
#[must_use]
pub(crate) struct Attempt<'a> {
    limits: &'a RateLimits,
    peer: Client,
    account: Account,
    /// How long it has to wait before it is looked at.
    pub(crate) delay: Duration,
}

impl Attempt<'_> {
    /// Takes note that it did not fail by anybody's fault.
    pub(crate) fn forgive(self) {
        self.limits.failures.take_back(&self.peer);
        self.limits.failures_of_accounts.take_back(&self.account);
        self.limits.failures_of_pairs.take_back(&(self.peer, self.account));
    }
}

fn too_many(wait: Duration) -> Problem {
    let seconds = wait.as_secs() + 1;
    Problem::rate_limited(format!("Too many attempts. Try again in {seconds} s."), seconds)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn at(address: u32) -> Client {
        Client(IpAddr::V4(Ipv4Addr::from_bits(address)))
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_many_fail_at_asks_for_some_patience_and_is_never_closed() {
        let limits = RateLimits::default();
        let delay = |address| limits.sign_in(at(address), "asha@example.com").expect("it is open").delay;
        for address in 1..=100 {
            assert_eq!(delay(address), Duration::ZERO, "the {address}th failure");
        }
        assert_eq!((delay(101), delay(102)), (DELAY_STEP, 2 * DELAY_STEP));
        for address in 103..10_000 {
            assert!(delay(address) <= Duration::from_secs(5));
        }
        assert_eq!(delay(10_000), Duration::from_secs(5));
        let other = limits.sign_in(at(1), "bina@example.com").expect("it is open");
        assert_eq!(other.delay, Duration::ZERO);
        tokio::time::advance(Duration::from_hours(2)).await;
        assert_eq!(delay(1), Duration::ZERO, "all is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_fail_uses_nothing_up() {
        let limits = RateLimits::default();
        for _ in 0..1_000 {
            let attempt = limits.sign_in(at(1), "asha@example.com").expect("it is open");
            assert_eq!(attempt.delay, Duration::ZERO);
            attempt.forgive();
        }
    }
}
