//! A session's own `.git`, as it is made for a mounted and for a checked-out session alike.

use super::refs;
use crate::owner::{Owner, Owners};
use crate::scratch::Scratch;
use acetate_types::{ObjectFormat, ObjectId};
use std::io;
use std::path::{Path, PathBuf};

/// The file by which commands find the store and the session.
pub const MARKER: &str = "acetate-session";
/// The file that says where further objects are.
const ALTERNATES: &str = "objects/info/alternates";
/// The refs that Acetate wrote last: all others are the agent's.
const WRITTEN: &str = "acetate-refs";

/// A repository of a session's own, which borrows the store's objects. Whatever an agent made of its files is data.
#[derive(Debug)]
pub struct OwnRepository {
    pub(super) store: PathBuf,
    pub(super) session: String,
    /// The folder in which `.git` is: its name, and the way in.
    pub(super) files: PathBuf,
    pub(super) disk: Scratch,
}

impl OwnRepository {
    /// The one in a folder, of a session of the store with this Git directory. Nothing is made yet.
    ///
    /// # Errors
    /// When the folder can't be opened.
    pub fn of(files: &Path, store: &Path, session: &str) -> io::Result<Self> {
        let disk = Scratch::open(files, Owners::shown_as(Owner::of_process()))?;
        Ok(Self { store: store.to_owned(), session: session.to_owned(), files: files.to_owned(), disk })
    }

    /// Makes the folders and what says where the objects are; gives whether it has yet to be configured.
    ///
    /// # Errors
    /// The disk's.
    pub fn begin(&self) -> io::Result<bool> {
        for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"] {
            self.make_dir(folder)?;
        }
        self.put(ALTERNATES, self.alternates().as_bytes())?;
        let marker = serde_json::json!({ "store": self.store, "session": self.session });
        self.put(MARKER, marker.to_string().as_bytes())?;
        Ok(!self.exists("config")?)
    }

    /// Configures it, with the text of the store's exclude file, and with what Git runs to ask what changed, where there is such a thing.
    /// What an agent configured later stays.
    ///
    /// # Errors
    /// The disk's.
    pub fn configure(&self, name: &str, email: &str, format: ObjectFormat, exclude: &[u8], ask: Option<&str>) -> io::Result<()> {
        self.put("info/exclude", exclude)?;
        self.put("config", config(name, email, format, ask).as_bytes())
    }

    /// Has it show a commit of a branch, and these refs beside the agent's own. The index goes: it is made for what is shown.
    ///
    /// # Errors
    /// The disk's.
    pub fn show(&self, branch: &str, commit: Option<&ObjectId>, packed_refs: &[u8]) -> io::Result<()> {
        let before = self.read_long("packed-refs").unwrap_or_default();
        let written = self.read_long(WRITTEN).unwrap_or_default();
        self.put("packed-refs", &refs::merged(&before, &written, packed_refs))?;
        self.put(WRITTEN, &refs::names(packed_refs))?;
        if let Some(commit) = commit {
            self.put(branch, format!("{commit}\n").as_bytes())?;
            self.drop_file("index")?;
        }
        self.put("HEAD", format!("ref: {branch}\n").as_bytes())
    }

    /// Gives it an index.
    ///
    /// # Errors
    /// The disk's.
    pub fn put_index(&self, text: &[u8]) -> io::Result<()> {
        self.put("index", text)
    }

    fn alternates(&self) -> String {
        format!("{}\n", self.store.join("objects").display())
    }

    /// Whether it borrows the store's objects and no others: those of others are not for the store.
    pub fn borrows_only_here(&self) -> bool {
        self.read(ALTERNATES).is_some_and(|text| text == self.alternates().trim_end())
    }
}

/// All that stat(2) shows is compared, as Git does unless told otherwise: it is the same after another mount. No upkeep runs by itself.
fn config(name: &str, email: &str, format: ObjectFormat, ask: Option<&str>) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " ");
    let (version, extensions) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
    };
    let monitor = match ask {
        Some(ask) => format!("\tuntrackedCache = true\n\tfsmonitorHookVersion = 2\n\tfsmonitor = \"{}\"\n", quoted(ask)),
        None => "\tfsmonitor = false\n".to_owned(),
    };
    format!(
        "[core]\n\trepositoryFormatVersion = {version}\n\tfileMode = true\n\tbare = false\n\tlogAllRefUpdates = true\n\
         {monitor}{extensions}\
         [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
         [user]\n\tname = \"{}\"\n\temail = \"{}\"\n",
        quoted(name),
        quoted(email)
    )
}
