//! Inflection: a spinner's table lists surface forms, so a pair of lemmas stands for a pair of every inflected form.
//!
//! From "exercise -> train" come exercises -> trains, exercised -> trained, exercising -> training. English is regular
//! enough for rules plus a table of irregular forms; what the rules make is kept only if the language
//! model's vocabulary knows both sides, which removes the nonsense ("goodses"). Phrases inflect at their head:
//! the first word of a phrasal verb ("carry out"), the last word of a compound ("plane service").

use crate::error::{Error, Kind, Result};
use rustc_hash::{FxHashMap, FxHashSet};

/// Particles after which a phrase is taken for a phrasal verb.
const PARTICLES: &[&str] = &[
    "about", "across", "after", "against", "ahead", "along", "apart", "around", "aside", "at", "away", "back", "by",
    "down", "for", "forward", "from", "in", "into", "of", "off", "on", "onto", "out", "over", "through", "to",
    "together", "up", "upon", "with",
];

/// The inflected forms of a word that rules and tables give.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Paradigm {
    /// Plural of a noun, third person of a verb: one spelling rule.
    s: String,
    plural: Option<String>,
    past: String,
    participle: String,
    gerund: String,
}

/// Irregular forms and the verbs that double their last letter.
#[derive(Debug, Clone, Default)]
pub struct Morphology {
    verbs: FxHashMap<String, Vec<String>>,
    nouns: FxHashMap<String, String>,
    doubling: FxHashSet<String>,
}

impl Morphology {
    /// Reads `lemma<TAB>V<TAB>past<TAB>participle[<TAB>third<TAB>gerund]` and `lemma<TAB>N<TAB>plural` lines, and a
    /// list of doubling verbs, one a line. Adjectives (`A`) are read and not needed.
    pub fn parse(irregular: &str, doubling: &str) -> Result<Morphology> {
        let mut m = Morphology::default();
        for (number, line) in irregular.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            match cells.as_slice() {
                [lemma, "V", past, participle, rest @ ..] => {
                    let forms = [*past, *participle].iter().chain(rest).map(|s| (*s).to_string()).collect();
                    m.verbs.insert((*lemma).to_string(), forms);
                }
                [lemma, "N", plural, ..] => {
                    m.nouns.insert((*lemma).to_string(), (*plural).to_string());
                }
                [_, "A", ..] => {}
                _ => {
                    let reason = "expected lemma, V|N|A, forms";
                    return Err(Error::new(Kind::Lexicon, format!("irregular.tsv:{}: {reason}", number + 1)));
                }
            }
        }
        m.doubling = doubling
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .map(str::to_string)
            .collect();
        Ok(m)
    }

    /// The inflected pairs of (`original`, `spun`), both sides known to `attested`.
    pub fn inflect(&self, original: &str, spun: &str, attested: &dyn Fn(&str) -> bool) -> Vec<(String, String)> {
        let (Some(o), Some(s)) = (Head::of(original), Head::of(spun)) else { return Vec::new() };
        let (po, ps) = (self.paradigm(o.word), self.paradigm(s.word));
        let mut out: Vec<(String, String)> = Vec::new();
        let mut add = |a: &str, b: &str| {
            if a != o.word && b != s.word && attested(a) && attested(b) {
                let pair = (o.with(a), s.with(b));
                if pair.0 != pair.1 && !out.contains(&pair) {
                    out.push(pair);
                }
            }
        };
        let noun = |p: &Paradigm| p.plural.clone().unwrap_or_else(|| p.s.clone());
        if o.verbal == s.verbal || o.single || s.single {
            if !(o.verbal && s.verbal) {
                add(&noun(&po), &noun(&ps));
            }
            if o.is_verb_head() && s.is_verb_head() {
                add(&po.s, &ps.s);
                add(&po.past, &ps.past);
                add(&po.participle, &ps.participle);
                add(&po.gerund, &ps.gerund);
            }
        }
        out
    }

    fn paradigm(&self, word: &str) -> Paradigm {
        let irregular = self.verbs.get(word);
        let form = |i: usize| irregular.and_then(|f| f.get(i)).filter(|f| !f.is_empty()).cloned();
        Paradigm {
            s: form(2).unwrap_or_else(|| with_s(word)),
            plural: self.nouns.get(word).cloned(),
            past: form(0).unwrap_or_else(|| self.with_ed(word)),
            participle: form(1).unwrap_or_else(|| self.with_ed(word)),
            gerund: form(3).unwrap_or_else(|| self.with_ing(word)),
        }
    }

    fn doubles(&self, word: &str) -> bool {
        let b = word.as_bytes();
        let vowel = |c: u8| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u');
        let n = b.len();
        let closed = n >= 3
            && !vowel(b[n - 1])
            && !matches!(b[n - 1], b'w' | b'x' | b'y')
            && vowel(b[n - 2])
            && !vowel(b[n - 3]);
        let one_syllable = b.iter().filter(|&&c| vowel(c)).count() == 1;
        closed && (one_syllable || self.doubling.contains(word))
    }

    fn with_ed(&self, word: &str) -> String {
        if word.ends_with('e') {
            format!("{word}d")
        } else if let Some(stem) = consonant_y(word) {
            format!("{stem}ied")
        } else if self.doubles(word) {
            format!("{word}{}ed", &word[word.len() - 1..])
        } else {
            format!("{word}ed")
        }
    }

    fn with_ing(&self, word: &str) -> String {
        if let Some(stem) = word.strip_suffix("ie") {
            format!("{stem}ying")
        } else if word.ends_with('e')
            && !word.ends_with("ee")
            && !word.ends_with("oe")
            && !word.ends_with("ye")
            && word.len() > 2
        {
            format!("{}ing", &word[..word.len() - 1])
        } else if self.doubles(word) {
            format!("{word}{}ing", &word[word.len() - 1..])
        } else {
            format!("{word}ing")
        }
    }
}

