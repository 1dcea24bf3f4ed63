//! Normal forms: what the language model and the lexicon call a token.
//!
//! The lexicon knows a token by its lower-case surface with straight apostrophes. The language model uses the same form,
//! except that figures too various to count fall into classes: small integers, years, ordinals and decades stay
//! literal ("2", "1997", "1st", "1990s"), the others become `<num>`, `<big>` (grouped thousands), `<dec>`,
//! `<time>` or `<mix>` (digits and letters); a protected span is `<url>`. Quotation marks and dashes fold to one form each.

use super::tokenize::{tokenize, Document, Token, TokenKind};

/// What [`lm_sentences`] hands to its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LmEvent<'a> {
    /// A word in its normal form.
    Word(&'a str),
    /// The sentence is over.
    EndSentence,
}

/// Lower-cases `word` into `out` (cleared first) and straightens apostrophes. Soft hyphens are dropped.
pub fn lower_into(word: &str, out: &mut String) {
    out.clear();
    if word.is_ascii() {
        out.push_str(word);
        out.make_ascii_lowercase();
        return;
    }
    for c in word.chars() {
        match c {
            '\u{2019}' | '\u{2bc}' => out.push('\''),
            '\u{ad}' => {}
            _ => out.extend(c.to_lowercase()),
        }
    }
}

/// The language model's form of `token`. `scratch` holds it where it is not a constant.
pub fn normal_form<'s>(text: &str, token: &Token, scratch: &'s mut String) -> &'s str {
    match token.kind {
        TokenKind::Protected => "<url>",
        TokenKind::Number => number_class(token.of(text), scratch),
        TokenKind::Punctuation => mark(token.of(text), scratch),
        TokenKind::Word | TokenKind::Clitic => {
            lower_into(token.of(text), scratch);
            scratch
        }
    }
}

/// Calls `sink` with every word of every sentence of `paragraph` in its normal form, then with the sentence's end.
pub fn lm_sentences(paragraph: &str, sink: &mut dyn FnMut(LmEvent<'_>)) {
    let Document { tokens, sentences } = tokenize(paragraph);
    let mut scratch = String::new();
    for sentence in sentences {
        for token in &tokens[sentence.start as usize..sentence.end as usize] {
            sink(LmEvent::Word(normal_form(paragraph, token, &mut scratch)));
        }
        sink(LmEvent::EndSentence);
    }
}

fn number_class<'s>(figure: &str, scratch: &'s mut String) -> &'s str {
    let b = figure.as_bytes();
    let digits = b.iter().take_while(|c| c.is_ascii_digit()).count();
    let literal = match &b[digits..] {
        b"" => digits <= 2 || (digits == 4 && matches!(&b[..2], b"17" | b"18" | b"19" | b"20")),
        b"st" | b"nd" | b"rd" | b"th" => digits <= 2,
        b"s" => digits == 2 || digits == 4,
        _ => false,
    };
    if literal && digits > 0 {
        scratch.clear();
        scratch.push_str(figure);
        return scratch;
    }
    if b.iter().any(|c| !(c.is_ascii_digit() || matches!(c, b',' | b'.' | b':'))) {
        "<mix>"
    } else if b.contains(&b':') {
        "<time>"
    } else if b.contains(&b'.') {
        "<dec>"
    } else if b.contains(&b',') {
        "<big>"
    } else {
        "<num>"
    }
}

fn mark<'s>(mark: &str, scratch: &'s mut String) -> &'s str {
    match mark {
        "\u{201c}" | "\u{201d}" | "\u{201e}" | "\u{ab}" | "\u{bb}" | "\"" => "\"",
        "\u{2018}" | "\u{2019}" | "\u{201a}" | "`" | "\u{b4}" | "'" => "'",
        "\u{2014}" | "\u{2013}" | "--" | "---" | "\u{2015}" => "--",
        "\u{2026}" | "..." => "...",
        "\u{2010}" | "\u{2011}" | "-" => "-",
        _ => {
            scratch.clear();
            // Runs ("*****", "_____") say no more than their first mark.
            scratch.extend(mark.chars().next());
            scratch
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let mut got = Vec::new();
        lm_sentences("In 2022 the nation\u{2019}s 2nd \u{201c}Plan B\u{201d} \u{2014} 100,000 at 3.5% \u{2014} won\u{2019}t do. See www.x.org.", &mut |e| {
            got.push(match e {
                LmEvent::Word(w) => w.to_string(),
                LmEvent::EndSentence => "|".to_string(),
            });
        });
        let expected = "in 2022 the nation 's 2nd \" plan b \" -- <big> at <dec> % -- won't do . | see <url> . |";
        assert_eq!(got.join(" "), expected);
    }
}
