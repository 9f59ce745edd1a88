//! Access tokens: JWT (RFC 7519), HS256 and nothing else, one issuer, one
//! audience.

use std::fmt;
use std::str::FromStr;

use domain::{Scope, SessionId, SignIn, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use store::NewSession;

use crate::{App, Caller, ReadError};

const ISSUER: &str = "banyan";
const AUDIENCE: &str = "banyan";

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A member.
    Member(UserId),
    /// The owner.
    Admin,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(user) => write!(f, "member:{user}"),
            Self::Admin => f.write_str("admin"),
        }
    }
}

impl Subject {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("member:") {
            Some(user) => user.parse().ok().map(Self::Member),
            None => (text == "admin").then_some(Self::Admin),
        }
    }
}

/// How long a token is good for: from a second to 30 days.
///
/// ```
/// use app::access::Ttl;
///
/// assert_eq!("90s".parse::<Ttl>().unwrap().seconds(), 90);
/// assert_eq!("12h".parse::<Ttl>().unwrap().seconds(), 12 * 60 * 60);
/// assert!("31d".parse::<Ttl>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ttl(i64);

impl Ttl {
    /// What a member gets when she registers or signs in: a day.
    pub const MEMBER: Self = Self(24 * 60 * 60);
    /// What a sign-in link for the owner is good for: half an hour.
    pub const ADMIN: Self = Self(30 * 60);

    /// The longest there is: thirty days.
    pub const LONGEST: Self = Self(30 * 24 * 60 * 60);

    /// The time in seconds.
    pub const fn seconds(self) -> i64 {
        self.0
    }
}

impl FromStr for Ttl {
    type Err = InvalidTtl;

    fn from_str(text: &str) -> Result<Self, InvalidTtl> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidTtl)?;
        let (count, unit) = text.split_at(unit_at);
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return Err(InvalidTtl),
        };
        let seconds = count.parse::<i64>().ok().and_then(|count| count.checked_mul(unit));
        seconds.filter(|s| (1..=Self::LONGEST.0).contains(s)).map(Self).ok_or(InvalidTtl)
    }
}

/// The text is not a [`Ttl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number with s, m, h or d, from \"1s\" to \"30d\", such as \"30m\"")]
pub struct InvalidTtl;

/// A token that was verified, or just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What travels.
    pub text: String,
    /// Whom it speaks for.
    pub subject: Subject,
    /// The session it belongs to and ends with. Tokens of earlier releases have none.
    pub session: Option<Session>,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    /// Nothing of ours has it, and whoever says so is heeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_by: Option<String>,
}

/// What a token says of the sign-in that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// How it began.
    pub made_by: SignIn,
}

impl Session {
    fn read(claims: &Claims) -> Option<Self> {
        let (id, made_by) = claims.sid.as_deref().zip(claims.made_by.as_deref())?;
        Some(Self { id: id.parse().ok()?, made_by: made_by.parse().ok()? })
    }
}

/// The key that signs and verifies access tokens.
pub struct TokenKey {
    signing: EncodingKey,
    verifying: DecodingKey,
    rules: Validation,
}

impl TokenKey {
    /// The fewest bytes a key may have: as many as SHA-256 gives (RFC 7518, 3.2).
    pub const MIN_BYTES: usize = 32;

