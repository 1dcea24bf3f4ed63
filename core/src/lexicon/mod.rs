//! The lexicon: which originals a spun form may stand for, and how probable each spinner family makes it.
//!
//! Sources (`source`) are weighed (`weigh`, with `inflect`) and compiled (`compile`) against the vocabulary of one
//! language model into the flat structure below, which is embedded in the library as bytes (`format`) and read in milliseconds.
//! User lexicons are parsed at run time and laid over it.

mod compile;
mod directory;
mod family;
mod format;
mod inflect;
mod source;
mod trie;
mod weigh;

pub use compile::{compile, CompileReport};
pub use directory::Directory;
pub use family::{Family, FamilySet, FAMILIES};
pub use inflect::Morphology;
pub use source::{parse, Direction, Exposure, Pair, Source};
pub use trie::{FormId, SurfaceId, Trie};
pub use weigh::{weigh, LeaveOut, Prior, Weighed};

use crate::lm::{Vocabulary, WordId};
use rustc_hash::FxHashMap;

/// The longest form in tokens ("up-to-date" has five, hyphens counted).
pub const LONGEST_FORM: usize = 8;

/// A sequence of words that the lexicon knows: as something a spinner prints, as something it replaces, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Form {
    /// First candidate and number of candidates: the originals that the form may stand for.
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// Share of native occurrences that a spinner replaces, in 1/255, by profile; 0 where it is no original.
    pub(crate) sigma: [u8; FAMILIES],
    /// Evidence that one occurrence gives for a spinner, in 1/16 nat, by profile (see `compile`).
    pub(crate) gain: [i8; FAMILIES],
}

impl Form {
    /// Evidence of one occurrence for the spinner of profile `f`, in nats.
    #[inline]
    pub fn gain(&self, f: usize) -> f32 {
        f32::from(self.gain[f]) / GAIN_STEPS
    }

    /// Whether spinners replace this form.
    #[inline]
    pub fn is_original(&self) -> bool {
        self.sigma[FAMILIES - 1] > 0
    }

    /// Share of native occurrences that profile `f` replaces.
    #[inline]
    pub fn sigma(&self, f: usize) -> f32 {
        f32::from(self.sigma[f]) / 255.0
    }
}

pub(crate) const GAIN_STEPS: f32 = 16.0;
pub(crate) const COST_STEPS: f32 = 20.0;
pub(crate) const FREQUENCY_STEPS: f32 = 256.0;

/// One original of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Candidate {
    pub(crate) words: u32,
    pub(crate) text: u32,
    /// The original's own form: what its occurrences in the document say about this spinner's habits.
    pub(crate) original: FormId,
    pub(crate) word_count: u8,
    pub(crate) text_length: u8,
    /// Bit i: the i-th token of the spun form must be capitalised in the text (names).
    pub(crate) capitals: u8,
    /// Stated by the user's own lexicon.
    pub(crate) stated: bool,
    /// `ln P(o) - ln P(s)` without context, in 1/256 nat.
    pub(crate) frequency: i16,
    /// `-ln P_f(s | o)` in 1/20 nat, by profile.
    pub(crate) cost: [u8; FAMILIES],
}

impl Default for FormId {
    fn default() -> Self {
        FormId(u32::MAX)
    }
}

impl Candidate {
    /// How much more frequent the original is than its spun form: `ln P(o) - ln P(s)` without context.
    #[inline]
    pub fn frequency(&self) -> f32 {
        f32::from(self.frequency) / FREQUENCY_STEPS
    }

    /// `ln P_f(s | o)` of profile `f`.
    #[inline]
    pub fn log_probability(&self, f: usize) -> f32 {
        -f32::from(self.cost[f]) / COST_STEPS
    }
}

/// The compiled lexicon. See the module's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexicon {
    pub(crate) vocabulary_digest: u64,
    pub(crate) vocabulary_length: u32,
    pub(crate) own_words: Vec<String>,
    pub(crate) own_ids: FxHashMap<String, u32>,
    pub(crate) trie: Trie,
    pub(crate) forms: Vec<Form>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) words: Vec<WordId>,
    pub(crate) texts: String,
}

impl Lexicon {
    /// An empty lexicon over the words of `vocabulary`.
    pub fn empty(vocabulary: &Vocabulary) -> Lexicon {
        Lexicon {
            vocabulary_digest: vocabulary.digest(),
            vocabulary_length: vocabulary.len() as u32,
            own_words: Vec::new(),
            own_ids: FxHashMap::default(),
            trie: Trie::new(vocabulary.len()),
            forms: Vec::new(),
            candidates: Vec::new(),
            words: Vec::new(),
            texts: String::new(),
        }
    }

    /// The id of a lower-case word: the language model's where it knows the word, else the lexicon's own.
    #[inline]
    pub fn surface(&self, vocabulary: &Vocabulary, word: &str) -> SurfaceId {
        match vocabulary.id(word) {
            Some(id) => SurfaceId(id.0),
            None => self.own_surface(word),
        }
    }

    /// The id of a word outside the language model's vocabulary.
    #[inline]
    pub fn own_surface(&self, word: &str) -> SurfaceId {
        self.own_ids.get(word).map_or(SurfaceId::NONE, |&id| SurfaceId(id))
    }

    /// The trie of forms.
    pub fn trie(&self) -> &Trie {
        &self.trie
    }

    /// A form.
    #[inline]
    pub fn form(&self, form: FormId) -> &Form {
        &self.forms[form.0 as usize]
    }

    /// The originals of a form.
    #[inline]
    pub fn candidates(&self, form: FormId) -> &[Candidate] {
        let f = &self.forms[form.0 as usize];
        &self.candidates[f.first as usize..(f.first + f.count) as usize]
    }

    /// Index of a form's first candidate.
    pub fn first_candidate(&self, form: FormId) -> u32 {
        self.forms[form.0 as usize].first
    }

    /// A candidate by index.
    #[inline]
    pub fn candidate(&self, index: u32) -> &Candidate {
        &self.candidates[index as usize]
    }

    /// The language model's words of a candidate.
    #[inline]
    pub fn words(&self, c: &Candidate) -> &[WordId] {
        &self.words[c.words as usize..c.words as usize + usize::from(c.word_count)]
    }

    /// A candidate as it is written: lower case but for names, single spaces.
    #[inline]
    pub fn text(&self, c: &Candidate) -> &str {
        &self.texts[c.text as usize..c.text as usize + usize::from(c.text_length)]
    }

    /// Number of forms that have candidates, and of candidates.
    pub fn size(&self) -> (usize, usize) {
        (self.forms.iter().filter(|f| f.count > 0).count(), self.candidates.len())
    }
}
