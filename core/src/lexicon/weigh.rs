//! Weighing: from what the sources state and what annotated text shows to the channel's probabilities.
//!
//! For every original `o`, spun form `s` and profile `f` the lexicon keeps `P_f(s | o) = sigma_f(o) * q_f(s | o)`:
//!
//! * `q` is a Dirichlet posterior mean: the counts of the family's documents (and, discounted, of the other
//!   families': spinners share dictionaries) over a prior that follows the sources' weights. Some mass is left for spun forms that
//!   no source lists.
//! * `sigma`, the share of the occurrences of `o` that this spinner replaces, is a Beta posterior mean of replaced
//!   against kept occurrences.
//!
//! Occurrences in one document are not independent (a spinner's table is fixed: seen once, seen always), so a count of
//! `n` in one document enters as `1 + ln n`.

use super::family::{Family, FamilySet, FAMILIES};
use super::inflect::Morphology;
use super::source::{Direction, Source};
use std::collections::BTreeMap;

/// Strengths of the priors. The defaults were tuned on annotated documents by leaving documents and families out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Weight of an alternative in a family that its source does not name, others being named.
    pub unnamed: f32,
    /// Weight of an alternative whose source names no family.
    pub unstated: f32,
    /// Mass for spun forms that no source lists, in units of one typical alternative.
    pub unlisted: f32,
    /// Strength of the sources against counted pairs, in occurrences.
    pub strength: f32,
    /// What an occurrence in another family's document counts.
    pub foreign: f32,
    /// What any occurrence counts for the unknown spinner.
    pub unknown: f32,
    /// Prior share of replaced occurrences of a listed original, and its strength.
    pub sigma: f32,
    /// Strength of that prior in occurrences.
    pub sigma_strength: f32,
    /// Share that an inflected form inherits.
    pub inflected: f32,
}

impl Default for Prior {
    fn default() -> Self {
        Prior {
            unnamed: 0.02,
            unstated: 0.12,
            unlisted: 0.5,
            strength: 0.3,
            foreign: 0.02,
            unknown: 0.4,
            sigma: 0.2,
            sigma_strength: 0.6,
            inflected: 0.6,
        }
    }
}

/// Which evidence to leave out: for cross-validation by document and by family.
#[derive(Debug, Clone, Default)]
pub struct LeaveOut {
    /// Documents whose evidence is ignored.
    pub documents: Vec<String>,
    /// A family whose evidence, and whose label, is ignored.
    pub family: Option<Family>,
}

/// One original with its spun forms and their probabilities by profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// What the author wrote.
    pub original: String,
    /// Share of occurrences that a spinner replaces, by profile.
    pub sigma: [f32; FAMILIES],
    /// Spun forms with `P_f(s | o)`.
    pub spun: Vec<(String, [f32; FAMILIES])>,
}

#[derive(Default)]
struct Alternative {
    prior: [f32; FAMILIES],
    count: [f32; FAMILIES],
}

#[derive(Default)]
struct Entry {
    alternatives: BTreeMap<String, Alternative>,
    kept: [f32; FAMILIES],
    listed: bool,
}

/// Weighs the pairs of `sources`. `attested` says whether the language model knows a word (for inflection).
pub fn weigh(
    sources: &[Source],
    morphology: &Morphology,
    prior: &Prior,
    leave_out: &LeaveOut,
    attested: &dyn Fn(&str) -> bool,
) -> Vec<Weighed> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let left_out = |document: &str, family: Family| {
        leave_out.family == Some(family) || leave_out.documents.iter().any(|d| d == document)
    };
    let unlabel = |families: FamilySet| leave_out.family.map_or(families, |f| FamilySet(families.0 & !(1 << f.0)));
    let mut inflectable: Vec<(String, String, [f32; FAMILIES])> = Vec::new();
    for source in sources {
        for pair in &source.pairs {
            if let Some(document) = &pair.document {
                let Some(family) = Family::all().find(|&f| pair.families.contains(f)) else { continue };
                if !left_out(document, family) {
                    let entry = entries.entry(pair.original.clone()).or_default();
                    entry.alternatives.entry(pair.spun.clone()).or_default().count[family.0 as usize] +=
                        damped(pair.weight);
                }
                continue;
            }
            let families = unlabel(pair.families);
            if families.is_unstated() && !pair.families.is_unstated() {
                continue;
            }
            let weights = prior.weights(families, pair.weight);
            let entry = entries.entry(pair.original.clone()).or_default();
            entry.listed = true;
            add(&mut entry.alternatives.entry(pair.spun.clone()).or_default().prior, &weights);
            if source.inflect && source.direction == Direction::Original {
                inflectable.push((pair.original.clone(), pair.spun.clone(), weights));
            }
        }
    }
    for (original, spun, weights) in inflectable {
        for (o, s) in morphology.inflect(&original, &spun, attested) {
            // A source that lists the inflected original itself knows better.
            let entry = entries.entry(o).or_default();
            if !entry.listed {
                add(&mut entry.alternatives.entry(s).or_default().prior, &weights.map(|w| w * prior.inflected));
            }
        }
    }
    for exposure in sources.iter().flat_map(|s| &s.exposures) {
        if !left_out(&exposure.document, exposure.family) {
            if let Some(entry) = entries.get_mut(&exposure.word) {
                entry.kept[exposure.family.0 as usize] += damped(exposure.count);
            }
        }
    }
    entries.into_iter().map(|(original, entry)| prior.posterior(original, entry)).collect()
}

