//! The same calls in a mounted session and in a plain folder come to the same: contents, kinds, error numbers.

use crate::common::{Mount, at, possible};
use acetate_engine::api::WriteFile;
use acetate_testing::folder::{Call, Seen, calls, whole};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

#[derive(Debug, Clone)]
enum Step {
    Here(Call),
    /// Another door writes a whole file, or deletes one.
    Elsewhere {
        path: &'static str,
        text: Option<Vec<u8>>,
    },
}

/// Few names, so that they meet: of the base, new ones, ignored ones.
const NAMES: [&str; 14] =
    ["a.txt", "d", "d/b.txt", "d/e", "d/e/c.txt", "new", "new/f", "d/new", "out", "out/g", "out/sub", "d/x.o", "x.o", "new/y.o"];
/// Those that are not ignored.
const SEEN: &[&str] = NAMES.split_at(8).0;
const BASE: [(&str, &str); 4] = [("a.txt", "alpha\n"), ("d/b.txt", "beta\n"), ("d/e/c.txt", "gamma\n"), (".gitignore", "out/\n*.o\n")];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = proptest::option::weighted(0.7, proptest::collection::vec(any::<u8>(), 0..40));
    let step = prop_oneof![
        23 => calls(&NAMES).prop_map(Step::Here),
        3 => (proptest::sample::select(SEEN), text).prop_map(|(path, text)| Step::Elsewhere { path, text }),
    ];
    proptest::collection::vec(step, 1..40)
}

/// What another door does comes to the same in a plain folder, where it went well.
fn elsewhere(mount: &Mount, plain: &Path, name: &str, text: Option<&Vec<u8>>) {
    let path = at(name);
    let file = plain.join(name);
    match text {
        Some(text) => {
            let content = acetate_types::Text(text.clone().into());
            let through = WriteFile { path, content, mode: Some(acetate_types::FileMode::Regular), expect: None };
            // What is above may be a link or an ignored file here, which the session does not know.
            let above = file.ancestors().skip(1).take_while(|above| *above != plain);
            let odd = above.into_iter().any(|above| fs::symlink_metadata(above).is_ok_and(|meta| !meta.is_dir()));
            if odd || file.is_dir() || mount.session.write(through).is_err() {
                return;
            }
            fs::create_dir_all(file.parent().expect("below")).expect("made");
            let _ = fs::remove_file(&file);
            fs::write(&file, text).expect("written");
        }
        None => {
            if mount.session.read(&path).is_ok() && mount.session.delete(&path, None).is_ok() {
                fs::remove_file(&file).expect("removed");
            }
        }
    }
}

fn check(steps: &[Step]) {
    let mount = Mount::new(&BASE);
    let plain = mount.repo.beside("plain");
    for (name, text) in BASE {
        let path = plain.join(name);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    }
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Elsewhere { path, text } => {
                elsewhere(&mount, &plain, path, text.as_ref());
                assert_eq!(whole(&mount.folder), whole(&plain), "step {at}, {step:?}");
            }
            Step::Here(call) => assert_eq!(call.run(&mount.folder), call.run(&plain), "step {at}, {step:?}"),
        }
    }
    let expect = whole(&plain);
    assert_eq!(whole(&mount.folder), expect);
    // The other doors see the same of what is not ignored, and nothing of what is.
    for (name, seen) in &expect {
        let ignored = name.starts_with("out/") || name.split('/').any(|part| part.ends_with(".o"));
        match (mount.seen(name), seen) {
            (Some(text), Seen::File { content, .. }) => assert_eq!(text, String::from_utf8_lossy(content), "{name}"),
            (Some(_), _) => {}
            (None, seen) => assert!(ignored || *seen == Seen::Directory, "{name}: {seen:?}"),
        }
    }
}

/// How many cases to run: `PROPTEST_CASES`, else a few.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_same_calls_come_to_the_same(steps in steps()) {
        if possible() {
            check(&steps);
        }
    }
}
