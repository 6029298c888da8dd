//! The same promises for somebody without root, for whom the kernel passes nothing through: these tests once more, as `nobody`.

use acetate_testing::Person;

/// Those that say something of scratch files, or of who mounts; the others do not depend on that.
const AGAIN: [&str; 5] = ["doors::", "git::", "open_files::", "posix::", "random_io::"];

#[test]
fn the_same_holds_without_root() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: the tests run without root anyway");
        return;
    }
    let Some(person) = Person::who_mounts() else { return };
    let own = person.lend(&std::env::current_exe().expect("a name"));
    let output = person.command(own).args(AGAIN).env("RUST_BACKTRACE", "0").output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("skipped") && !said.contains(" 0 passed"), "{said}");
}
