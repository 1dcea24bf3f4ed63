//! What a character is to the tokenizer: one table for ASCII, Unicode's own properties for the rest.

/// Class bits of a byte.
pub(crate) const LETTER: u8 = 1;
pub(crate) const UPPER: u8 = 2;
pub(crate) const DIGIT: u8 = 4;
pub(crate) const SPACE: u8 = 8;
/// Bytes that may make a chunk a URL, an address, a path or an identifier.
pub(crate) const SUSPECT: u8 = 16;
pub(crate) const HIGH: u8 = 32;

const fn build() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut b = 0usize;
    while b < 256 {
        let c = b as u8;
        table[b] = match c {
            b'a'..=b'z' => LETTER,
            b'A'..=b'Z' => LETTER | UPPER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => SPACE,
            b':' | b'@' | b'#' | b'/' | b'\\' | b'_' | b'.' | b'<' | b'`' | b'(' | b'{' | b'=' => SUSPECT,
            0x80..=0xff => HIGH,
            _ => 0,
        };
        b += 1;
    }
    table
}

/// Class bits by byte.
pub(crate) static CLASS: [u8; 256] = build();

/// The character that starts at byte `at`, and its length. `at` must be a character boundary inside `text`.
pub(crate) fn char_at(text: &str, at: usize) -> (char, usize) {
    let c = text[at..].chars().next().unwrap_or('\u{fffd}');
    (c, c.len_utf8())
}

/// Letters and the marks that ride on them.
pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_mark(c)
}

/// Combining marks that belong to the letter before them (the common blocks), and joiners inside words.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{200c}' | '\u{200d}' | '\u{ad}')
}

/// The apostrophes that occur inside English words.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}')
}

/// Marks that end a sentence.
pub(crate) fn is_final(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '\u{2026}')
}

/// Marks that may stand between a full stop and the space after the sentence.
pub(crate) fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']' | '}' | '\u{201d}' | '\u{2019}' | '\u{bb}')
}
