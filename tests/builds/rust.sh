# Eight sessions at once edit, build and test a well-known crate and land; a build folder stays good for the next build.
. ./common.sh

fetch=$place/fetch
mkdir -p "$fetch/src"
cat >"$fetch/Cargo.toml" <<'TOML'
[package]
name = "fetch"
version = "0.0.0"
edition = "2021"

[dependencies]
walkdir = "=2.5.0"
TOML
: >"$fetch/src/lib.rs"
(cd "$fetch" && cargo vendor --quiet >/dev/null)
mv "$fetch/vendor/walkdir" "$repo"
rm "$repo/.cargo-checksum.json" "$repo/.cargo_vcs_info.json" "$repo/Cargo.toml.orig"
echo /target >"$repo/.gitignore"
(cd "$repo" && cargo fetch --quiet)
begin
export CARGO_NET_OFFLINE=true CARGO_TERM_COLOR=never

# What each of eight agents changes: functions of one file, of others, a new test.
cat >"$place/edit.sh" <<'EDIT'
set -eu
before=$(cat src/*.rs src/tests/*.rs | cksum)
case $1 in
  1) sed -i 's/^        self.opts.min_depth = depth;/        \/\/ One.\n&/' src/lib.rs ;;
  2) sed -i 's/^        self.opts.max_depth = depth;/        \/\/ Two.\n&/' src/lib.rs ;;
  3) sed -i 's/^        self.opts.follow_links = yes;/        \/\/ Three.\n&/' src/lib.rs ;;
  4) sed -i 's/^        self.opts.contents_first = yes;/        \/\/ Four.\n&/' src/lib.rs ;;
  5) sed -i 's/^        self.opts.same_file_system = yes;/        \/\/ Five.\n&/' src/lib.rs ;;
  6) sed -i 's/^        self.depth$/        \/\/ Six.\n&/' src/dent.rs ;;
  7) sed -i 's/^        self.depth$/        \/\/ Seven.\n&/' src/error.rs ;;
  8) printf '\n#[test]\nfn eighth() {\n    let dir = Dir::tmp();\n    dir.mkdirp("eight");\n    assert_eq!(2, WalkDir::new(dir.path()).into_iter().count());\n}\n' >>src/tests/recursive.rs ;;
esac
test "$before" != "$(cat src/*.rs src/tests/*.rs | cksum)"
EDIT

# What each does in its folder. The tests make links, loops and folders in one that the repository does not ignore.
cat >"$place/work.sh" <<'WORK'
set -eu
said() { cargo build --verbose 2>&1; }
whole=$(said)
case $whole in *"Compiling same-file"*"Compiling walkdir"*) ;; *) echo "the first build: $whole"; exit 1 ;; esac
again=$(said)
case $again in *Compiling*|*Dirty*) echo "a build of nothing new: $again"; exit 1 ;; esac
sh "$1/edit.sh" "$ACETATE_RUN"
changed=$(said)
case $ACETATE_RUN,$changed in
  8,*Compiling*) echo "a test is no part of the library: $changed"; exit 1 ;;
  8,*) ;;
  *"Compiling same-file"*) echo "a dependency is built again: $changed"; exit 1 ;;
  *"Fresh same-file"*"Compiling walkdir"*) ;;
  *) echo "the change is not built: $changed"; exit 1 ;;
esac
mkdir tests-at-work
TMPDIR="$PWD/tests-at-work" cargo test --quiet --all-targets
rmdir tests-at-work/rust-walkdir tests-at-work
test "$(git status --porcelain | wc -l)" = 1
WORK

landed=$(acetate run --json -n 8 --submit -m 'Edit one function' -- sh "$place/work.sh" "$place")
echo "$landed"
python3 - "$landed" <<'PY'
import json, sys
sessions = json.loads(sys.argv[1])["sessions"]
assert len(sessions) == 8, sessions
assert all(one["exit"] == 0 and not one["kept"] and one["paths"] == 1 for one in sessions), sessions
assert sorted(one["landed"] for one in sessions) == list(range(2, 10)), sessions
PY
nothing_left
[ "$(git -C "$repo" worktree list | wc -l)" = 1 ] || fail "a checkout was made"
[ "$(git -C "$repo" log --format=%s main)" = "$(yes 'Edit one function' | head -8; echo Begin)" ] || fail "the log is another"
# The clean checkout followed, and what landed is all eight edits, to the byte.
[ -z "$(git -C "$repo" status --porcelain)" ] || fail "the checkout did not follow"
for number in 1 2 3 4 5 6 7 8; do (cd "$native" && sh "$place/edit.sh" $number); done
same "$repo" "$native"
(cd "$repo" && cargo test --quiet --all-targets)
rm -rf "$repo/target"

# A session that is mounted again builds what changed meanwhile, and nothing else.
open_mounted
(cd "$mounted" && cargo build --quiet)
acetate unmount "$mounted"
acetate mount "$session" "$mounted"
said=$(cd "$mounted" && cargo build --verbose 2>&1)
[[ $said != *Compiling* ]] || fail "mounted again, everything is built again: $said"
acetate unmount "$mounted"
acetate --session "$session" edit src/util.rs --old 'use std::io;' --new 'use std::io; // Nine.'
acetate mount "$session" "$mounted"
said=$(cd "$mounted" && cargo build --verbose 2>&1)
[[ $said == *"Fresh same-file"*"Compiling walkdir"* ]] || fail "an edit that another door made is not built: $said"
[ "$(git -C "$mounted" status --porcelain)" = " M src/util.rs" ] || fail "git sees something else"
# A daemon that is killed in the middle of a build: mounted again, the build comes to its end.
rm -r "$mounted/target"
(cd "$mounted" && cargo build --quiet) &
build=$!
sleep 0.4
kill -9 "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["pid"])' "$repo/.git/acetate/daemon.json")"
wait $build || true
for _ in $(seq 100); do grep -qF "$mounted" /proc/self/mounts || break; sleep 0.1; done
acetate mount "$session" "$mounted"
(cd "$mounted" && cargo test --quiet --all-targets)
[ "$(git -C "$mounted" status --porcelain)" = " M src/util.rs" ] || fail "git sees something else"
acetate unmount "$mounted"
acetate session close "$session" --discard
nothing_left
echo "rust: eight sessions edited, built and tested walkdir at once and landed; later builds were incremental"
