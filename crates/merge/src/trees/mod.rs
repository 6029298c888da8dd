//! Three-way merge of trees: the result that `git merge-tree` gives, as edits to our side and conflicts as data.
//!
//! The merge follows Git's `merge-ort`: walk the three trees together, enter only what differs, find out what was renamed where it
//! matters, then decide path by path. Swapping the sides gives the same verdict and the same clean result.
//!
//! | what happened | result | Git |
//! | --- | --- | --- |
//! | one side changed, added or deleted a path | that side's | same |
//! | both sides made the same change | the change, [`FindingKind::SameChange`] | same |
//! | both changed a text | merged by lines ([`crate::lines`]); `both_changed` where lines overlap | same |
//! | both added a text | merged as if from an empty file: `added_differently` unless equal | same |
//! | both changed a binary file (a NUL among the first 8,000 bytes) | `binary` | same |
//! | modes | merged apart from contents; `mode` if both changed it differently | same |
//! | both changed a symbolic link | `symlink` | same |
//! | both moved a submodule | `submodule` | looks into the submodule's repository, if it has it, for a fast-forward |
//! | a file on one side, a link or submodule on the other | `distinct_types` | same |
//! | one changed, the other deleted | `changed_deleted` | same |
//! | one renamed, the other changed | the change follows the rename, [`FindingKind::RenameFollowed`] | same |
//! | one renamed, the other deleted | `renamed_deleted` | same |
//! | both renamed a file, to one path | merged there | same |
//! | both renamed a file, to different paths | `renamed_differently` | same |
//! | a renamed file meets another one | merged as two additions: `added_differently`, and `rename_collision` if the rename itself conflicts | same |
//! | one renamed a file; the other put the same file at the new path, and changed the old one | `rename_collision` | clean: takes ours, whichever side that is |
//! | a file where the other side has a directory that stays | `file_directory` | same |
//! | one renamed a directory, the other added to it | the addition follows, [`FindingKind::DirectoryRenameApplied`] | **conflict** by default; same with `merge.directoryRenames=true` |
//! | a directory's files went to several places, equally many to each | `directory_rename_split`, if it matters | same |
//! | following a directory would put two things at one path | `directory_rename_blocked` | same |
//! | a recorded move that similarity does not see | followed, [`FindingKind::RecordedMove`] | does not know of it |
//! | an exact or similar rename other than the recorded one | the recorded one | the other |
//! | a followed directory brings a file into a directory that only one side changed | what is there stays; `directory_rename_blocked` if at the same path | 2.47 with `merge.directoryRenames=true` drops or overwrites it |
//! | a followed directory brings a file below a path that is a file on the other side | `file_directory` | 2.47 with `merge.directoryRenames=true` writes both under one name |
//! | a followed directory brings a file to where another was renamed away, or back to itself | it stays | 2.47 drops it |
//!
//! Also unlike Git: `.gitattributes` is not read (merge drivers, line-end conversion, `binary`); bytes are merged as they are stored. Texts
//! beyond [`crate::lines::LineLimits`] are `too_large`. Where a merge that Git reports as clean differs from this one, a finding says why.
//!
//! Cost: proportional to the directories that differ between the sides. A subtree that only one side changed is taken whole, without being
//! entered, unless a rename of that side can matter. Blobs are read only for text merges, and for renames that names and identity leave open.
//!
//! Deliberately missing: several merge bases (sessions have one), symbols (see [`crate::files`]), writing objects.

mod ahead;
mod conflict;
mod contents;
mod decide;
mod directories;
mod edits;
mod entry;
mod follow;
mod outcome;
mod report;
mod run;
mod walk;

pub use conflict::{Conflict, ConflictKind, Finding, FindingKind, Proposal, Settle, Side};
pub use outcome::{Counts, Edit, MergeError, MergeLimits, MergedContent, MergedEntry, Move, TreeMerge, TreeOptions};
pub use run::{merge_trees, merge_trees_with};
