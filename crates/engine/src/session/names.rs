//! Names that file systems take for one: those of a directory that are equal but for case or normal form.

use crate::store::Store;
use acetate_overlay::Overlay;
use acetate_types::RepoPath;
use bytes::Bytes;
use std::collections::HashMap;

/// Directories with more entries are not looked through: that would cost more than the write.
const LOOKED_THROUGH: usize = 10_000;

/// What the edits of one call know of the names in the directories they write to.
#[derive(Default)]
pub(super) struct Names(HashMap<Option<RepoPath>, Known>);

enum Known {
    /// One name was compared with all others. Plain names are compared as they are: folding every name of a large directory costs more
    /// than the write.
    Once,
    /// Several were: names by what they fold to. `None` where there are too many.
    Folded(Option<HashMap<Vec<u8>, Vec<Bytes>>>),
}

impl Names {
    /// Names went, or moved: what is known may be wrong.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// Another name in the directory of a new entry that is the same for some file systems; `goes` is about to leave it. The new name is
    /// known from then on.
    pub(super) fn meets(&mut self, store: &Store, overlay: &Overlay, new: &RepoPath, goes: Option<&[u8]>) -> Option<Bytes> {
        let own = new.file_name();
        let other = |name: &[u8]| name != own && Some(name) != goes;
        let list = || overlay.list(&store.repo, new.parent().as_ref()).ok().filter(|siblings| siblings.len() <= LOOKED_THROUGH);
        match self.0.get_mut(&new.parent()) {
            None => {
                self.0.insert(new.parent(), Known::Once);
                let key = RepoPath::fold_key(own);
                let folds = |name: &[u8]| {
                    if own.is_ascii() && name.is_ascii() { name.eq_ignore_ascii_case(own) } else { RepoPath::fold_key(name) == key }
                };
                list()?.into_iter().map(|sibling| sibling.name).find(|name| other(name) && folds(name))
            }
            Some(known) => {
                if matches!(known, Known::Once) {
                    let folded = list().map(|siblings| {
                        let mut folded: HashMap<Vec<u8>, Vec<Bytes>> = HashMap::new();
                        for sibling in siblings {
                            folded.entry(RepoPath::fold_key(&sibling.name)).or_default().push(sibling.name);
                        }
                        folded
                    });
                    *known = Known::Folded(folded);
                }
                let Known::Folded(Some(folded)) = known else { return None };
                let same = folded.entry(RepoPath::fold_key(own)).or_default();
                let met = same.iter().find(|name| other(name)).cloned();
                if !same.iter().any(|name| name == own) {
                    same.push(Bytes::copy_from_slice(own));
                }
                met
            }
        }
    }
}
