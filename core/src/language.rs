//! Is this sentence English prose? Passages in other languages and lines of code are never touched.
//!
//! Function words settle it: every sentence of some length has them, and each language has its own. A sentence counts as foreign when
//! the function words of another language outnumber the English ones, or when most of its words are unknown to the language
//! model and none is an English function word.

use crate::text::{lower_into, Case, Gap, Token, TokenKind};
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

const ENGLISH: &[&str] = &[
    "a", "about", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "do", "for", "from", "had", "has",
    "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "may", "more", "my", "no", "not",
    "of", "on", "or", "our", "out", "said", "she", "so", "than", "that", "the", "their", "them", "there", "these",
    "they", "this", "to", "up", "was", "we", "were", "what", "when", "which", "who", "will", "with", "would", "you",
    "your",
];

/// Function words of German, Dutch, Scandinavian, Romance, Slavic and other languages that are not English words too.
const FOREIGN: &[&str] = &[
    "\u{e0}",
    "\u{e4}r",
    "\u{e7}ok",
    "\u{e8}",
    "\u{e9}",
    "\u{eb}",
    "\u{f8}r",
    "\u{fc}ber",
    "aan",
    "aber",
    "af",
    "als",
    "au",
    "auch",
    "auf",
    "aus",
    "aux",
    "av",
    "avec",
    "bei",
    "bij",
    "bir",
    "c'est",
    "che",
    "como",
    "d'un",
    "d'une",
    "da",
    "dans",
    "das",
    "dass",
    "de",
    "del",
    "della",
    "delle",
    "dem",
    "den",
    "dengan",
    "der",
    "des",
    "det",
    "deze",
    "di",
    "dla",
    "dos",
    "du",
    "een",
    "ein",
    "eine",
    "einem",
    "einen",
    "einer",
    "el",
    "elle",
    "em",
    "en",
    "entre",
    "er",
    "es",
    "est",
    "esta",
    "este",
    "estos",
    "et",
    "ett",
    "f\u{fc}r",
    "geen",
    "haben",
    "hat",
    "het",
    "ich",
    "ik",
    "ikke",
    "il",
    "ile",
    "ils",
    "ist",
    "j'ai",
    "jag",
    "jako",
    "je",
    "jest",
    "jsou",
    "ke",
    "keine",
    "la",
    "las",
    "le",
    "les",
    "leur",
    "lo",
    "los",
    "m\u{e1}s",
    "mais",
    "mit",
    "n\u{e3}o",
    "naar",
    "nach",
    "nel",
    "nicht",
    "nie",
    "niet",
    "noch",
    "nos",
    "nous",
    "nuestro",
    "o\u{f9}",
    "och",
    "oder",
    "og",
    "om",
    "onder",
    "ook",
    "oraz",
    "os",
    "ou",
    "p\u{e5}",
    "paa",
    "par",
    "para",
    "pas",
    "pela",
    "pero",
    "por",
    "przez",
    "qu'il",
    "que",
    "qui",
    "quod",
    "s'est",
    "s\u{105}",
    "s\u{e3}o",
    "se",
    "sed",
    "ses",
    "si\u{119}",
    "sich",
    "sie",
    "sind",
    "sobre",
    "som",
    "sono",
    "sont",
    "su",
    "sua",
    "sue",
    "sur",
    "til",
    "uit",
    "um",
    "uma",
    "un",
    "una",
    "und",
    "une",
    "uno",
    "untuk",
    "ve",
    "vom",
    "von",
    "voor",
    "vous",
    "werden",
    "wie",
    "wir",
    "wird",
    "yang",
    "ze",
    "zijn",
    "zu",
    "zum",
    "zur",
];

static FOREIGN_SET: LazyLock<FxHashSet<&str>> = LazyLock::new(|| FOREIGN.iter().copied().collect());

/// Whether the words among `tokens` read as English. `known` says which tokens the language model knows.
pub(crate) fn is_english(text: &str, tokens: &[Token], known: &dyn Fn(usize) -> bool) -> bool {
    let (mut words, mut english, mut foreign, mut unknown) = (0u32, 0u32, 0u32, 0u32);
    let mut lower = String::new();
    for (i, token) in tokens.iter().enumerate().filter(|(_, t)| t.kind == TokenKind::Word) {
        words += 1;
        unknown += u32::from(!known(i));
        lower_into(token.of(text), &mut lower);
        if ENGLISH.binary_search(&lower.as_str()).is_ok() {
            english += 1;
        } else if FOREIGN_SET.contains(lower.as_str()) {
            foreign += 1;
        }
    }
    // Names carry foreign particles ("Bank of the Rio de la Plata"): a few beside English words prove nothing.
    let outnumbered = foreign >= 2 && foreign > english;
    let strange = words >= 4 && unknown * 5 >= words * 3 && english == 0;
    !(outnumbered || strange)
}

