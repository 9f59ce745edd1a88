//! Enums whose values have a name on the wire, in files and in the database.

/// Gives each value its one name, both ways: `name`, `Display` and `FromStr`,
/// with an error type for texts that name none.
macro_rules! named {
    ($type:ident, $unknown:ident, $message:literal, { $($value:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The value's name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $name,)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $unknown;

            fn from_str(text: &str) -> Result<Self, $unknown> {
                match text {
                    $($name => Ok(Self::$value),)+
                    _ => Err($unknown),
                }
            }
        }

        #[doc = concat!("The text names no [`", stringify!($type), "`].")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error($message)]
        pub struct $unknown;
    };
}

pub(crate) use named;
