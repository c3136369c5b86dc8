//! Work over rows in fixed chunks, so that the result does not depend on the number of threads.

use rayon::prelude::*;
use std::ops::Range;

/// Rows in a chunk, at least. Below this, handing work to another thread costs more than it saves.
const LEAST: usize = 16_384;

/// Chunks, at most. Bounds the memory of partial sums: 64 × 4 × 1,000 statements × 16 bytes = 4 MB.
const MOST: usize = 64;

/// Calls `work` on consecutive ranges that cover `0..rows`, and returns what it gave, in order.
///
/// The ranges depend on `rows` alone.
pub(crate) fn in_chunks<T: Send>(rows: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    in_parts(rows, MOST, work)
}

/// [`in_chunks`] with fewer chunks, for work whose partial results are large.
pub(crate) fn in_parts<T: Send>(rows: usize, most: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let size = rows.div_ceil(most).max(LEAST);
    if rows <= size {
        return vec![work(0..rows)];
    }
    let starts: Vec<usize> = (0..rows).step_by(size).collect();
    starts.into_par_iter().map(|start| work(start..rows.min(start + size))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_all_rows_once() {
        for rows in [0, 1, LEAST, LEAST + 1, 3 * LEAST - 1, 100 * LEAST] {
            let ranges = in_chunks(rows, |range| range);
            assert_eq!(ranges.iter().map(|range| range.len()).sum::<usize>(), rows);
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
            assert!(ranges.len() <= MOST);
        }
    }
}
