//! Hash tables of n-grams that do not store the n-grams: 64-byte buckets of fingerprints and codes.
//!
//! A key is a 64-bit hash of the words. A bucket is one cache line: first its fingerprints (u16, 0 for an empty slot),
//! then their probability codes, then, in the tables of contexts, their back-off codes:
//!
//! | table | slots a bucket | bytes an n-gram |
//! |---|---|---|
//! | inner (fingerprint, probability, back-off) | 16 | 4 |
//! | leaf (fingerprint, probability) | 21 | 3 |
//!
//! A key may lie in either of two buckets; the writer moves entries between theirs (cuckoo hashing with buckets: Dietzfelbinger
//! & Weidner 2007), which fills the tables to 98 %. That a fingerprint stands for the n-gram makes the model lossy, as in
//! Talbot & Osborne (2007) and Guthrie & Hepple (2010): an n-gram that is not there is mistaken for one that is
//! with a probability of 32/65535 or 42/65535, about 5e-4; an n-gram that is there finds another's
//! codes before its own about as often as half of that. Both are the same on every machine.

use super::format::u64_at;
use super::WordId;

/// Bytes of a bucket: a cache line.
pub(crate) const BUCKET: usize = 64;
/// Buckets are filled to this share on average.
const LOAD: f64 = 0.98;

const K1: u64 = 0x9e37_79b9_7f4a_7c15;
const K2: u64 = 0xbf58_476d_1ce4_e5b9;
const K3: u64 = 0x94d0_49bb_1331_11eb;

/// The hash of an empty context.
pub(crate) const ROOT: u64 = 0x243f_6a88_85a3_08d3;

/// The hash of a context with one more word on its left. Contexts grow from their last word leftward, as look-ups do.
#[inline]
pub(crate) fn extend(context: u64, word: WordId) -> u64 {
    let h = (context ^ u64::from(word.0).wrapping_add(1).wrapping_mul(K1)).wrapping_mul(K2);
    h ^ (h >> 29)
}

/// The key of the n-gram `context` + `word`.
#[inline]
pub(crate) fn key(context: u64, word: WordId) -> u64 {
    let h = (context ^ u64::from(word.0).wrapping_mul(K1)).wrapping_mul(K3);
    (h ^ (h >> 32)).wrapping_mul(K2)
}

/// The key of an n-gram given in reading order.
pub fn ngram_key(words: &[WordId]) -> u64 {
    match words.split_last() {
        Some((&last, context)) => key(context.iter().rev().fold(ROOT, |h, &w| extend(h, w)), last),
        None => ROOT,
    }
}

#[inline]
fn fingerprint(key: u64) -> u16 {
    // 0 marks an empty slot.
    (key as u16).max(1)
}

#[inline]
fn choices(key: u64, buckets: usize) -> (usize, usize) {
    let reduce = |h: u64| ((u128::from(h) * buckets as u128) >> 64) as usize;
    (reduce(key), reduce((key ^ (key >> 31)).wrapping_mul(K1)))
}

/// A table of `SLOTS` slots a bucket at an offset of the model file: 16 with back-off codes, or 21 without.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<const SLOTS: usize> {
    pub(crate) offset: usize,
    pub(crate) buckets: usize,
}

/// Slots of a bucket with back-off codes.
pub(crate) const INNER: usize = 16;
/// Slots of a bucket without.
pub(crate) const LEAF: usize = 21;

impl<const SLOTS: usize> Table<SLOTS> {
    #[inline]
    fn bucket<'b>(&self, bytes: &'b [u8], index: usize) -> &'b [u8; BUCKET] {
        let at = self.offset + index * BUCKET;
        // Never empty-handed: the range was checked when the model was opened.
        bytes[at..at + BUCKET].try_into().unwrap_or(&[0; BUCKET])
    }

    /// Reads the first bucket of `key`, so that it is on its way while other buckets are asked.
    #[inline]
    pub(crate) fn touch(&self, bytes: &[u8], key: u64) -> u64 {
        u64_at(self.bucket(bytes, choices(key, self.buckets).0), 0)
    }

    /// The bucket and slot of `key`.
    #[inline]
    pub(crate) fn find<'b>(&self, bytes: &'b [u8], key: u64) -> Option<(&'b [u8; BUCKET], usize)> {
        let sought = fingerprint(key);
        let (first, second) = choices(key, self.buckets);
        let bucket = self.bucket(bytes, first);
        if let Some(slot) = position::<SLOTS>(bucket, sought) {
            return Some((bucket, slot));
        }
        let bucket = self.bucket(bytes, second);
        position::<SLOTS>(bucket, sought).map(|slot| (bucket, slot))
    }
}