fn with_s(word: &str) -> String {
    if ["s", "x", "z", "ch", "sh"].iter().any(|e| word.ends_with(e)) {
        format!("{word}es")
    } else if let Some(stem) = consonant_y(word) {
        format!("{stem}ies")
    } else {
        format!("{word}s")
    }
}

/// The stem of a word in consonant + y.
fn consonant_y(word: &str) -> Option<&str> {
    let stem = word.strip_suffix('y')?;
    stem.chars().last().filter(|c| !"aeiou".contains(*c)).map(|_| stem)
}

/// The word of a phrase that inflects, with what stands around it.
struct Head<'p> {
    before: &'p str,
    word: &'p str,
    after: &'p str,
    verbal: bool,
    single: bool,
}

impl<'p> Head<'p> {
    fn of(phrase: &'p str) -> Option<Head<'p>> {
        let plain = |w: &str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
        let head = match phrase.rsplit_once(' ') {
            None => Head { before: "", word: phrase, after: "", verbal: false, single: true },
            Some((_, last)) if PARTICLES.contains(&last) => {
                let (word, _) = phrase.split_once(' ')?;
                Head { before: "", word, after: &phrase[word.len()..], verbal: true, single: false }
            }
            Some((_, last)) => Head {
                before: &phrase[..phrase.len() - last.len()],
                word: last,
                after: "",
                verbal: false,
                single: false,
            },
        };
        plain(head.word).then_some(head)
    }

    fn is_verb_head(&self) -> bool {
        self.single || self.verbal
    }

    fn with(&self, form: &str) -> String {
        format!("{}{form}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn morphology() -> Morphology {
        Morphology::parse("go\tV\twent\tgone\tgoes\ngoose\tN\tgeese\nsay\tV\tsaid\tsaid\n", "admit\n").expect("parses")
    }

    fn pairs(o: &str, s: &str) -> Vec<String> {
        morphology().inflect(o, s, &|_| true).into_iter().map(|(a, b)| format!("{a}>{b}")).collect()
    }

    #[test]
    fn words() {
        assert_eq!(pairs("exercise", "train"), ["exercises>trains", "exercised>trained", "exercising>training"]);
        assert_eq!(pairs("say", "mention"), ["says>mentions", "said>mentioned", "saying>mentioning"]);
        assert_eq!(pairs("stop", "admit"), ["stops>admits", "stopped>admitted", "stopping>admitting"]);
        assert!(pairs("goose", "bird").contains(&"geese>birds".to_string()));
        assert!(pairs("carry", "die").contains(&"carrying>dying".to_string()));
    }

    #[test]
    fn phrases() {
        assert_eq!(pairs("aircraft carrier", "plane service"), ["aircraft carriers>plane services"]);
        assert_eq!(
            pairs("carry out", "go through"),
            [
                "carries out>goes through",
                "carried out>went through",
                "carried out>gone through",
                "carrying out>going through"
            ]
        );
    }

    #[test]
    fn unknown_forms_are_not_made() {
        assert!(morphology()
            .inflect("exercise", "train", &|w| w != "trained" && !w.ends_with("ing"))
            .iter()
            .all(|(_, s)| s == "trains"));
    }
}
