//! The trie of forms: finds, at a token of a text, every lexicon form that starts there.
//!
//! A form is a sequence of word ids. The first step is a direct table over word ids (most words of a text end the search there), the
//! others go through one open-addressed table keyed by (node, word), so that a step costs one probe of a flat array
//! and the whole structure can be written to and read from a file as it stands.

/// A word of the lexicon: an id of the language model's vocabulary, or beyond it an id of the lexicon's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SurfaceId(pub u32);

impl SurfaceId {
    /// A word that no form holds.
    pub const NONE: SurfaceId = SurfaceId(u32::MAX);
}

/// Index of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FormId(pub u32);

const NO_FORM: u32 = u32::MAX;
const EMPTY: u64 = u64::MAX;

/// See the module's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trie {
    /// Node of a first word, 0 for none.
    pub(super) root: Vec<u32>,
    /// Form that ends at a node.
    pub(super) forms: Vec<u32>,
    /// `node << 32 | word` -> node.
    pub(super) keys: Vec<u64>,
    pub(super) values: Vec<u32>,
    pub(super) used: u32,
}

impl Trie {
    /// An empty trie over `words` word ids.
    pub fn new(words: usize) -> Trie {
        Trie { root: vec![0; words], forms: vec![NO_FORM], keys: vec![EMPTY; 16], values: vec![0; 16], used: 0 }
    }

    /// The node after the first word of a form.
    #[inline]
    pub fn first(&self, word: SurfaceId) -> Option<u32> {
        self.root.get(word.0 as usize).copied().filter(|&node| node != 0)
    }

    /// The node after one more word.
    #[inline]
    pub fn next(&self, node: u32, word: SurfaceId) -> Option<u32> {
        let key = key(node, word);
        let mask = self.keys.len() - 1;
        let mut slot = spread(key) & mask;
        loop {
            match self.keys[slot] {
                k if k == key => return Some(self.values[slot]),
                EMPTY => return None,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// The form that ends at `node`.
    #[inline]
    pub fn form(&self, node: u32) -> Option<FormId> {
        let form = self.forms[node as usize];
        (form != NO_FORM).then_some(FormId(form))
    }

    /// Finds or makes the node of `words`; `words` is not empty and holds no [`SurfaceId::NONE`].
    pub fn insert(&mut self, words: &[SurfaceId]) -> u32 {
        let mut node = 0;
        for (i, &word) in words.iter().enumerate() {
            if i == 0 {
                let at = word.0 as usize;
                if at >= self.root.len() {
                    self.root.resize(at + 1, 0);
                }
                if self.root[at] == 0 {
                    self.root[at] = self.new_node();
                }
                node = self.root[at];
            } else if let Some(next) = self.next(node, word) {
                node = next;
            } else {
                let made = self.new_node();
                self.put(key(node, word), made);
                node = made;
            }
        }
        node
    }

    /// Lets `form` end at `node`.
    pub fn set_form(&mut self, node: u32, form: FormId) {
        self.forms[node as usize] = form.0;
    }

    /// Whether the arrays fit each other (a file is not trusted).
    pub(super) fn is_sound(&self, forms: usize) -> bool {
        let nodes = self.forms.len() as u32;
        self.keys.len().is_power_of_two()
            && self.keys.len() == self.values.len()
            && (self.used as usize) < self.keys.len()
            && self.keys.iter().filter(|&&k| k != EMPTY).count() == self.used as usize
            && nodes > 0
            && self.root.iter().chain(&self.values).all(|&n| n < nodes)
            && self.forms.iter().all(|&f| f == NO_FORM || (f as usize) < forms)
    }

    fn new_node(&mut self) -> u32 {
        self.forms.push(NO_FORM);
        self.forms.len() as u32 - 1
    }

    fn put(&mut self, key: u64, value: u32) {
        if (self.used as usize + 1) * 10 > self.keys.len() * 7 {
            let size = self.keys.len() * 2;
            let keys = std::mem::replace(&mut self.keys, vec![EMPTY; size]);
            let values = std::mem::replace(&mut self.values, vec![0; size]);
            for (k, v) in keys.into_iter().zip(values).filter(|(k, _)| *k != EMPTY) {
                self.place(k, v);
            }
        }
        self.place(key, value);
        self.used += 1;
    }

    fn place(&mut self, key: u64, value: u32) {
        let mask = self.keys.len() - 1;
        let mut slot = spread(key) & mask;
        while self.keys[slot] != EMPTY {
            slot = (slot + 1) & mask;
        }
        self.keys[slot] = key;
        self.values[slot] = value;
    }
}

fn key(node: u32, word: SurfaceId) -> u64 {
    u64::from(node) << 32 | u64::from(word.0)
}

fn spread(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_inserted_and_nothing_else() {
        let mut trie = Trie::new(10);
        let word = |w: &[u32]| w.iter().map(|&i| SurfaceId(i)).collect::<Vec<_>>();
        let mut sequences = vec![word(&[1]), word(&[1, 2]), word(&[1, 2, 3]), word(&[4, 5])];
        sequences.extend((0..200).map(|i| word(&[1, 2, i + 100])));
        for (i, s) in sequences.iter().enumerate() {
            let node = trie.insert(s);
            trie.set_form(node, FormId(i as u32));
        }
        let find = |s: &[SurfaceId]| {
            s[1..].iter().try_fold(trie.first(s[0])?, |n, &w| trie.next(n, w)).and_then(|n| trie.form(n))
        };
        for (i, s) in sequences.iter().enumerate() {
            assert_eq!(find(s), Some(FormId(i as u32)));
        }
        assert_eq!(find(&word(&[4])), None);
        assert_eq!(find(&word(&[4, 6])), None);
        assert_eq!(find(&[SurfaceId::NONE]), None);
        assert!(trie.is_sound(sequences.len()) && !trie.is_sound(3));
    }
}
