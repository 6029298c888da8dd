//! A daemon that is killed while a thread of its own waits for a mount that it serves.

use crate::http::{Connection, Daemon};
use acetate_testing::GitRepo;
use acetate_types::ObjectFormat;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

fn mounted(folder: &Path) -> bool {
    acetate_mount::mounted().expect("listed").iter().any(|(at, _)| at == folder)
}

/// Writes a file over HTTP, or ends turns, until the daemon is gone.
fn ask(socket: &Path, session: &str, turns: bool) -> u64 {
    let mut http = Connection::open(socket).expect("connected");
    for number in 0.. {
        let asked = match turns {
            true => http.call("POST", &format!("/v1/sessions/{session}/commit"), Some(b"{}")),
            false => http.call("PUT", &format!("/v1/sessions/{session}/files/a.txt"), Some(format!("{number}\n").as_bytes())),
        };
        if asked.is_err() {
            return number;
        }
    }
    unreachable!("it was killed")
}

#[test]
fn a_daemon_that_is_killed_while_it_asks_the_kernel_leaves_no_folder() {
    if !crate::possible() {
        return;
    }
    let repo = GitRepo::bare(ObjectFormat::Sha1);
    repo.fast_commit("main", [("a.txt", "100644", Some("a\n"))]);
    let folder = repo.beside("mounted");
    let mut session = None;
    for round in 0..6u64 {
        let daemon = Daemon::serve(Path::new(env!("CARGO_BIN_EXE_acetate")), repo.path()).expect("served");
        let mut http = daemon.connect().expect("connected");
        let workspace = http.workspace().expect("a workspace");
        let session = session.get_or_insert_with(|| http.open_session(&workspace).expect("opened"));
        fs::create_dir_all(&folder).expect("made");
        acetate_mount::mount_session(&acetate_mount::socket_beside(daemon.socket()), session, &folder).expect("mounted");
        // Of a file that is open here the daemon has the kernel ask, whenever another door writes it.
        let open = File::open(folder.join("a.txt")).expect("opened");
        fs::read(folder.join("a.txt")).expect("read");
        std::thread::scope(|scope| {
            for turns in [false, false, true] {
                let (daemon, session) = (&daemon, &session);
                scope.spawn(move || ask(daemon.socket(), session, turns));
            }
            std::thread::sleep(Duration::from_millis(150 + 30 * round));
            let pid = Pid::from_raw(i32::try_from(daemon.pid()).expect("a number")).expect("a process");
            kill_process(pid, Signal::KILL).expect("killed");
        });
        drop(open);
        let until = Instant::now() + Duration::from_secs(20);
        while mounted(&folder) {
            assert!(Instant::now() < until, "round {round}: the folder hangs");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