    /// The key made of these bytes, or `None` when they are too few.
    pub fn new(secret: &[u8]) -> Option<Self> {
        if secret.len() < Self::MIN_BYTES {
            return None;
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Expiry is compared with the application's clock, not the machine's.
        rules.validate_exp = false;
        Some(Self {
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            rules,
        })
    }

    /// A token for `subject`. The same arguments make the same token.
    pub fn mint(&self, subject: Subject, session: Session, issued_at: Timestamp, ttl: Ttl) -> Token {
        let iat = issued_at.millis().div_euclid(1000);
        let exp = expiry(issued_at, ttl);
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: subject.to_string(),
            iat,
            exp,
            nbf: None,
            sid: Some(session.id.to_string()),
            made_by: Some(session.made_by.to_string()),
        };
        let text = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing);
        let text = text.expect("plain claims and a symmetric key always encode");
        let expires_at = Timestamp::from_millis(exp.saturating_mul(1000));
        Token { text, subject, session: Some(session), expires_at }
    }

    /// The token, when it was signed with this key, has begun and has not expired.
    pub fn verify(&self, text: &str, now: Timestamp) -> Option<Token> {
        let decoded = jsonwebtoken::decode::<Claims>(text, &self.verifying, &self.rules).ok()?;
        // What has to be understood is nothing that we know (RFC 7515, 4.1.11).
        if decoded.header.crit.is_some() {
            return None;
        }
        let claims = decoded.claims;
        let expires_at = Timestamp::from_millis(claims.exp.checked_mul(1000)?);
        let begins_at = Timestamp::from_millis(claims.nbf.unwrap_or(0).checked_mul(1000)?);
        if now < begins_at || expires_at <= now {
            return None;
        }
        let (subject, session) = (Subject::parse(&claims.sub)?, Session::read(&claims));
        // What names a session that cannot be read could never be ended.
        if session.is_none() && claims.sid.is_some() {
            return None;
        }
        Some(Token { text: text.to_owned(), subject, session, expires_at })
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// Mints an access token for a member, so that the shop's own backend can sign
/// its customers in.
pub async fn mint_member_token(
    app: &App,
    caller: &Caller,
    user: UserId,
    ttl: Ttl,
) -> Result<Token, ReadError> {
    caller.require(Scope::UsersWrite)?;
    let made_by = match caller {
        Caller::Service { .. } => SignIn::Service,
        Caller::Anonymous | Caller::Member(_) | Caller::Admin => SignIn::Owner,
    };
    let (token, new) = draft(app, Subject::Member(user), made_by, ttl);
    app.store
        .write(async move |tx| {
            tx.member(user).await?.ok_or(ReadError::UserNotFound(user))?;
            Ok::<_, ReadError>(tx.insert_session(&new).await?)
        })
        .await?;
    Ok(token)
}

/// Mints the token of a sign-in link for the owner.
pub async fn mint_admin_token(app: &App, caller: &Caller, ttl: Ttl) -> Result<Token, ReadError> {
    caller.require(Scope::Admin)?;
    Ok(begin_session(app, Subject::Admin, SignIn::Owner, ttl).await?)
}

/// Begins a session, and answers its token.
pub(crate) async fn begin_session(
    app: &App,
    subject: Subject,
    made_by: SignIn,
    ttl: Ttl,
) -> Result<Token, store::Error> {
    let (token, new) = draft(app, subject, made_by, ttl);
    app.store.write(async move |tx| tx.insert_session(&new).await).await?;
    Ok(token)
}

/// The session of a member who registers. It follows from who she is, so that a
/// registration that is sent again gets the same token.
pub(crate) fn of_registration(user: UserId, made_by: SignIn, joined_at: Timestamp) -> NewSession {
    let session = Session { id: SessionId::of_registration(user), made_by };
    new_session(Subject::Member(user), session, joined_at, Ttl::MEMBER)
}

/// The token of such a session.
pub(crate) fn token_of_registration(app: &App, user: UserId, made_by: SignIn, joined_at: Timestamp) -> Token {
    let session = Session { id: SessionId::of_registration(user), made_by };
    app.tokens.mint(Subject::Member(user), session, joined_at, Ttl::MEMBER)
}

/// A token, and its session, which is yet to be written.
fn draft(app: &App, subject: Subject, made_by: SignIn, ttl: Ttl) -> (Token, NewSession) {
    let mut chance = [0; 16];
    app.fill(&mut chance);
    let (session, now) = (Session { id: SessionId::new(chance), made_by }, app.now());
    (app.tokens.mint(subject, session, now, ttl), new_session(subject, session, now, ttl))
}

fn new_session(subject: Subject, session: Session, made_at: Timestamp, ttl: Ttl) -> NewSession {
    let user = match subject {
        Subject::Member(user) => Some(user),
        Subject::Admin => None,
    };
    let Session { id, made_by } = session;
    let expires_at = Timestamp::from_millis(expiry(made_at, ttl).saturating_mul(1000));
    NewSession { id, user, made_by, made_at, expires_at }
}

/// When a token expires, in seconds since 1970.
fn expiry(issued_at: Timestamp, ttl: Ttl) -> i64 {
    issued_at.millis().div_euclid(1000).saturating_add(ttl.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn key() -> TokenKey {
        TokenKey::new(&[7; 32]).unwrap()
    }

    fn forge(header: &Header, claims: &serde_json::Value, secret: &[u8]) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn claims() -> serde_json::Value {
        serde_json::json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "member:42", "iat": 0, "exp": 1_800_000_060})
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let session = Session { id: SessionId::new([7; 16]), made_by: SignIn::Service };
        for subject in [Subject::Member(UserId::new(42)), Subject::Admin] {
            let token = key().mint(subject, session, NOW, Ttl::ADMIN);
            assert_eq!(key().verify(&token.text, NOW), Some(token.clone()));
            assert_eq!(key().verify(&token.text, token.expires_at.plus_millis(-1)), Some(token.clone()));
            assert_eq!(key().verify(&token.text, token.expires_at), None);
        }
    }

    #[test]
    fn nothing_else_opens() {
        let good = forge(&Header::new(Algorithm::HS256), &claims(), &[7; 32]);
        let known = key().verify(&good, NOW).expect("the forger knows how, and lacks only the key");
        assert_eq!(known.session, None, "it is a token of an earlier release");

        let mut refused = vec![
            forge(&Header::new(Algorithm::HS256), &claims(), &[8; 32]),
            forge(&Header::new(Algorithm::HS384), &claims(), &[7; 32]),
            forge(&Header::new(Algorithm::HS512), &claims(), &[7; 32]),
            String::new(),
            "a.b.c".into(),
            good.trim_end_matches(|c| c != '.').into(),
            format!("{good}A"),
        ];
        // The header of a token without a signature, over good claims.
        let (_, rest) = good.split_once('.').unwrap();
        let (payload, _) = rest.split_once('.').unwrap();
        refused.push(format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}."));
        for (claim, value) in [
            ("sid", "7"),
            ("iss", "somebody"),
            ("aud", "somebody"),
            ("sub", "member:-1"),
            ("sub", "root"),
            ("exp", "tomorrow"),
            ("nbf", "today"),
        ] {
            let mut claims = claims();
            claims[claim] = value.into();
            refused.push(forge(&Header::new(Algorithm::HS256), &claims, &[7; 32]));
        }
        let mut early = claims();
        early["nbf"] = (NOW.millis() / 1000 + 1).into();
        refused.push(forge(&Header::new(Algorithm::HS256), &early, &[7; 32]));
        for critical in [vec![], vec!["b64".to_owned()]] {
            let header = Header { crit: Some(critical), ..Header::new(Algorithm::HS256) };
            refused.push(forge(&header, &claims(), &[7; 32]));
        }
        for claim in ["iss", "aud", "sub", "exp"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(claim);
            refused.push(forge(&Header::new(Algorithm::HS256), &claims, &[7; 32]));
        }
        for token in refused {
            assert_eq!(key().verify(&token, NOW), None, "{token}");
        }
    }

    #[test]
    fn a_token_that_says_when_it_begins_opens_from_then_on() {
        let mut claims = claims();
        claims["nbf"] = (NOW.millis() / 1000).into();
        let token = forge(&Header::new(Algorithm::HS256), &claims, &[7; 32]);
        assert!(key().verify(&token, NOW).is_some());
        assert_eq!(key().verify(&token, NOW.plus_millis(-1)), None);
    }

    #[test]
    fn a_short_key_is_no_key() {
        assert!(TokenKey::new(&[7; 31]).is_none());
    }
}
