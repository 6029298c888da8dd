//! The order in which Git walks its maps of strings.
//!
//! Where several renames are equally good, Git takes the one it meets first, and some of its walks go over hash maps. The order is
//! deterministic (FNV-1 over the key, chained buckets, newest first, four times the buckets at 80 % load), and reproduced here, so that
//! ties are broken alike.

const FIRST_SIZE: usize = 64;

fn hash(key: &[u8]) -> u32 {
    key.iter().fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}

/// The places of `keys` (distinct, in the order in which Git would add them) in the order in which Git would walk them.
pub(crate) fn git_order<K: AsRef<[u8]>>(keys: &[K]) -> Vec<usize> {
    if keys.len() < 2 {
        return (0..keys.len()).collect();
    }
    let hashes: Vec<u32> = keys.iter().map(|key| hash(key.as_ref())).collect();
    let bucket = |key: usize, size: usize| hashes[key] as usize & (size - 1);
    // Buckets with the newest entry last; walked from the end.
    let mut buckets: Vec<Vec<usize>> = vec![Vec::new(); FIRST_SIZE];
    for key in 0..keys.len() {
        let size = buckets.len();
        buckets[bucket(key, size)].push(key);
        if key + 1 > size * 80 / 100 {
            let mut larger: Vec<Vec<usize>> = vec![Vec::new(); size * 4];
            for key in buckets.iter().flat_map(|bucket| bucket.iter().rev()) {
                larger[bucket(*key, size * 4)].push(*key);
            }
            buckets = larger;
        }
    }
    buckets.iter().flat_map(|bucket| bucket.iter().rev()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_appears_once() {
        for len in [0usize, 1, 2, 51, 52, 300, 1000] {
            let keys: Vec<String> = (0..len).map(|at| format!("dir/{at}")).collect();
            let mut order = git_order(&keys);
            assert_eq!(order.len(), len);
            order.sort_unstable();
            assert!(order.iter().copied().eq(0..len));
        }
    }

    #[test]
    fn buckets_come_in_order_and_the_newest_first() {
        // FNV-1 of one byte is base * prime ^ byte: neighbours differ in the low bits only.
        let keys = ["a", "b", "c"];
        let mut by_bucket: Vec<usize> = (0..3).collect();
        by_bucket.sort_by_key(|at| hash(keys[*at].as_bytes()) & 63);
        assert_eq!(git_order(&keys), by_bucket);
    }
}
