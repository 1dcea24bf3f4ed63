//! Rendering: an edit's words as this document would write them.
//!
//! Case pattern of the span, the document's apostrophes, the article before the edit. Everything outside edits is left
//! to the caller, who copies the input's bytes.

use crate::lattice::Prepared;
use crate::lexicon::{Candidate, Lexicon};
use crate::text::{apply_case, pattern_of, Case, CasePattern, Gap, Token, TokenKind};
use std::ops::Range;

/// Which apostrophe a document writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apostrophe {
    /// `'`
    Straight,
    /// U+2019
    Curly,
}

impl Apostrophe {
    /// The apostrophe that `text` uses more often; straight when it uses none.
    pub fn of(text: &str) -> Apostrophe {
        let straight = memchr::memchr_iter(b'\'', text.as_bytes()).count();
        let curly = memchr::memmem::find_iter(text.as_bytes(), "\u{2019}".as_bytes()).count();
        if curly > straight {
            Apostrophe::Curly
        } else {
            Apostrophe::Straight
        }
    }
}

/// The text that replaces the tokens `span` by `candidate`.
pub fn replacement(
    prepared: &Prepared<'_>,
    span: &Range<usize>,
    candidate: &Candidate,
    lexicon: &Lexicon,
    apostrophe: Apostrophe,
) -> String {
    let tokens = &prepared.tokens[span.clone()];
    let phrase = lexicon.text(candidate);
    let mut pattern = pattern_of(prepared.text, tokens);
    if pattern == CasePattern::Upper && tokens.len() == 1 && !shouts_around(prepared, span) && phrase.contains(' ') {
        pattern = CasePattern::Title;
    }
    let out = apply_case(phrase, pattern, pattern == CasePattern::Initial && in_title(prepared, span));
    match apostrophe {
        Apostrophe::Curly => out.replace('\'', "\u{2019}"),
        Apostrophe::Straight => out,
    }
}

/// Whether a capitalised span stands beside other capitalised words of its line, as in a name or a headline.
fn in_title(prepared: &Prepared<'_>, span: &Range<usize>) -> bool {
    let capital = |t: &Token| t.kind == TokenKind::Word && matches!(t.case, Case::Capital | Case::Upper | Case::Mixed);
    let starts = prepared.tokens[span.start].gap == Gap::Sentence;
    let before = !starts && span.start > 0 && capital(&prepared.tokens[span.start - 1]);
    let after = prepared.tokens.get(span.end).is_some_and(|t| t.gap == Gap::Space && capital(t));
    before || (after && !starts)
}

fn shouts_around(prepared: &Prepared<'_>, span: &Range<usize>) -> bool {
    let upper = |i: usize| prepared.tokens.get(i).is_some_and(|t| t.case == Case::Upper && t.end - t.start > 1);
    (span.start > 0 && upper(span.start - 1)) || upper(span.end)
}

/// The indefinite article that `next` asks for, when the one that stands there (`article`) is the other one.
pub fn article_for(article: &str, next: &str) -> Option<&'static str> {
    let wants_an = begins_with_vowel_sound(next);
    match (article, wants_an) {
        ("a", true) => Some("an"),
        ("an", false) => Some("a"),
        ("A", true) => Some("An"),
        ("An", false) => Some("A"),
        ("AN", false) => Some("A"),
        _ => None,
    }
}

/// Whether a word is spoken with a vowel at its start.
fn begins_with_vowel_sound(word: &str) -> bool {
    let first = word.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or("");
    let letters = first.chars().count();
    let spelled = letters > 1 && first.chars().all(|c| c.is_ascii_uppercase()) && !is_pronounceable(first);
    let lower = first.to_lowercase();
    let Some(initial) = lower.chars().next() else { return false };
    if initial.is_ascii_digit() {
        return lower.starts_with('8')
            || lower == "11"
            || lower == "18"
            || lower.starts_with("11,")
            || lower.starts_with("18,");
    }
    if spelled || letters == 1 {
        return "aefhilmnorsx".contains(initial);
    }
    const SILENT_H: &[&str] = &["heir", "honest", "honor", "honour", "hour", "herb"];
    const CONSONANT: &[&str] = &["eu", "ewe", "one", "once", "ubi", "uni", "use", "usu", "uti", "ura", "urin", "uk"];
    if SILENT_H.iter().any(|h| lower.starts_with(h)) {
        return true;
    }
    // "un" + i: unit, union, unique, but "unimportant", "uninformed" keep their vowel.
    let un = ["unim", "unin", "unid", "uniss"].iter().any(|p| lower.starts_with(p));
    if !un && CONSONANT.iter().any(|p| lower.starts_with(p)) {
        return false;
    }
    "aeiou\u{e0}\u{e1}\u{e2}\u{e4}\u{e8}\u{e9}\u{ea}\u{ec}\u{ed}\u{ee}\u{f2}\u{f3}\u{f4}\u{f6}\u{f9}\u{fa}\u{fb}\u{fc}"
        .contains(initial)
}

/// Acronyms that are read as words (NATO, UNESCO) have a vowel beside consonants and more than three letters.
fn is_pronounceable(acronym: &str) -> bool {
    let vowels = acronym.chars().filter(|c| "AEIOU".contains(*c)).count();
    acronym.len() > 3 && vowels >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles() {
        for (article, next, expected) in [
            ("a", "interesting", Some("an")),
            ("an", "separate", Some("a")),
            ("a", "university", None),
            ("an", "university", Some("a")),
            ("a", "hour", Some("an")),
            ("A", "umbrella", Some("An")),
            ("an", "MP", None),
            ("a", "NATO", None),
            ("a", "8-year", Some("an")),
            ("a", "European", None),
            ("a", "unimportant", Some("an")),
            ("the", "interesting", None),
        ] {
            assert_eq!(article_for(article, next), expected, "{article} {next}");
        }
    }

    #[test]
    fn apostrophes() {
        assert_eq!(Apostrophe::of("it\u{2019}s"), Apostrophe::Curly);
        assert_eq!(Apostrophe::of("it's"), Apostrophe::Straight);
        assert_eq!(Apostrophe::of(""), Apostrophe::Straight);
    }
}