impl Prior {
    fn weights(&self, families: FamilySet, weight: f32) -> [f32; FAMILIES] {
        std::array::from_fn(|f| {
            let family = Family(f as u8);
            weight
                * if families.is_unstated() || family == Family::OTHER {
                    self.unstated
                } else if families.contains(family) {
                    1.0
                } else {
                    self.unnamed
                }
        })
    }

    /// Counts of profile `f` in `counts`, with what the other families lend it.
    fn lend(&self, counts: &[f32; FAMILIES], f: usize) -> f32 {
        let all: f32 = counts.iter().sum();
        if f == usize::from(Family::OTHER.0) {
            self.unknown * all
        } else {
            counts[f] + self.foreign * (all - counts[f])
        }
    }

    fn posterior(&self, original: String, entry: Entry) -> Weighed {
        let mut sigma = [0f32; FAMILIES];
        let mut spun: Vec<(String, [f32; FAMILIES])> =
            entry.alternatives.keys().map(|s| (s.clone(), [0f32; FAMILIES])).collect();
        for f in 0..FAMILIES {
            let counts: Vec<f32> = entry.alternatives.values().map(|a| self.lend(&a.count, f)).collect();
            let replaced: f32 = counts.iter().sum();
            let listed: f32 = entry.alternatives.values().map(|a| a.prior[f]).sum();
            let kept = self.lend(&entry.kept, f);
            let believed = self.sigma * listed.min(1.0);
            sigma[f] = (replaced + self.sigma_strength * believed) / (replaced + kept + self.sigma_strength);
            let total = replaced + self.strength;
            for ((_, p), (a, n)) in spun.iter_mut().zip(entry.alternatives.values().zip(&counts)) {
                let q = (n + self.strength * a.prior[f] / (listed + self.unlisted)) / total;
                p[f] = sigma[f] * q;
            }
        }
        Weighed { original, sigma, spun }
    }
}

fn damped(count: f32) -> f32 {
    if count <= 1.0 {
        count
    } else {
        1.0 + count.ln()
    }
}

fn add(to: &mut [f32; FAMILIES], from: &[f32; FAMILIES]) {
    for (t, f) in to.iter_mut().zip(from) {
        // Sources that agree say more than one of them, but not twice as much.
        *t = t.max(*f) + 0.3 * t.min(*f);
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::parse;
    use super::*;

    fn run(texts: &[&str], leave_out: &LeaveOut) -> Vec<Weighed> {
        let sources: Vec<Source> = texts.iter().map(|t| parse("t.tsv", t).expect("parses")).collect();
        weigh(&sources, &Morphology::default(), &Prior::default(), leave_out, &|_| true)
    }

    const AUTHORED: &str = "#! direction: original\nsaid\tmentioned^A|stated~0.5\n";
    const EVIDENCE: &str = "#! direction: evidence\nmentioned\tsaid\t9\tA\td1\nstated\tsaid\t1\tB\td2\n";
    const EXPOSURE: &str = "#! direction: exposure\nsaid\t20\tB\td2\n";

    #[test]
    fn probabilities_are_probabilities_and_follow_the_counts() {
        let got = run(&[AUTHORED, EVIDENCE, EXPOSURE], &LeaveOut::default());
        assert_eq!(got.len(), 1);
        let (a, b) = (0, 1);
        for f in 0..FAMILIES {
            let total: f32 = got[0].spun.iter().map(|(_, p)| p[f]).sum();
            assert!(total > 0.0 && total < got[0].sigma[f] + 1e-6 && got[0].sigma[f] < 1.0);
        }
        let mentioned = &got[0].spun[0];
        assert!(mentioned.0 == "mentioned" && mentioned.1[a] > 4.0 * mentioned.1[b]);
        assert!(got[0].sigma[a] > got[0].sigma[b]);
    }

    #[test]
    fn leaving_out_forgets() {
        let without = run(&[AUTHORED, EVIDENCE], &LeaveOut { documents: vec!["d1".into(), "d2".into()], family: None });
        assert_eq!(without, run(&[AUTHORED], &LeaveOut::default()));
        let no_a = run(&[AUTHORED, EVIDENCE], &LeaveOut { documents: vec![], family: Family::from_letter('A') });
        assert!(no_a[0].spun.iter().all(|(s, _)| s == "stated"));
    }
}
