//! Case patterns: a spinner copies the case of the original onto its synonym, so the way back copies it again.
//!
//! The pattern is read off the spun words ("White Home": every word capital) and laid over the restored ones. A restored
//! word that the lexicon spells as a name ("USS", "NATO", "Cabinet") keeps its own capitals.

use super::tokenize::{Case, Token, TokenKind};

/// How the words of a span are cased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CasePattern {
    /// "in opposition to"
    Lower,
    /// "In opposition to": a sentence start, or one capitalised word.
    Initial,
    /// "Chilly Struggle"
    Title,
    /// "CHILLY STRUGGLE"
    Upper,
}

/// Small words that stay lower-case inside a title ("Secretary of State").
const SMALL: &[&str] =
    &["a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "nor", "of", "on", "or", "the", "to", "with"];

/// The pattern of the words among `tokens`.
pub fn pattern_of(text: &str, tokens: &[Token]) -> CasePattern {
    let words = || tokens.iter().filter(|t| t.kind == TokenKind::Word);
    let Some(first) = words().next() else { return CasePattern::Lower };
    let letters = |t: &Token| t.of(text).chars().filter(|c| c.is_alphabetic()).count();
    let shouted = words().all(|t| t.case == Case::Upper || (t.case == Case::Capital && letters(t) == 1))
        && words().any(|t| t.case == Case::Upper && letters(t) > 1);
    if shouted {
        return CasePattern::Upper;
    }
    if !matches!(first.case, Case::Capital | Case::Upper | Case::Mixed) {
        return CasePattern::Lower;
    }
    let content = |t: &&Token| !SMALL.contains(&t.of(text).to_lowercase().as_str());
    let mut rest = words().skip(1).filter(content).peekable();
    if rest.peek().is_some() && rest.all(|t| t.case != Case::Lower) {
        CasePattern::Title
    } else {
        CasePattern::Initial
    }
}

/// Lays `pattern` over the words of `phrase` (single spaces, lower case but for names).
///
/// `within_title` says that the neighbours of the span are capitalised too, so that a one-word span turned
/// into several words ("Scenario" -> "State of affairs") is cased as a part of that title.
pub fn apply_case(phrase: &str, pattern: CasePattern, within_title: bool) -> String {
    let capitalised = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
    };
    match pattern {
        CasePattern::Lower => phrase.to_string(),
        CasePattern::Upper => phrase.to_uppercase(),
        CasePattern::Initial if !within_title => capitalised(phrase),
        CasePattern::Initial | CasePattern::Title => {
            let mut out = String::with_capacity(phrase.len() + 2);
            for (i, word) in phrase.split(' ').enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                if i > 0 && SMALL.contains(&word) {
                    out.push_str(word);
                } else {
                    out.push_str(&capitalised(word));
                }
            }
            out
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokenize::tokenize;
    use super::*;

    #[test]
    fn patterns() {
        for (text, expected) in [
            ("in opposition to", CasePattern::Lower),
            ("In opposition to", CasePattern::Initial),
            ("Chilly Struggle", CasePattern::Title),
            ("Institute of Grants", CasePattern::Title),
            ("CHILLY STRUGGLE", CasePattern::Upper),
            ("A LOT", CasePattern::Upper),
            ("A", CasePattern::Initial),
            ("Home", CasePattern::Initial),
        ] {
            assert_eq!(pattern_of(text, &tokenize(text).tokens), expected, "{text}");
        }
    }

    #[test]
    fn laying_over() {
        assert_eq!(apply_case("cold war", CasePattern::Title, false), "Cold War");
        assert_eq!(apply_case("against", CasePattern::Initial, false), "Against");
        assert_eq!(apply_case("state of affairs", CasePattern::Initial, true), "State of Affairs");
        assert_eq!(apply_case("USS", CasePattern::Lower, false), "USS");
        assert_eq!(apply_case("\u{df}", CasePattern::Upper, false), "SS");
    }
}
