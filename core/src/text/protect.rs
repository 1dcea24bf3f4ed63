//! Stretches that no spinner's word table reaches and that no edit may touch: URLs, e-mail addresses, handles,
//! hashtags, paths, file and domain names, identifiers, inline and fenced code, tags.
//!
//! The tokenizer asks about a *chunk*, a run without white space, and only when the chunk holds a byte that could
//! make it one of these (see `SUSPECT`), so ordinary prose pays one table look-up a byte. Code spans and fences can
//! hold spaces and are found on their own.

use super::chars::{is_apostrophe, CLASS, DIGIT, HIGH, LETTER, UPPER};

/// Endings that make `name.ending` a domain or a file. Short country codes that are also English words
/// ("it", "in", "is", "me") are left out: "him.It" is a lost space, not a host.
const ENDINGS: &[&str] = &[
    "ai", "app", "au", "bat", "bin", "biz", "blog", "br", "bz2", "ca", "cc", "cfg", "cgi", "ch", "cn", "co", "com",
    "conf", "cpp", "css", "csv", "cz", "de", "dev", "dll", "docx", "edu", "es", "eu", "exe", "fm", "fr", "gif", "gov",
    "gz", "htm", "html", "ie", "info", "ini", "int", "io", "ipynb", "java", "jp", "jpeg", "jpg", "js", "json", "jsp",
    "lock", "log", "md", "mil", "mp3", "mp4", "net", "nl", "nz", "org", "parquet", "pdf", "php", "pl", "png", "ppt",
    "pptx", "py", "rb", "rs", "rst", "ru", "se", "sh", "site", "sql", "svg", "tar", "tex", "tgz", "toml", "ts", "tsv",
    "tv", "txt", "uk", "wav", "xls", "xlsx", "xml", "xyz", "yaml", "yml", "zip", "zst",
];

/// Finds the protected part of the chunk `text[from..to]` (no white space inside), as byte offsets into `text`.
pub(crate) fn in_chunk(text: &str, from: usize, to: usize) -> Option<(usize, usize)> {
    let bytes = &text.as_bytes()[from..to];
    if let Some(at) = find(bytes, b"://") {
        let mut start = at;
        while start > 0 && (CLASS[bytes[start - 1] as usize] & (LETTER | DIGIT) != 0 || bytes[start - 1] == b'+') {
            start -= 1;
        }
        return Some((from + start, from + trim(bytes, start)));
    }
    let head = text[from..to].char_indices().find(|(_, c)| c.is_alphanumeric()).map_or(0, |(at, _)| at);
    let before = head.checked_sub(1).map(|i| bytes[i]);
    if starts_ignoring_case(&bytes[head..], b"www.") {
        return Some((from + head, from + trim(bytes, head)));
    }
    if let Some(b'#' | b'@') = before {
        let end = head + word_length(&bytes[head..]);
        return Some((from + head - 1, from + end));
    }
    if let Some(b'/' | b'~' | b'\\') = before {
        let path = bytes[head..].iter().any(|&b| b == b'/' || b == b'\\' || b == b'.') || head > 1;
        if path || before == Some(b'\\') {
            let start = bytes[..head].iter().position(|&b| matches!(b, b'/' | b'~' | b'\\' | b'.')).unwrap_or(head - 1);
            return Some((from + start, from + trim(bytes, start)));
        }
    }
    if let Some(at) = memchr::memchr(b'@', bytes) {
        if at > head && bytes[at + 1..].contains(&b'.') {
            return Some((from + head, from + trim(bytes, head)));
        }
    }
    if bytes.contains(&b'\\') || find(bytes, b"::").is_some() {
        return Some((from + head, from + trim(bytes, head)));
    }
    identifier(bytes, head).or_else(|| dotted_name(bytes, head)).map(|(s, e)| (from + s, from + e))
}

/// A tag or comment (`<b>`, `</p>`, `<a href="...">`, `<!-- -->`) that opens at `from`: its end.
pub(crate) fn tag(text: &str, from: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[from..];
    let second = *bytes.get(1)?;
    if !(second.is_ascii_alphabetic() || second == b'/' || second == b'!') {
        return None;
    }
    let window = &bytes[1..bytes.len().min(400)];
    let end = memchr::memchr2(b'>', b'<', window)?;
    (window[end] == b'>').then_some(from + 1 + end + 1)
}

/// A code span that opens with a back-tick at `from` and closes on the same line, or a fenced block: its end.
///
/// A single back-tick also serves careless writers as an apostrophe ("Odoo`s"), so an opening one must stand
/// at the start of a word and the closing one at the end of one.
pub(crate) fn code(text: &str, from: usize, at_line_start: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let run = bytes[from..].iter().take_while(|&&b| b == b'`').count();
    if run >= 3 && at_line_start {
        let mut line = from;
        while let Some(next) = memchr::memchr(b'\n', &bytes[line..]) {
            line += next + 1;
            let indent = bytes[line..].iter().take_while(|&&b| b == b' ').count();
            if bytes[line + indent..].starts_with(&bytes[from..from + run]) {
                return Some(line + indent + run);
            }
        }
        return None;
    }
    let opens = from == 0 || CLASS[bytes[from - 1] as usize] & (LETTER | DIGIT | HIGH) == 0;
    let inner = from + run;
    if !opens || bytes.get(inner).is_none_or(|b| b.is_ascii_whitespace()) {
        return None;
    }
    let line_end = memchr::memchr(b'\n', &bytes[inner..]).map_or(bytes.len(), |n| inner + n);
    let mut at = inner;
    while let Some(found) = memchr::memchr(b'`', &bytes[at..line_end]) {
        let close = at + found;
        let closing_run = bytes[close..line_end].iter().take_while(|&&b| b == b'`').count();
        let after = bytes.get(close + closing_run).copied().unwrap_or(b' ');
        if closing_run == run && CLASS[after as usize] & (LETTER | DIGIT | HIGH) == 0 {
            return Some(close + run);
        }
        at = close + closing_run;
    }
    None
}

