//! The tokenizer: bytes in, tokens and sentences out, in one pass.
//!
//! * A word is a run of letters and marks with inner apostrophes; clitics are cut off ("nation" + "'s",
//!   "we" + "'ll") because spinners replace the word before them; negations stay whole ("isn't") because
//!   spinners replace those as one headword. Hyphens are tokens of their own.
//! * "U.S.", "e.g.", "J.K." are one word. Numbers keep their inner marks ("100,000", "18:32", "3.5", "1st").
//! * A sentence ends at a final mark followed by white space and something that can open a sentence, at an empty line,
//!   and at a line break unless the next line plainly goes on (lower case, no final mark before it: wrapped text).
//!
//! Offsets are bytes of the input. The pass allocates two vectors and nothing else.

use super::chars::{
    char_at, is_apostrophe, is_closing, is_final, is_letter, CLASS, DIGIT, HIGH, LETTER, SPACE, SUSPECT, UPPER,
};
use super::protect;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters (with inner apostrophes), or an abbreviation with inner full stops.
    Word,
    /// "'s", "'re", "'ve", "'ll", "'d", "'m" after a word.
    Clitic,
    /// Digits with their inner marks and short suffix, and words that hold digits.
    Number,
    /// One mark, or a run of full stops or dashes.
    Punctuation,
    /// URL, address, hashtag, code, tag: see `protect`.
    Protected,
}

/// How the letters of a token are cased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// No cased letter.
    None,
    /// "word"
    Lower,
    /// "Word", "I"
    Capital,
    /// "WORD", "U.S."
    Upper,
    /// "iPhone", "McDonald"
    Mixed,
}

/// What stands before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Nothing: it touches the token before it.
    Glued,
    /// White space within a line.
    Space,
    /// White space with a line break inside a sentence.
    Line,
    /// The start of a sentence.
    Sentence,
}

/// A token: `text[start..end]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// What it is.
    pub kind: TokenKind,
    /// How it is cased.
    pub case: Case,
    /// What stands before it.
    pub gap: Gap,
    /// Inside straight or curly double quotes: some spinners leave quotations alone.
    pub quoted: bool,
}

impl Token {
    /// The token's text.
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start as usize..self.end as usize]
    }
}

/// A tokenized text: tokens in order, and for every sentence the range of its tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Tokens in order.
    pub tokens: Vec<Token>,
    /// Ranges of tokens.
    pub sentences: Vec<std::ops::Range<u32>>,
}

/// Words after which a full stop does not end a sentence.
const ABBREVIATIONS: &[&str] = &[
    "adm", "approx", "apr", "art", "assn", "aug", "ave", "bros", "capt", "cmdr", "co", "col", "corp", "dec", "dept",
    "dr", "ed", "est", "etc", "feb", "fig", "figs", "ft", "gen", "gov", "hon", "inc", "jan", "jr", "lt", "ltd", "maj",
    "mar", "messrs", "mr", "mrs", "ms", "mt", "nov", "oct", "prof", "rep", "reps", "rev", "sen", "sens", "sept", "sgt",
    "sq", "sr", "st", "supt", "vol", "vs",
];

/// Cuts `text` into tokens and sentences. Linear in its length; texts are limited to 4 GiB by the offsets, and
/// callers refuse longer ones.
pub fn tokenize(text: &str) -> Document {
    let mut scan = Scan::new(text);
    scan.run();
    scan.finish()
}

