//! What is said over the socket.

use crate::owner::Owner;
use acetate_types::Problem;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// A session is to be shown at a folder; its device follows. One that is `held` is shown as long as the conversation lasts.
    Mount {
        session: String,
        folder: PathBuf,
        #[serde(default)]
        held: bool,
        /// Whose the files are, where it is mounted.
        #[serde(default)]
        owner: Option<Owner>,
        /// The global excludes of whoever mounts.
        #[serde(default)]
        excludes: String,
    },
    /// What is mounted.
    List {},
    /// Answers once nothing is mounted at a folder any more.
    Gone { folder: PathBuf },
}

/// An answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// The descriptor may come.
    Send {},
    /// It is served.
    Mounted(MountInfo),
    /// What is mounted.
    Mounts(Vec<MountInfo>),
    /// Nothing is mounted there.
    Gone {},
    /// It can't be done.
    Refused(Problem),
}

/// A mounted session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountInfo {
    /// The session.
    pub session: String,
    /// Its agent.
    pub agent: String,
    /// Where it is mounted.
    pub folder: PathBuf,
    /// Where its ignored files are.
    pub scratch: PathBuf,
    /// How many files and directories the kernel knows.
    pub known: usize,
}