impl Table<LEAF> {
    /// The probability code of `key`.
    #[inline]
    pub(crate) fn get(&self, bytes: &[u8], key: u64) -> Option<u8> {
        self.find(bytes, key).map(|(bucket, slot)| bucket[LEAF * 2 + slot])
    }
}

impl Table<INNER> {
    /// The probability code and the back-off code of `key`.
    #[inline]
    pub(crate) fn get(&self, bytes: &[u8], key: u64) -> Option<(u8, u8)> {
        self.find(bytes, key).map(|(bucket, slot)| (bucket[INNER * 2 + slot], bucket[INNER * 3 + slot]))
    }
}

/// The first slot with this fingerprint. Four are compared at once, as the lanes of a word: subtracting 1 from a lane borrows into
/// its top bit where the lane was 0, and the lowest such lane is a true one.
#[inline]
fn position<const SLOTS: usize>(bucket: &[u8; BUCKET], sought: u16) -> Option<usize> {
    const ONES: u64 = 0x0001_0001_0001_0001;
    let wanted = u64::from(sought) * ONES;
    for from in (0..SLOTS).step_by(4) {
        let lanes = u64_at(bucket, from * 2) ^ wanted;
        let zero = lanes.wrapping_sub(ONES) & !lanes & (ONES << 15);
        if zero != 0 {
            let slot = from + zero.trailing_zeros() as usize / 16;
            // The last word of a leaf bucket reaches into its codes.
            return (slot < SLOTS).then_some(slot);
        }
    }
    None
}

/// An n-gram to be stored: its key, and its codes (the back-off code of a leaf is not stored).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coded {
    pub(crate) key: u64,
    pub(crate) probability: u8,
    pub(crate) backoff: u8,
}

/// The bytes of a table that `entries` n-grams need.
pub(crate) fn bytes_for(entries: usize, slots: usize) -> usize {
    buckets_for(entries, slots) * BUCKET
}

fn buckets_for(entries: usize, slots: usize) -> usize {
    ((entries as f64 / (slots as f64 * LOAD)).ceil() as usize).max(1)
}

/// Places `entries` into buckets of `slots` and returns the table's bytes. Deterministic: the walk's random numbers have a
/// fixed seed, and the load is far below the threshold of 2-choice buckets of this size, so the walk ends.
pub(crate) fn build(entries: &[Coded], slots: usize) -> Vec<u8> {
    let mut buckets = buckets_for(entries.len(), slots);
    loop {
        if let Some(bytes) = try_build(entries, slots, buckets) {
            return bytes;
        }
        // Tiny tables can be unlucky.
        buckets += 1 + buckets / 64;
    }
}

fn try_build(entries: &[Coded], slots: usize, buckets: usize) -> Option<Vec<u8>> {
    const EMPTY: u32 = u32::MAX;
    let mut held = vec![EMPTY; buckets * slots];
    let mut filled = vec![0u8; buckets];
    let mut random = K1;
    for start in 0..entries.len() as u32 {
        let mut entry = start;
        let mut from = usize::MAX;
        let mut steps = 0;
        loop {
            let (first, second) = choices(entries[entry as usize].key, buckets);
            let free = [first, second].into_iter().find(|&b| usize::from(filled[b]) < slots);
            if let Some(bucket) = free {
                held[bucket * slots + usize::from(filled[bucket])] = entry;
                filled[bucket] += 1;
                break;
            }
            steps += 1;
            if steps > 10_000 {
                return None;
            }
            // Not back to where it was just thrown out of.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let bucket = match from {
                f if f == first => second,
                f if f == second => first,
                _ if random & (1 << 40) == 0 => first,
                _ => second,
            };
            let slot = bucket * slots + (random >> 8) as usize % slots;
            std::mem::swap(&mut held[slot], &mut entry);
            from = bucket;
        }
    }
    let mut bytes = vec![0; buckets * BUCKET];
    for (bucket, held) in bytes.chunks_exact_mut(BUCKET).zip(held.chunks_exact(slots)) {
        for (slot, &entry) in held.iter().enumerate().filter(|(_, &e)| e != EMPTY) {
            let e = entries[entry as usize];
            bucket[slot * 2..slot * 2 + 2].copy_from_slice(&fingerprint(e.key).to_le_bytes());
            bucket[slots * 2 + slot] = e.probability;
            if slots == INNER {
                bucket[slots * 3 + slot] = e.backoff;
            }
        }
    }
    Some(bytes)
}
