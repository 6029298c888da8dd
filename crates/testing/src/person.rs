//! Somebody without rights, with a home of their own: what must work without root is run as them.
//!
//! Where the tests run as root, it is `nobody`, in a mount namespace in which everybody may open `/dev/fuse`, as on most machines; what is
//! mounted there is gone when the last of its processes is. Where they run without root already, it is whoever runs them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The number of `nobody`, and of the group of that name.
const NOBODY: u32 = 65_534;

/// Makes the namespace, says so, and keeps it until standard input ends.
const HOLD: &str = "set -e
mount -t tmpfs -o mode=755 none /mnt
mknod -m 666 /mnt/fuse c 10 229
mount --bind /mnt/fuse /dev/fuse
echo ready
exec cat";

/// Somebody without rights.
#[derive(Debug)]
pub struct Person {
    home: tempfile::TempDir,
    /// What keeps the namespace; none where there is none.
    held: Option<Child>,
}

impl Person {
    /// One who can mount; none, with a message, where the machine has no `fusermount3` or no way to become somebody else.
    pub fn who_mounts() -> Option<Self> {
        let missing = ["fusermount3", "nsenter", "setpriv", "unshare"].into_iter().find(|name| !on_path(name));
        if let Some(name) = missing {
            eprintln!("skipped: there is no {name}");
            return None;
        }
        if !Path::new("/dev/fuse").exists() {
            eprintln!("skipped: there is no /dev/fuse");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        if !rustix::process::geteuid().is_root() {
            return Some(Self { home, held: None });
        }
        let (user, group) = (rustix::fs::Uid::from_raw(NOBODY), rustix::fs::Gid::from_raw(NOBODY));
        rustix::fs::chown(home.path(), Some(user), Some(group)).unwrap();
        let mut hold = Command::new("unshare");
        hold.args(["-m", "sh", "-c", HOLD]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut held = hold.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(held.stdout.take().unwrap()).read_line(&mut said).unwrap();
        if said.trim() != "ready" {
            let output = held.wait_with_output().unwrap();
            eprintln!("skipped: no namespace can be made: {}", String::from_utf8_lossy(&output.stderr));
            return None;
        }
        Some(Self { home, held: Some(held) })
    }

    /// A path in their home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A program put where they may run it.
    pub fn lend(&self, program: &Path) -> PathBuf {
        let folder = self.path("bin");
        fs::create_dir_all(&folder).unwrap();
        let own = folder.join(program.file_name().unwrap());
        if fs::hard_link(program, &own).is_err() {
            fs::copy(program, &own).unwrap();
            fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
        }
        own
    }

    /// A program, run by them at home.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = match &self.held {
            None => Command::new(program),
            Some(held) => {
                let mut command = Command::new("nsenter");
                command.args(["-t", &held.id().to_string(), "-m", "--"]);
                command.args(["setpriv", &format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups", "--"]);
                // The current folder is lost with the namespace.
                command.args(["env", "-C"]).arg(self.home.path()).arg(program);
                command
            }
        };
        command.current_dir(self.home.path());
        command.env_clear().stdin(Stdio::null());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.path("bin")).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).unwrap()).env("HOME", self.home.path()).env("LC_ALL", "C");
        command
    }

    /// What a script says to the end; `$1` and so on are its arguments.
    pub fn script(&self, script: &str, args: &[&str]) -> Output {
        self.command("sh").args(["-c", script, "sh"]).args(args).output().unwrap()
    }

    /// What a script says on standard output, where all is well.
    pub fn ok(&self, script: &str, args: &[&str]) -> String {
        let output = self.script(script, args);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{script}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(held) = &mut self.held {
            drop(held.stdin.take());
            let _ = held.wait();
        }
    }
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