struct Scan<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    document: Document,
    sentence_from: usize,
    quoted: bool,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str) -> Self {
        let guess = text.len() / 5 + 8;
        let document = Document { tokens: Vec::with_capacity(guess), sentences: Vec::with_capacity(guess / 16) };
        Self { text, bytes: text.as_bytes(), at: 0, document, sentence_from: 0, quoted: false }
    }

    fn run(&mut self) {
        let mut chunk_end = 0;
        let mut guarded: Option<(usize, usize)> = None;
        let mut gap = Gap::Sentence;
        let mut line_start = true;
        while self.at < self.bytes.len() {
            let newlines = self.skip_space();
            if self.at >= self.bytes.len() {
                break;
            }
            if let Some(newlines) = newlines {
                gap = self.gap_after_space(newlines);
                line_start |= newlines > 0;
                // An unbalanced quotation mark must not turn the rest of the document round.
                self.quoted &= newlines == 0 || gap != Gap::Sentence;
            }
            if self.at >= chunk_end {
                let (end, suspect) = self.chunk();
                chunk_end = end;
                guarded = if suspect { protect::in_chunk(self.text, self.at, end) } else { None };
            }
            if gap == Gap::Sentence {
                self.close_sentence();
            }
            let byte = self.bytes[self.at];
            if let Some((from, to)) = guarded {
                if self.at == from && to > from {
                    self.push(to, TokenKind::Protected, Case::None, gap);
                    guarded = None;
                    gap = Gap::Glued;
                    line_start = false;
                    continue;
                }
            }
            let limit =
                guarded.map_or(self.bytes.len(), |(from, _)| if from > self.at { from } else { self.bytes.len() });
            let class = CLASS[byte as usize];
            let special = match byte {
                b'<' => protect::tag(self.text, self.at),
                b'`' => protect::code(self.text, self.at, line_start),
                _ => None,
            };
            if let Some(end) = special {
                self.push(end, TokenKind::Protected, Case::None, gap);
                chunk_end = end;
                guarded = None;
            } else if class & LETTER != 0 {
                self.word(limit, gap);
            } else if class & DIGIT != 0 {
                self.number(limit, gap);
            } else if class & HIGH != 0 && is_letter(char_at(self.text, self.at).0) {
                self.word(limit, gap);
            } else {
                self.punctuation(limit, gap);
            }
            gap = Gap::Glued;
            line_start = false;
        }
    }

    fn finish(mut self) -> Document {
        self.close_sentence();
        self.document
    }

    /// Skips white space; the number of line breaks in it, or `None` where there is no white space.
    fn skip_space(&mut self) -> Option<usize> {
        let from = self.at;
        let mut newlines = 0;
        while let Some(&b) = self.bytes.get(self.at) {
            let class = CLASS[b as usize];
            if class & SPACE != 0 {
                newlines += usize::from(b == b'\n' || (b == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n')));
                self.at += 1;
            } else if class & HIGH != 0 {
                let (c, length) = char_at(self.text, self.at);
                if !(c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}') {
                    break;
                }
                newlines += if c == '\u{2029}' { 2 } else { usize::from(c == '\u{2028}' || c == '\u{85}') };
                self.at += length;
            } else {
                break;
            }
        }
        (self.at > from).then_some(newlines)
    }

    fn chunk(&self) -> (usize, bool) {
        let mut end = self.at;
        let mut seen = 0u8;
        while let Some(&b) = self.bytes.get(end) {
            let class = CLASS[b as usize];
            if class & SPACE != 0 {
                break;
            }
            seen |= class;
            end += 1;
        }
        // A final full stop alone is the commonest suspect: look again without it.
        let suspect = seen & SUSPECT != 0
            && self.bytes[self.at..end]
                .iter()
                .enumerate()
                .any(|(i, &b)| CLASS[b as usize] & SUSPECT != 0 && (b != b'.' || self.at + i + 1 < end));
        (end, suspect)
    }

    fn gap_after_space(&self, newlines: usize) -> Gap {
        let Some(last) = self.document.tokens.last() else { return Gap::Sentence };
        if newlines >= 2 {
            return Gap::Sentence;
        }
        let (next, _) = char_at(self.text, self.at);
        let ends = self.last_ends_sentence();
        if newlines == 1 {
            return if next.is_lowercase() && !ends && last.kind != TokenKind::Protected {
                Gap::Line
            } else {
                Gap::Sentence
            };
        }
        let opens = !next.is_lowercase()
            && (next.is_alphanumeric()
                || matches!(next, '"' | '\'' | '(' | '[' | '\u{201c}' | '\u{2018}' | '\u{ab}' | '#' | '@' | '$'));
        if ends && opens {
            Gap::Sentence
        } else {
            Gap::Space
        }
    }

    /// Whether the tokens so far end with a final mark that is not an abbreviation's.
    fn last_ends_sentence(&self) -> bool {
        let tokens = &self.document.tokens;
        let mut i = tokens.len();
        while i > self.sentence_from {
            let t = &tokens[i - 1];
            let c = char_at(self.text, t.start as usize).0;
            if t.kind == TokenKind::Punctuation && is_closing(c) {
                i -= 1;
                continue;
            }
            if t.kind != TokenKind::Punctuation || !is_final(c) {
                return false;
            }
            if c != '.' || t.end - t.start > 1 || t.gap != Gap::Glued || i < 2 {
                return true;
            }
            let before = &tokens[i - 2];
            if before.kind != TokenKind::Word {
                return true;
            }
            let word = before.of(self.text);
            if word.chars().count() == 1 && before.case == Case::Capital && word != "I" {
                return false;
            }
            return !(word.len() <= 6 && is_abbreviation(word));
        }
        false
    }

    fn close_sentence(&mut self) {
        let to = self.document.tokens.len();
        if to > self.sentence_from {
            self.document.sentences.push(self.sentence_from as u32..to as u32);
            self.sentence_from = to;
        }
    }

    fn push(&mut self, end: usize, kind: TokenKind, case: Case, gap: Gap) {
        let token = Token { start: self.at as u32, end: end as u32, kind, case, gap, quoted: self.quoted };
        self.document.tokens.push(token);
        self.at = end;
    }

    fn word(&mut self, limit: usize, gap: Gap) {
        if let Some(end) = self.dotted(limit) {
            let upper = self.bytes[self.at..end].iter().any(u8::is_ascii_uppercase);
            self.push(end, TokenKind::Word, if upper { Case::Upper } else { Case::Lower }, gap);
            return;
        }
        let start = self.at;
        let (mut end, mut letters, mut uppers, mut first_upper, mut digits) = (start, 0u32, 0u32, false, false);
        let mut apostrophe = None;
        while end < limit {
            let b = self.bytes[end];
            let class = CLASS[b as usize];
            if class & LETTER != 0 {
                let upper = u32::from(class & UPPER != 0);
                first_upper |= letters == 0 && upper == 1;
                uppers += upper;
                letters += 1;
                end += 1;
            } else if class & DIGIT != 0 {
                digits = true;
                end += 1;
            } else if b == b'\'' || class & HIGH != 0 {
                let (c, length) = char_at(self.text, end);
                if is_letter(c) {
                    let upper = u32::from(c.is_uppercase());
                    first_upper |= letters == 0 && upper == 1;
                    uppers += upper;
                    letters += 1;
                    end += length;
                } else if is_apostrophe(c) && end + length < limit && is_letter(char_at(self.text, end + length).0) {
                    apostrophe = Some(end);
                    end += length;
                } else {
                    break;
                }
            } else {
                break;
            }
        }
        let case = match (uppers, first_upper) {
            (0, _) => Case::Lower,
            (n, _) if n == letters && letters > 1 => Case::Upper,
            (1, true) => Case::Capital,
            _ => Case::Mixed,
        };
        if digits {
            self.push(end, TokenKind::Number, case, gap);
            return;
        }
        match apostrophe.filter(|&at| at > start && is_clitic(self.text[at..end].trim_start_matches(is_apostrophe))) {
            Some(at) => {
                let head = self.case_of(start, at, case);
                self.push(at, TokenKind::Word, head, gap);
                self.push(end, TokenKind::Clitic, Case::Lower, Gap::Glued);
            }
            None => self.push(end, TokenKind::Word, case, gap),
        }
    }

    /// The case of a word once its clitic is cut off ("NATO's" is upper, "I'm" is a capital).
    fn case_of(&self, start: usize, end: usize, whole: Case) -> Case {
        if whole != Case::Mixed {
            return whole;
        }
        let word = &self.text[start..end];
        let upper = word.chars().filter(|c| c.is_uppercase()).count();
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        match (upper, letters) {
            (u, l) if u == l && l > 1 => Case::Upper,
            (1, _) if word.chars().next().is_some_and(char::is_uppercase) => Case::Capital,
            _ => Case::Mixed,
        }
    }

    /// "U.S.", "e.g.", "J.K": single letters with a full stop between them.
    fn dotted(&self, limit: usize) -> Option<usize> {
        let b = self.bytes;
        let letter = |i: usize| i < limit && b[i].is_ascii_alphabetic();
        let mut end = self.at;
        let mut parts = 0;
        while letter(end) && end + 1 < limit && b[end + 1] == b'.' {
            end += 2;
            parts += 1;
        }
        if letter(end) && !(end + 1 < limit && CLASS[b[end + 1] as usize] & (LETTER | DIGIT | HIGH) != 0) && parts >= 1
        {
            return Some(end + 1);
        }
        (parts >= 2 && !letter(end)).then_some(end)
    }

    fn number(&mut self, limit: usize, gap: Gap) {
        let b = self.bytes;
        let digit = |i: usize| i < limit && CLASS[b[i] as usize] & DIGIT != 0;
        let mut end = self.at;
        while digit(end) || (end < limit && matches!(b[end], b',' | b'.' | b':') && digit(end + 1)) {
            end += 1;
        }
        while end < limit && CLASS[b[end] as usize] & (LETTER | DIGIT) != 0 {
            end += 1;
        }
        self.push(end, TokenKind::Number, Case::None, gap);
    }

    fn punctuation(&mut self, limit: usize, gap: Gap) {
        let (c, length) = char_at(self.text, self.at);
        let mut end = self.at + length;
        if matches!(c, '.' | '-' | '\u{2014}' | '_' | '*' | '=') {
            while end < limit && self.text[end..].starts_with(c) {
                end += length;
            }
        }
        self.quoted = match c {
            '\u{201c}' | '\u{ab}' => true,
            '\u{201d}' | '\u{bb}' => false,
            '"' => !self.quoted,
            _ => self.quoted,
        };
        self.push(end, TokenKind::Punctuation, Case::None, gap);
    }
}

