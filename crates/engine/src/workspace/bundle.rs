//! Bundles: standard Git bundle files.

use super::bundled::SETTINGS_REF;
use super::{BundleFile, Workspace};
use crate::EngineError;
use crate::session::Session;
use crate::store::Store;
use acetate_git::BundleRefs;
use acetate_types::{ErrorKind, ObjectId};
use std::sync::Arc;
use std::time::Duration;

/// How long writing a bundle may take.
const TIME: Duration = Duration::from_secs(3600);

/// Bundles single commits under names of their own. `since` are commits that the receiver has.
pub(crate) fn bundle_commits(store: &Store, commits: &[(ObjectId, String)], since: Vec<ObjectId>) -> Result<BundleFile, EngineError> {
    let bundled = commits.iter().map(|(id, name)| (name.clone(), *id)).collect();
    write(store, &BundleRefs { refs: bundled, since })
}

fn write(store: &Store, what: &BundleRefs) -> Result<BundleFile, EngineError> {
    let io =
        |error: std::io::Error| EngineError::new(ErrorKind::Unavailable, "bundle_write", format!("the bundle can't be written: {error}"));
    let folder = tempfile::Builder::new().prefix(crate::store::BUNDLE).tempdir_in(&store.state_dir).map_err(io)?;
    let path = folder.path().join("bundle");
    store.repo.create_bundle(what, &path, TIME)?;
    let file = std::fs::File::open(&path).map_err(io)?;
    let bytes = file.metadata().map_err(io)?.len();
    // The open file outlives its name: nothing is left behind whatever becomes of the caller.
    Ok(BundleFile { file, bytes })
}

impl Workspace {
    pub(super) fn write_bundle(&self, since: Option<&str>, sessions: bool) -> Result<BundleFile, EngineError> {
        self.store.pipeline.settle()?;
        let since = match since {
            Some(at) => self.point(Some(at))?.commit.into_iter().collect(),
            None => Vec::new(),
        };
        let mut refs: Vec<(String, ObjectId)> = Vec::new();
        // A clone of the bundle checks out what HEAD names.
        refs.extend(self.state.default_head(&self.store).commit.map(|head| ("HEAD".to_owned(), head)));
        let all = self.advertised()?.into_iter().filter_map(|known| Some((String::from_utf8(known.name.to_vec()).ok()?, known.target)));
        refs.extend(all);
        if sessions {
            refs.extend(self.session_tips()?);
        }
        if refs.is_empty() {
            return Err(EngineError::invalid("bundle_empty", "the workspace has no commit to bundle"));
        }
        refs.push((SETTINGS_REF.to_owned(), self.settings_commit()?));
        write(&self.store, &BundleRefs { refs, since })
    }

    /// The work of each session that has not landed, unsaved edits included, as a branch. The sessions go on as they are.
    fn session_tips(&self) -> Result<Vec<(String, ObjectId)>, EngineError> {
        let mut tips = Vec::new();
        for info in self.live_sessions().sessions.into_iter().filter(|info| info.unsubmitted) {
            let Some(cell) = self.store.sessions.pin().get(&info.id).map(Arc::clone) else { continue };
            let session = Session::new(Arc::clone(&self.store), cell, self.access.clone());
            tips.extend(session.tip_now()?.map(|tip| (format!("refs/heads/sessions/{}", info.id), tip)));
        }
        Ok(tips)
    }
}
