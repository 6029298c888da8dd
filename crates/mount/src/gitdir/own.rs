//! The files of a session's own `.git`, as they are made for a mounted and for a checked-out one alike.

use acetate_types::{ObjectFormat, ObjectId};
use std::io::{self, Write as _};
use std::path::Path;

/// The file by which commands find the store and the session.
pub const MARKER: &str = "acetate-session";

/// A repository of a session's own, which borrows the store's objects.
#[derive(Debug, Clone, Copy)]
pub struct OwnRepository<'a> {
    /// The store's Git directory.
    pub store: &'a Path,
    /// The `.git` that is made.
    pub dir: &'a Path,
    /// The session.
    pub session: &'a str,
}

impl OwnRepository<'_> {
    /// Makes the folders and what says where the objects are; gives whether it has yet to be configured.
    ///
    /// # Errors
    /// The disk's.
    pub fn begin(&self) -> io::Result<bool> {
        let dir = self.dir;
        for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"] {
            std::fs::create_dir_all(dir.join(folder))?;
        }
        put(&dir.join("objects/info/alternates"), format!("{}\n", self.store.join("objects").display()).as_bytes())?;
        let marker = serde_json::json!({ "store": self.store, "session": self.session });
        put(&dir.join(MARKER), marker.to_string().as_bytes())?;
        Ok(!dir.join("config").exists())
    }

    /// Configures it, with the text of the store's exclude file. What an agent configured later stays.
    ///
    /// # Errors
    /// The disk's.
    pub fn configure(&self, name: &str, email: &str, format: ObjectFormat, exclude: &[u8]) -> io::Result<()> {
        put(&self.dir.join("info/exclude"), exclude)?;
        put(&self.dir.join("config"), config(name, email, format).as_bytes())
    }

    /// Has it show a commit of a branch, and these refs. The index goes: it is made for what is shown.
    ///
    /// # Errors
    /// The disk's.
    pub fn show(&self, branch: &str, commit: Option<&ObjectId>, packed_refs: &[u8]) -> io::Result<()> {
        put(&self.dir.join("packed-refs"), packed_refs)?;
        if let Some(commit) = commit {
            let place = self.dir.join(branch);
            if let Some(above) = place.parent() {
                std::fs::create_dir_all(above)?;
            }
            put(&place, format!("{commit}\n").as_bytes())?;
            match std::fs::remove_file(self.dir.join("index")) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        put(&self.dir.join("HEAD"), format!("ref: {branch}\n").as_bytes())
    }
}

/// Replaces a file in one step.
pub(super) fn put(path: &Path, text: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("acetate-new");
    let mut file = std::fs::File::create(&aside)?;
    file.write_all(text)?;
    std::fs::rename(aside, path)
}

/// Times are compared by whole seconds, sizes as they are: an index from before a mount still holds. No upkeep runs by itself.
fn config(name: &str, email: &str, format: ObjectFormat) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ");
    let (version, extensions) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
    };
    format!(
        "[core]\n\trepositoryFormatVersion = {version}\n\tfileMode = true\n\tbare = false\n\tlogAllRefUpdates = true\n\
         \ttrustctime = false\n\tcheckStat = minimal\n\tfsmonitor = false\n{extensions}\
         [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
         [user]\n\tname = \"{}\"\n\temail = \"{}\"\n",
        quoted(name),
        quoted(email)
    )
}
