//! What clients send.

use std::fmt;

use domain::UserId;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The longest text that can be a token or a key, in bytes.
const CREDENTIAL_BYTES_MAX: usize = 1_024;

/// The arguments of `emit('register', userId, {after, token}?)`.
#[derive(Debug, PartialEq)]
pub(super) struct Register {
    /// A number or a numeric string; `None` when it is neither.
    pub(super) user: Option<UserId>,
    /// What may be added.
    pub(super) options: Options,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
pub(super) struct Options {
    /// The last line the client has.
    pub(super) after: Option<i64>,
    /// A token, when the handshake had none or an older one.
    pub(super) token: Option<String>,
}

impl Register {
    /// Whether it is worth keeping until its turn comes.
    pub(super) fn is_of_some_size(&self) -> bool {
        self.options.token.as_ref().is_none_or(|token| token.len() <= CREDENTIAL_BYTES_MAX)
    }
}

/// Socket.IO hands over all arguments to a type that reads a tuple. Unlike a
/// tuple this one takes any number of them.
impl<'de> Deserialize<'de> for Register {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(2, Arguments)
    }
}

struct Arguments;

impl<'de> Visitor<'de> for Arguments {
    type Value = Register;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user id and, if needed, {after, token}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut arguments: A) -> Result<Register, A::Error> {
        let user = match arguments.next_element::<Value>()? {
            Some(Value::Number(number)) => number.to_string().parse().ok(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        let options = arguments.next_element::<Option<Options>>()?.flatten().unwrap_or_default();
        while arguments.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Register { user, options })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_arguments_is_read() {
        let read = |json: &str| serde_json::from_str::<Register>(json).ok();
        let of = |user, after| Some(Register { user, options: Options { after, token: None } });
        let seven = Some(UserId::new(7));
        assert_eq!(read("[7]"), of(seven, None));
        assert_eq!(read("[\"7\"]"), of(seven, None));
        assert_eq!(read("[7, null]"), of(seven, None));
        assert_eq!(read("[7, {\"after\": 12}]"), of(seven, Some(12)));
        assert_eq!(read("[7, {\"after\": 12}, \"more\"]"), of(seven, Some(12)));
        for nobody in ["[]", "[7.5]", "[-7]", "[\"x\"]", "[null]", "[[7]]", "[{\"id\": 7}]"] {
            assert_eq!(read(nobody), of(None, None), "{nobody}");
        }
        assert_eq!(read("[7, \"after\"]"), None);
    }
}
