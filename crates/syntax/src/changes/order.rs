//! Which of the symbols that stayed in one place of the file changed their order there.

/// Of numbers, those that are not in the longest run of rising ones (the first such run, of several).
pub(super) fn out_of_order(numbers: &[usize]) -> Vec<usize> {
    // Where the runs of each length end with the smallest number, and what each number follows.
    let mut ends: Vec<usize> = Vec::new();
    let mut follows: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    let value = |at: &usize| numbers.get(*at).copied().unwrap_or_default();
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| value(end) < *number);
        follows.push(length.checked_sub(1).and_then(|before| ends.get(before).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = vec![false; numbers.len()];
    let mut at = ends.last().copied();
    while let Some(place) = at {
        if let Some(stay) = stays.get_mut(place) {
            *stay = true;
        }
        at = follows.get(place).copied().flatten();
    }
    numbers.iter().zip(stays).filter(|(_, stays)| !stays).map(|(number, _)| *number).collect()
}

#[cfg(test)]
mod tests {
    use super::out_of_order;

    #[test]
    fn what_left_the_row_is_found() {
        let check = |numbers: &[usize], expect: &[usize]| assert_eq!(out_of_order(numbers), expect, "{numbers:?}");
        check(&[], &[]);
        check(&[1, 2, 3], &[]);
        check(&[3, 1, 2], &[3]);
        check(&[2, 3, 1], &[1]);
        check(&[1, 4, 2, 3], &[4]);
        check(&[2, 1], &[2]);
    }
}
