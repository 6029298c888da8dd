//! Forking a workspace: objects are shared, refs are the fork's own; costs the number of refs.

use super::Workspace;
use super::create::{Origin, make, record};
use super::names::check_name;
use super::template::inherited;
use crate::api::{CreateWorkspace, Fork, Right, WorkspaceInfo};
use crate::store::{Begun, Once};
use crate::{EngineError, Idempotency};
use acetate_catalog::ForkPoint;
use acetate_types::{ErrorKind, WorkspaceId};

impl Workspace {
    pub(super) fn fork_off(&self, fork: &Fork, once: Option<&Idempotency>) -> Result<WorkspaceInfo, EngineError> {
        self.access.need_store(Right::Admin)?;
        let once = match Once::begin::<WorkspaceInfo>(&self.store, &self.access.actor, None, once)? {
            Begun::Again(answer) => return Ok(answer),
            Begun::New(once) => once,
        };
        self.store.check_open()?;
        let id = WorkspaceId::from_random(self.store.random());
        let name = match &fork.name {
            Some(name) => name.clone(),
            None => format!("{}-fork-{}", self.state.record.load().name, &id.as_str()[2..8]),
        };
        check_name(&name)?;
        if self.store.catalog.workspace_named(&name)?.is_some() {
            return Err(EngineError::new(ErrorKind::Conflict, "name_taken", format!("there is a workspace {name:?} already"))
                .hint("choose another name"));
        }
        let default_branch = self.state.default_branch();
        let point = self.point(fork.at.as_deref())?;
        let refs = match (&fork.at, point.commit) {
            // From a point: one branch, standing there.
            (Some(_), Some(commit)) => vec![(default_branch.clone(), commit)],
            _ => self
                .advertised()?
                .into_iter()
                .filter_map(|advertised| Some((String::from_utf8(advertised.name.to_vec()).ok()?, advertised.target)))
                .collect(),
        };
        let mut record = record(&self.store, id, name, &CreateWorkspace::default(), &default_branch);
        record.settings = inherited(&self.state.record.load().settings);
        // With all branches numbers go on from the newest version, whichever branch it is on; it is read after the branches were.
        record.version_base = match point.version.filter(|_| fork.at.is_some()) {
            Some(version) => version,
            None => match self.store.catalog.last_version(&self.state.id)? {
                Some(last) => last.number,
                None => self.state.record.load().version_base,
            },
        };
        if let Some(commit) = point.commit {
            record.parent = Some(ForkPoint { workspace: self.state.id.clone(), version: record.version_base, commit });
        }
        make(&self.store, &self.access, record, Origin::Forked(&refs, &self.state), "workspace_created", once)
    }
}
