//! Shifting groups of changed lines up and down.
//!
//! A group whose last line equals the line above it can be shown one line further up, and likewise down. Git shifts groups so that
//! neighbouring ones merge, then prefers a place where the other side has changes too, else the lowest. Merges depend on it: where a
//! change is decides what it overlaps.

use super::{Budget, Exhausted};

/// A possibly empty group of changed lines: `start..end`, between unchanged lines.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn first(changed: &[bool]) -> Self {
        Self { start: 0, end: end_of(changed, 0) }
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Steps over the unchanged line below. False at the end.
    fn step_down(&mut self, changed: &[bool]) -> bool {
        if self.end >= changed.len() {
            return false;
        }
        self.start = self.end + 1;
        self.end = end_of(changed, self.start);
        true
    }

    /// Steps over the unchanged line above.
    fn step_up(&mut self, changed: &[bool]) {
        self.end = self.start.saturating_sub(1);
        self.start = start_of(changed, self.end);
    }

    /// Moves the group one line up if the lines allow, joining a group it meets.
    fn shift_up(&mut self, lines: &[u32], changed: &mut [bool]) -> bool {
        if self.start == 0 || lines[self.start - 1] != lines[self.end - 1] {
            return false;
        }
        changed[self.start - 1] = true;
        changed[self.end - 1] = false;
        self.end -= 1;
        self.start = start_of(changed, self.start - 1);
        true
    }

    /// Moves the group one line down if the lines allow, joining a group it meets.
    fn shift_down(&mut self, lines: &[u32], changed: &mut [bool]) -> bool {
        if self.end >= lines.len() || lines[self.start] != lines[self.end] {
            return false;
        }
        changed[self.start] = false;
        changed[self.end] = true;
        self.start += 1;
        self.end = end_of(changed, self.end + 1);
        true
    }
}

fn end_of(changed: &[bool], from: usize) -> usize {
    from + changed.iter().skip(from).take_while(|changed| **changed).count()
}

fn start_of(changed: &[bool], from: usize) -> usize {
    from - changed.iter().take(from).rev().take_while(|changed| **changed).count()
}

/// Shifts the groups of one side; `other` are the flags of the other side, which stay as they are.
pub(super) fn slide(lines: &[u32], changed: &mut [bool], other: &mut [bool], budget: &mut Budget) -> Result<(), Exhausted> {
    let mut group = Group::first(changed);
    // The group of the other side that stands between the same unchanged lines; it moves in step.
    let mut opposite = Group::first(other);
    loop {
        if !group.is_empty() {
            slide_one(lines, changed, other, &mut group, &mut opposite, budget)?;
        }
        if !group.step_down(changed) {
            return Ok(());
        }
        opposite.step_down(other);
    }
}

fn slide_one(
    lines: &[u32],
    changed: &mut [bool],
    other: &[bool],
    group: &mut Group,
    opposite: &mut Group,
    budget: &mut Budget,
) -> Result<(), Exhausted> {
    let mut highest_end;
    let mut meets_other;
    loop {
        let size = group.end - group.start;
        while group.shift_up(lines, changed) {
            opposite.step_up(other);
            budget.spend(1)?;
        }
        highest_end = group.end;
        meets_other = !opposite.is_empty();
        while group.shift_down(lines, changed) {
            opposite.step_down(other);
            meets_other |= !opposite.is_empty();
            budget.spend(1)?;
        }
        // A group that grew on its way may now be able to go further.
        if size == group.end - group.start {
            break;
        }
    }
    if group.end != highest_end && meets_other {
        while opposite.is_empty() && group.shift_up(lines, changed) {
            opposite.step_up(other);
        }
    }
    Ok(())
}
