//! Numbers of things, as people write them.

use std::fmt;

/// So many of something that is called this, one or several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted(pub(crate) u64, pub(crate) [&'static str; 2]);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, [one, several]) = self;
        write!(f, "{number} {}", if *number == 1 { one } else { several })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_others_are_several() {
        let errors = |number| Counted(number, ["error", "errors"]).to_string();
        assert_eq!([0, 1, 2].map(errors), ["0 errors", "1 error", "2 errors"]);
    }
}