/// `snake_case`, `call()`, `key=value`.
fn identifier(bytes: &[u8], head: usize) -> Option<(usize, usize)> {
    let word = |b: u8| CLASS[b as usize] & (LETTER | DIGIT) != 0;
    let inner = bytes.windows(3).any(|w| w[1] == b'_' && (word(w[0]) || w[0] == b'_') && (word(w[2]) || w[2] == b'_'));
    let call = find(bytes, b"()").is_some_and(|at| at > head && word(bytes[at - 1]));
    let dunder = bytes.windows(2).any(|w| w == b"__");
    let assign = memchr::memchr(b'=', bytes).is_some_and(|at| at > head && at + 1 < bytes.len());
    // An underscore at both ends is emphasis (_very_), not a name.
    (inner || call || dunder || assign).then(|| (head, trim(bytes, head).max(find(bytes, b"()").map_or(0, |a| a + 2))))
}

/// `example.com/path`, `report.pdf`, `module.attribute.name`.
fn dotted_name(bytes: &[u8], head: usize) -> Option<(usize, usize)> {
    let stop = trim(bytes, head);
    let name = &bytes[head..stop];
    let host_end = name.iter().position(|&b| b == b'/').unwrap_or(name.len());
    let host = &name[..host_end];
    let dot = memchr::memrchr(b'.', host)?;
    if dot == 0 || !host.iter().all(|&b| CLASS[b as usize] & (LETTER | DIGIT) != 0 || b == b'.' || b == b'-') {
        return None;
    }
    let ending = &host[dot + 1..];
    if ending.is_empty()
        || ending.len() > 7
        || CLASS[ending[0] as usize] & UPPER != 0 && !ending.iter().all(u8::is_ascii_uppercase)
    {
        return None;
    }
    let mut lower = [0u8; 7];
    for (to, from) in lower.iter_mut().zip(ending) {
        *to = from.to_ascii_lowercase();
    }
    let ending = std::str::from_utf8(&lower[..ending.len()]).ok()?;
    // "U.S" and "p.m" end in a listed code but are abbreviations: every part of them is one letter.
    let abbreviation = host.split(|&b| b == b'.').all(|part| part.len() <= 1 || part == b"co");
    (!abbreviation && ENDINGS.binary_search(&ending).is_ok()).then_some((head, stop))
}

/// The end of the chunk without the punctuation that belongs to the sentence around it.
fn trim(bytes: &[u8], start: usize) -> usize {
    let mut end = bytes.len();
    while end > start {
        let tail = &bytes[start..end];
        let last = bytes[end - 1];
        let strip = match last {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'"' | b'\'' | b'>' | b'*' | b'|' => true,
            b')' => count(tail, b')') > count(tail, b'('),
            b']' => count(tail, b']') > count(tail, b'['),
            b'}' => count(tail, b'}') > count(tail, b'{'),
            _ => false,
        };
        if strip {
            end -= 1;
            continue;
        }
        // Typographic quotes close in three bytes.
        let quote = std::str::from_utf8(tail)
            .ok()
            .and_then(|t| t.chars().next_back())
            .filter(|&c| is_apostrophe(c) || c == '\u{201d}' || c == '\u{bb}' || c == '\u{2026}');
        match quote {
            Some(c) => end -= c.len_utf8(),
            None => break,
        }
    }
    end
}

fn word_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&b| CLASS[b as usize] & (LETTER | DIGIT | HIGH) != 0 || b == b'_').count()
}

fn count(bytes: &[u8], byte: u8) -> usize {
    bytes.iter().filter(|&&b| b == byte).count()
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|w| w == needle)
}

fn starts_ignoring_case(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.len() > prefix.len() && bytes[..prefix.len()].eq_ignore_ascii_case(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected(chunk: &str) -> Option<&str> {
        in_chunk(chunk, 0, chunk.len()).map(|(s, e)| &chunk[s..e])
    }

    #[test]
    fn chunks() {
        let table: &[(&str, Option<&str>)] = &[
            ("(https://a.org/b(c)).", Some("https://a.org/b(c)")),
            ("www.example.com,", Some("www.example.com")),
            ("\u{201c}mail@example.org\u{201d}", Some("mail@example.org")),
            ("#ColdWar!", Some("#ColdWar")),
            ("@handle:", Some("@handle")),
            ("Amazon.com\u{2019}s", None),
            ("Amazon.com", Some("Amazon.com")),
            ("bbc.co.uk/news", Some("bbc.co.uk/news")),
            ("him.He", None),
            ("U.S", None),
            ("and/or", None),
            ("24/7", None),
            ("/usr/share/dict", Some("/usr/share/dict")),
            ("snake_case,", Some("snake_case")),
            ("_very_", None),
            ("clean().", Some("clean()")),
            ("std::fmt", Some("std::fmt")),
            ("report.pdf.", Some("report.pdf")),
            ("end.", None),
        ];
        for (chunk, expected) in table {
            assert_eq!(protected(chunk), *expected, "{chunk}");
        }
    }

    #[test]
    fn endings_are_sorted_for_binary_search() {
        assert!(ENDINGS.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn code_spans() {
        assert_eq!(code("`a b` c", 0, true), Some(5));
        assert_eq!(code("Odoo`s and `x`", 4, false), None);
        assert_eq!(code("```\nx\n```\ny", 0, true), Some(9));
        assert_eq!(tag("<a href=\"x\">y", 0), Some(12));
        assert_eq!(tag("< 5", 0), None);
    }
}