/// Whether a line is program code, a command, a query or data: prose may show one of the signs, code shows several.
pub(crate) fn is_code(text: &str, tokens: &[Token]) -> bool {
    let of = |i: usize| tokens.get(i).map_or("", |t| t.of(text));
    let mark = |i: usize, marks: &[&str]| {
        tokens.get(i).is_some_and(|t| t.kind == TokenKind::Punctuation) && marks.contains(&of(i))
    };
    let n = tokens.len();
    let any = |test: &dyn Fn(usize) -> bool| (0..n).any(test);
    let glued = |i: usize| tokens.get(i).is_some_and(|t| t.gap == Gap::Glued);
    let word = |i: usize| tokens.get(i).is_some_and(|t| t.kind == TokenKind::Word);
    let prompt = (mark(0, &["$", "%"]) && tokens.get(1).is_some_and(|t| t.gap == Gap::Space && t.case == Case::Lower))
        || (n > 3 && (0..3).all(|i| of(i) == ">"));
    let query = any(&|i| matches!(of(i), "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "CREATE"))
        && any(&|i| matches!(of(i), "FROM" | "INTO" | "SET" | "TABLE" | "WHERE"));
    let data = mark(0, &["{", "["]) && any(&|i| mark(i, &["\""]) && mark(i + 1, &[":"]) && glued(i + 1));
    let subscript =
        any(&|i| i > 0 && word(i - 1) && mark(i, &["["]) && glued(i) && mark(i + 1, &["\"", "'"]) && glued(i + 1));
    let markup = n > 1 && tokens.iter().filter(|t| t.kind == TokenKind::Protected).count() * 2 >= n;
    if prompt || query || data || subscript || markup {
        return true;
    }
    let signs = [
        mark(n.wrapping_sub(1), &[";", "{", "}", "\\"]),
        mark(n.wrapping_sub(1), &[":"])
            && matches!(of(0), "if" | "for" | "while" | "def" | "class" | "else" | "elif" | "try" | "with" | "except"),
        any(&|i| mark(i, &["=", "==", "+", "|", "&", "<", ">", "!"]) && i > 0),
        any(&|i| {
            mark(i, &["(", "["]) && glued(i) && i > 0 && (word(i - 1) || tokens[i - 1].kind == TokenKind::Protected)
        }),
        any(&|i| mark(i, &["{", "}"])),
        any(&|i| {
            mark(i, &["."])
                && glued(i)
                && glued(i + 1)
                && word(i + 1)
                && i > 0
                && word(i - 1)
                && tokens[i + 1].case == Case::Lower
        }),
        matches!(
            of(0),
            "return"
                | "import"
                | "def"
                | "const"
                | "let"
                | "var"
                | "int"
                | "void"
                | "public"
                | "static"
                | "fn"
                | "from"
        ),
        tokens.iter().any(|t| {
            t.kind == TokenKind::Protected && !t.of(text).contains("://") && t.of(text).contains(['_', '(', '='])
        }),
    ];
    let marks = tokens.iter().filter(|t| t.kind == TokenKind::Punctuation).count();
    let found = signs.iter().filter(|&&s| s).count();
    found >= 3 || (found >= 2 && marks * 4 >= n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenize;

    #[test]
    fn sentences() {
        for (text, expected) in [
            ("Der Krieg und die Armee sind nicht das Problem.", false),
            ("Le pr\u{e9}sident de la R\u{e9}publique est dans la ville.", false),
            ("El presidente de la rep\u{fa}blica no est\u{e1} en la ciudad.", false),
            ("The president of the republic is in the city.", true),
            ("Rio de la Plata is in the south of the continent.", true),
            ("Cold War", true),
        ] {
            assert_eq!(is_english(text, &tokenize(text).tokens, &|_| true), expected, "{text}");
        }
    }

    #[test]
    fn code() {
        for (text, expected) in [
            ("if mentioned is None: return primary[\"additional\"]", true),
            ("SELECT whole, greater FROM enterprise WHERE mentioned = 'proper' ORDER BY final;", true),
            ("$ grep -rn \"now no longer\" src/ | wc -l", true),
            ("{\"mentioned\": true, \"final\": 12}", true),
            ("for (int i = 0; i < whole; i++) { total += greater[i]; }", true),
            ("const primary = require('withinside');", true),
            ("The officers (some of them) mentioned the train; it was good.", false),
            ("He paid $5 for it, and \"that's that\": no more.", false),
            ("Select a plan from the list; then continue:", false),
        ] {
            assert_eq!(is_code(text, &tokenize(text).tokens), expected, "{text}");
        }
    }

    #[test]
    fn english_list_is_sorted_for_binary_search() {
        assert!(ENGLISH.windows(2).all(|w| w[0] < w[1]));
    }
}
