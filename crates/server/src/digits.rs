//! Amounts as text. An answer holds up to a hundred of them, so they are put
//! together on the stack, digit by digit: `core::fmt` takes more than twice as long.

/// The most characters of an amount, its sign and its point included.
const CHARS_MAX: usize = 24;

/// A text of ASCII characters, made from its end to its beginning, as digits are.
pub(crate) struct Digits {
    text: [u8; CHARS_MAX],
    start: usize,
}

impl Digits {
    pub(crate) const fn new() -> Self {
        Self { text: [b'0'; CHARS_MAX], start: CHARS_MAX }
    }

    /// Puts a character in front.
    pub(crate) fn mark(&mut self, character: u8) {
        self.start -= 1;
        self.text[self.start] = character;
    }

    /// Puts a number in front, with zeros up to this width.
    pub(crate) fn number(&mut self, mut number: u64, width: usize) {
        let end = self.start;
        while number > 0 || end - self.start < width {
            self.mark(b"0123456789"[(number % 10) as usize]);
            number /= 10;
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[self.start..]).expect("made of ASCII")
    }
}
