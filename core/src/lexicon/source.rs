//! Lexicon sources: TSV files that people write and read.
//!
//! A file opens with directives (`#! key: value`), then holds one entry a line. `#` starts a comment line.
//!
//! | direction  | a line is |
//! |---|---|
//! | `spun` (default; user lexicons) | `spun<TAB>original[|original...][<TAB>weight]` |
//! | `original` | `original<TAB>spun[|spun...][<TAB>weight]` |
//! | `evidence` | `spun<TAB>original<TAB>count<TAB>family<TAB>document`: pairs counted in annotated text |
//! | `exposure` | `word<TAB>count<TAB>family<TAB>document`: how often a spinner left a word alone |
//!
//! An alternative may carry the families that print it and its relative weight: `text^BC~0.3`. In a user lexicon `=` as
//! the only original keeps the spun form from being changed. A line that cannot be understood is an error
//! that names file and line; nothing is skipped in silence.

use super::family::{Family, FamilySet};
use crate::error::{Error, Kind, Result};

/// Which way the lines of a source run, or what they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// First column is the spun form.
    Spun,
    /// First column is the original.
    Original,
    /// Counted pairs.
    Evidence,
    /// Counted words that stayed.
    Exposure,
}

/// One spun form of one original, as a source states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What the author wrote.
    pub original: String,
    /// What the spinner printed.
    pub spun: String,
    /// The families that are named.
    pub families: FamilySet,
    /// Relative share among the spun forms of the original; for evidence, the count.
    pub weight: f32,
    /// The document that the evidence comes from.
    pub document: Option<String>,
}

/// A word that stayed as it was `count` times in a spun document.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// The word or phrase.
    pub word: String,
    /// How often it stayed.
    pub count: f32,
    /// The document's family.
    pub family: Family,
    /// The document.
    pub document: String,
}

/// A parsed source.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// For messages: the file's name.
    pub name: String,
    /// Which way the lines run.
    pub direction: Direction,
    /// Whether the compiler makes inflected forms of the entries.
    pub inflect: bool,
    /// What the domain directive says ("general").
    pub domain: String,
    /// Entries, or evidence.
    pub pairs: Vec<Pair>,
    /// Words that stayed.
    pub exposures: Vec<Exposure>,
    /// Spun forms that a user lexicon protects.
    pub kept: Vec<String>,
}

/// The longest form, in tokens (checked by the compiler) and in bytes (checked here).
const LONGEST: usize = 200;

/// Parses the TSV text of a source. `name` stands in messages.
pub fn parse(name: &str, text: &str) -> Result<Source> {
    let mut source = Source {
        name: name.to_string(),
        direction: Direction::Spun,
        inflect: false,
        domain: "general".to_string(),
        pairs: Vec::new(),
        exposures: Vec::new(),
        kept: Vec::new(),
    };
    let mut families = FamilySet(0);
    for (number, raw) in text.trim_start_matches('\u{feff}').split('\n').enumerate() {
        let line = raw.strip_suffix('\r').unwrap_or(raw);
        let fail = |reason: &str| Error::new(Kind::Lexicon, format!("{name}:{}: {reason}", number + 1));
        if let Some(directive) = line.strip_prefix("#!") {
            let (key, value) = directive.split_once(':').ok_or_else(|| fail("a directive reads `#! key: value`"))?;
            let value = value.trim();
            match key.trim() {
                "direction" => {
                    source.direction = match value {
                        "spun" => Direction::Spun,
                        "original" => Direction::Original,
                        "evidence" => Direction::Evidence,
                        "exposure" => Direction::Exposure,
                        _ => return Err(fail("direction is one of spun, original, evidence, exposure")),
                    }
                }
                "family" => {
                    families = FamilySet::parse(value).ok_or_else(|| fail("family is `*` or letters A to E"))?
                }
                "inflect" => source.inflect = value == "yes",
                "domain" => source.domain = value.to_string(),
                _ => {} // name, licence, origin and the like are for people
            }
        } else if !(line.trim().is_empty() || line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            source.line(&cells, families).map_err(|reason| fail(&reason))?;
        }
    }
    Ok(source)
}

