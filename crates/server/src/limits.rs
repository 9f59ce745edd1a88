//! How often strangers may knock.

use std::hash::Hash;
use std::num::NonZeroU32;

use axum::http::StatusCode;
use domain::Email;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::problem::Problem;
use crate::proxies::Client;

/// Registrations from one address at once. An office or a hostel may share one.
const REGISTRATIONS_AT_ONCE: NonZeroU32 = NonZeroU32::new(300).unwrap();

/// Registrations from one address in the long run: few enough that guessing
/// referral codes is hopeless (86,400 a day against 2^50 codes).
const REGISTRATIONS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Looks at referral codes from one address, by the interface or by opening an
/// invitation: as hopeless a way to guess them.
const CODES_AT_ONCE: NonZeroU32 = REGISTRATIONS_AT_ONCE;
const CODES_PER_MINUTE: NonZeroU32 = REGISTRATIONS_PER_MINUTE;

/// Sign-ins from one address.
const SIGN_INS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Sign-ins with one e-mail address, from anywhere.
const SIGN_INS_PER_ACCOUNT_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Keys remembered before those that have recovered are forgotten.
const KEYS_KEPT: usize = 10_000;

/// The limits of the open routes.
#[derive(Debug)]
pub struct RateLimits {
    registrations: DefaultKeyedRateLimiter<Client>,
    codes: DefaultKeyedRateLimiter<Client>,
    sign_ins: DefaultKeyedRateLimiter<Client>,
    sign_ins_by_account: DefaultKeyedRateLimiter<Option<Email>>,
}

impl Default for RateLimits {
    fn default() -> Self {
        let registrations = Quota::per_minute(REGISTRATIONS_PER_MINUTE).allow_burst(REGISTRATIONS_AT_ONCE);
        let codes = Quota::per_minute(CODES_PER_MINUTE).allow_burst(CODES_AT_ONCE);
        Self {
            registrations: RateLimiter::keyed(registrations),
            codes: RateLimiter::keyed(codes),
            sign_ins: RateLimiter::keyed(Quota::per_minute(SIGN_INS_PER_MINUTE)),
            sign_ins_by_account: RateLimiter::keyed(Quota::per_minute(SIGN_INS_PER_ACCOUNT_PER_MINUTE)),
        }
    }
}

impl RateLimits {
    /// Passes a registration from this address, or says when to come back.
    pub(crate) fn registration(&self, peer: Client) -> Result<(), Problem> {
        check(&self.registrations, &peer)
    }

    /// Passes a look at a referral code from this address.
    pub(crate) fn look_at_code(&self, peer: Client) -> Result<(), Problem> {
        check(&self.codes, &peer)
    }

    /// Passes a sign-in from this address with this e-mail.
    pub(crate) fn sign_in(&self, peer: Client, email: &str) -> Result<(), Problem> {
        check(&self.sign_ins, &peer)?;
        // Whatever is no address shares one allowance.
        check(&self.sign_ins_by_account, &email.parse().ok())
    }
}

fn check<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Problem> {
    if limiter.len() > KEYS_KEPT {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let detail = format!("Too many attempts. Try again in {seconds} s.");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests", detail)
            .retry_after(seconds)
    })
}