fn is_clitic(suffix: &str) -> bool {
    ["s", "re", "ve", "ll", "d", "m"].iter().any(|c| c.eq_ignore_ascii_case(suffix))
}

fn is_abbreviation(word: &str) -> bool {
    let mut lower = [0u8; 6];
    for (to, from) in lower.iter_mut().zip(word.as_bytes()) {
        *to = from.to_ascii_lowercase();
    }
    std::str::from_utf8(&lower[..word.len()]).is_ok_and(|w| ABBREVIATIONS.binary_search(&w).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<Vec<&str>> {
        let d = tokenize(text);
        d.sentences
            .iter()
            .map(|r| d.tokens[r.start as usize..r.end as usize].iter().map(|t| t.of(text)).collect())
            .collect()
    }

    #[test]
    fn words_and_clitics() {
        assert_eq!(
            cut("The nation\u{2019}s U.S. envoy isn't 're-armed'."),
            [["The", "nation", "\u{2019}s", "U.S.", "envoy", "isn't", "'", "re", "-", "armed", "'", "."]]
        );
        assert_eq!(cut("O'Brien's o'clock"), [["O'Brien", "'s", "o'clock"]]);
    }

    #[test]
    fn numbers() {
        assert_eq!(
            cut("100,000 at 18:32, the 1st and 1990s; M4A1 5G."),
            [["100,000", "at", "18:32", ",", "the", "1st", "and", "1990s", ";", "M4A1", "5G", "."]]
        );
    }

    #[test]
    fn sentences() {
        assert_eq!(cut("Mr. Smith of the U.S. Army left. He said \u{201c}no.\u{201d} Then J. Doe came.").len(), 3);
        assert_eq!(cut("a wrapped\nline. Another\nOne").len(), 3);
        assert_eq!(cut("para one\n\npara two").len(), 2);
        assert_eq!(cut("Wait... what? Yes").len(), 2);
    }

    #[test]
    fn protected_spans() {
        let text = "See https://a.org/b, mail me@x.org and `two words` of <b>it</b> #tag.";
        let d = tokenize(text);
        let p: Vec<&str> = d.tokens.iter().filter(|t| t.kind == TokenKind::Protected).map(|t| t.of(text)).collect();
        assert_eq!(p, ["https://a.org/b", "me@x.org", "`two words`", "<b>", "</b>", "#tag"]);
    }

    #[test]
    fn quotations_end_with_their_paragraph() {
        let text = "He said \"no way\" today.\nOpen \"quote here\n\nnext";
        let d = tokenize(text);
        let q: Vec<&str> =
            d.tokens.iter().filter(|t| t.quoted && t.kind == TokenKind::Word).map(|t| t.of(text)).collect();
        assert_eq!(q, ["no", "way", "quote", "here"]);
    }

    #[test]
    fn cases() {
        let text = "NATO's iPhone I'm Word word U.S. 5";
        let d = tokenize(text);
        let c: Vec<Case> = d.tokens.iter().filter(|t| t.kind != TokenKind::Clitic).map(|t| t.case).collect();
        assert_eq!(c, [Case::Upper, Case::Mixed, Case::Capital, Case::Capital, Case::Lower, Case::Upper, Case::None]);
    }

    #[test]
    fn abbreviations_are_sorted_for_binary_search() {
        assert!(ABBREVIATIONS.windows(2).all(|w| w[0] < w[1]));
    }

    proptest::proptest! {
        #[test]
        fn tokens_are_disjoint_ordered_and_on_boundaries(text in "\\PC*|[a-zA-Z'\u{2019}.:/@#`<> \n\"0-9\u{130}\u{df}\u{1f600}\u{301}-]*") {
            let d = tokenize(&text);
            let mut last = 0;
            for t in &d.tokens {
                proptest::prop_assert!(t.start as usize >= last && t.end > t.start);
                proptest::prop_assert!(text.is_char_boundary(t.start as usize) && text.is_char_boundary(t.end as usize));
                let only_space = text[last..t.start as usize].chars().all(|c| c.is_whitespace() || "\u{200b}\u{feff}".contains(c));
                proptest::prop_assert!(only_space, "{:?}", &text[last..t.start as usize]);
                last = t.end as usize;
            }
            let mut next = 0;
            for s in &d.sentences {
                proptest::prop_assert!(s.start == next && s.end > s.start);
                next = s.end;
            }
            proptest::prop_assert_eq!(next as usize, d.tokens.len());
        }
    }
}
