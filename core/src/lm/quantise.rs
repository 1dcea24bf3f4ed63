//! Scalar quantisers: 256 values that stand for millions of log probabilities or back-off weights.
//!
//! Bins of equal mass to start with (as in KenLM: Heafield 2011, after Federico & Bertoldi 2006), then Lloyd's iterations, which
//! move each value to the mean of its bin and each border to the middle between two values, and so lessen the squared
//! error in the log domain. Sums run in one fixed order, so the same values give the same book on every machine.

/// Number of values of a book.
pub(crate) const LEVELS: usize = 256;

const ITERATIONS: usize = 60;

/// 256 ascending values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Book {
    pub(crate) values: [f32; LEVELS],
}

impl Book {
    /// Learns a book from `samples`, which are finite.
    pub(crate) fn learn(samples: &[f32]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f32::total_cmp);
        let mut distinct = sorted.clone();
        distinct.dedup();
        if distinct.len() <= LEVELS {
            let last = distinct.last().copied().unwrap_or(0.0);
            distinct.resize(LEVELS, last);
            let mut values = [0.0; LEVELS];
            values.copy_from_slice(&distinct);
            return Self { values };
        }
        let mut sums = Vec::with_capacity(sorted.len() + 1);
        sums.push(0.0f64);
        for &x in &sorted {
            sums.push(sums[sums.len() - 1] + f64::from(x));
        }
        let mean = |from: usize, to: usize| (sums[to] - sums[from]) / (to - from) as f64;
        let n = sorted.len();
        // Equal mass would spend nothing on the thin tails: half of the books' values start spread by value.
        let (low, high) = (f64::from(sorted[0]), f64::from(sorted[n - 1]));
        let mut values: Vec<f64> = (0..LEVELS / 2)
            .map(|i| f64::from(sorted[(2 * i + 1) * n / LEVELS]))
            .chain((0..LEVELS / 2).map(|i| low + (high - low) * (i as f64 + 0.5) / (LEVELS / 2) as f64))
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        for _ in 0..ITERATIONS {
            let mut from = 0;
            for i in 0..LEVELS {
                let to = match values.get(i + 1) {
                    Some(next) => {
                        let border = (values[i] + next) / 2.0;
                        from + sorted[from..].partition_point(|&x| f64::from(x) <= border)
                    }
                    None => n,
                };
                if to > from {
                    values[i] = mean(from, to);
                }
                from = to;
            }
            values.sort_unstable_by(f64::total_cmp);
        }
        let mut book = [0.0; LEVELS];
        for (to, from) in book.iter_mut().zip(&values) {
            *to = *from as f32;
        }
        Self { values: book }
    }

    /// The code of the value nearest to `x`.
    pub(crate) fn encode(&self, x: f32) -> u8 {
        let above = self.values.partition_point(|&v| v < x).min(LEVELS - 1);
        let below = above.saturating_sub(1);
        if (x - self.values[below]).abs() <= (self.values[above] - x).abs() {
            below as u8
        } else {
            above as u8
        }
    }
}