impl Source {
    fn line(&mut self, cells: &[&str], families: FamilySet) -> std::result::Result<(), String> {
        match (self.direction, cells) {
            (Direction::Spun | Direction::Original, [head, alternatives] | [head, alternatives, _]) => {
                let scale = cells.get(2).map_or(Ok(1.0), |cell| weight(cell))?;
                let head = form(head)?;
                if self.direction == Direction::Spun && *alternatives == "=" {
                    self.kept.push(head);
                    return Ok(());
                }
                for alternative in alternatives.split('|') {
                    let (text, named, share) = self::alternative(alternative)?;
                    if text == head {
                        return Err(format!("{head:?} is given as a form of itself"));
                    }
                    let (original, spun) =
                        if self.direction == Direction::Original { (head.clone(), text) } else { (text, head.clone()) };
                    let families = if named.is_unstated() { families } else { named };
                    self.pairs.push(Pair { original, spun, families, weight: share * scale, document: None });
                }
                Ok(())
            }
            (Direction::Evidence, [spun, original, count, family, document]) => {
                let families = FamilySet::parse(family)
                    .filter(|f| !f.is_unstated())
                    .ok_or("the fourth column is a family letter")?;
                let (original, spun, weight) = (form(original)?, form(spun)?, weight(count)?);
                self.pairs.push(Pair { original, spun, families, weight, document: Some((*document).to_string()) });
                Ok(())
            }
            (Direction::Exposure, [word, count, family, document]) => {
                let mut letters = family.chars();
                let family = letters.next().and_then(Family::from_letter).filter(|_| letters.next().is_none());
                let family = family.ok_or("the third column is a family letter")?;
                self.exposures.push(Exposure {
                    word: form(word)?,
                    count: weight(count)?,
                    family,
                    document: (*document).to_string(),
                });
                Ok(())
            }
            (Direction::Spun, _) => {
                Err(format!("expected spun<TAB>original[|original...][<TAB>weight], found {} column(s)", cells.len()))
            }
            (Direction::Original, _) => {
                Err(format!("expected original<TAB>spun[|spun...][<TAB>weight], found {} column(s)", cells.len()))
            }
            (Direction::Evidence, _) => Err("expected spun, original, count, family, document".to_string()),
            (Direction::Exposure, _) => Err("expected word, count, family, document".to_string()),
        }
    }
}

/// `text[^FAMILIES][~WEIGHT]`
fn alternative(cell: &str) -> std::result::Result<(String, FamilySet, f32), String> {
    let (rest, share) = match cell.rsplit_once('~') {
        Some((rest, number)) => (rest, weight(number)?),
        None => (cell, 1.0),
    };
    let (text, families) = match rest.rsplit_once('^') {
        Some((text, letters)) => {
            (text, FamilySet::parse(letters).ok_or_else(|| format!("families are letters A to E, found {letters:?}"))?)
        }
        None => (rest, FamilySet(0)),
    };
    Ok((form(text)?, families, share))
}

fn form(cell: &str) -> std::result::Result<String, String> {
    let words: Vec<&str> = cell.split_whitespace().collect();
    if words.is_empty() {
        return Err("an empty form".to_string());
    }
    if cell.len() > LONGEST {
        return Err(format!("a form of {} bytes, the longest is {LONGEST}", cell.len()));
    }
    if cell.chars().any(char::is_control) {
        return Err("a control character in a form".to_string());
    }
    Ok(words.join(" ").replace('\u{2019}', "'"))
}

fn weight(cell: &str) -> std::result::Result<f32, String> {
    match cell.parse::<f32>() {
        Ok(w) if w.is_finite() && w > 0.0 && w <= 1e6 => Ok(w),
        _ => Err(format!("a weight is a number above 0, found {cell:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_lines() {
        let s = parse("u.tsv", "# mine\nmoo\tlow\t0.5\r\nchilly struggle\tCold War|cold war\n\nmoose\t=\n")
            .expect("parses");
        let got: Vec<_> = s.pairs.iter().map(|p| (p.spun.as_str(), p.original.as_str(), p.weight)).collect();
        assert_eq!(
            got,
            [("moo", "low", 0.5), ("chilly struggle", "Cold War", 1.0), ("chilly struggle", "cold war", 1.0)]
        );
        assert_eq!(s.kept, ["moose"]);
    }

    #[test]
    fn shipped_lines() {
        let s = parse("w.tsv", "#! direction: original\n#! family: C\n#! inflect: yes\nlow\tmoo^B~0.4|cheap\n")
            .expect("parses");
        assert!(s.inflect);
        assert_eq!(s.pairs[0].families, FamilySet(2));
        assert_eq!((s.pairs[0].original.as_str(), s.pairs[0].weight), ("low", 0.4));
        assert_eq!(s.pairs[1].families, FamilySet(4));
    }

    #[test]
    fn bad_lines_name_file_and_line() {
        for (text, wanted) in [
            ("a\n", "u.tsv:1: expected spun<TAB>original"),
            ("# x\na\t\n", "u.tsv:2: an empty form"),
            ("a\tb\t-1\n", "u.tsv:1: a weight is a number above 0"),
            ("a\tb\tNaN\n", "u.tsv:1: a weight"),
            ("a\ta\n", "u.tsv:1: \"a\" is given as a form of itself"),
            ("a\tb^Z\n", "u.tsv:1: families are letters"),
            ("#! direction: up\n", "u.tsv:1: direction is one of"),
            ("a\tb\tc\td\n", "u.tsv:1: expected"),
        ] {
            let error = parse("u.tsv", text).expect_err(text).to_string();
            assert!(error.starts_with(wanted), "{error}");
        }
    }
}
