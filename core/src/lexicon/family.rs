//! Spinner families: the dictionaries that spinners share, as far as documents have shown them.
//!
//! A family is a letter in the lexicon sources. Behind the known ones stands [`Family::OTHER`], the profile
//! of a spinner that nobody has met: everything the sources hold, with flatter weights.

/// A profile of the channel: one of the known families, or the unknown spinner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(pub u8);

/// Number of profiles, [`Family::OTHER`] included.
pub const FAMILIES: usize = 6;

impl Family {
    /// The unknown spinner.
    pub const OTHER: Family = Family(5);

    /// The family of a letter.
    pub fn from_letter(letter: char) -> Option<Family> {
        matches!(letter, 'A'..='E').then(|| Family(letter as u8 - b'A'))
    }

    /// The family's letter; the unknown spinner is "other".
    pub fn name(self) -> &'static str {
        ["A", "B", "C", "D", "E", "other"][usize::from(self.0).min(5)]
    }

    /// All profiles.
    pub fn all() -> impl Iterator<Item = Family> {
        (0..FAMILIES as u8).map(Family)
    }
}

/// A set of families; the empty set means that the source does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FamilySet(pub u8);

impl FamilySet {
    /// Reads letters ("ABC", or "*" for no statement).
    pub fn parse(letters: &str) -> Option<FamilySet> {
        if letters == "*" {
            return Some(FamilySet(0));
        }
        letters.chars().try_fold(FamilySet(0), |set, c| Some(FamilySet(set.0 | 1 << Family::from_letter(c)?.0)))
    }

    /// Whether nothing is said.
    pub fn is_unstated(self) -> bool {
        self.0 == 0
    }

    /// Whether `family` is named.
    pub fn contains(self, family: Family) -> bool {
        self.0 & (1 << family.0) != 0
    }
}
