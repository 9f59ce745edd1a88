//! What commands print. Whoever reads it may have seen enough: `banyan export users | head`.

use std::fmt;
use std::io::{self, Write};

use crate::Failure;

/// Prints a line on standard output. It fails when nobody reads on.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::print::line(format_args!($($words)*))
    };
}

/// Prints a line on standard error, for people, if anybody reads it.
macro_rules! note {
    ($($words:tt)*) => {
        $crate::print::aside(format_args!($($words)*))
    };
}

pub(crate) use {note, say};

/// What a shell says of a program that wrote to a pipe that nobody reads: 128 and
/// the number of the signal, SIGPIPE.
pub(crate) const NOBODY_READS: u8 = 141;

pub(crate) fn line(words: fmt::Arguments<'_>) -> Result<(), Failure> {
    Ok(writeln!(io::stdout().lock(), "{words}")?)
}

pub(crate) fn aside(words: fmt::Arguments<'_>) {
    drop(writeln!(io::stderr().lock(), "{words}"));
}

/// Whether a command ended because nobody reads what it prints. All that fails
/// elsewhere has an error of its own kind.
pub(crate) fn nobody_reads(failure: &Failure) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
