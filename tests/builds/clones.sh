# Clones within a mounted session: of the workspace's repository, and of the session's own .git.
. ./common.sh

mkdir -p "$repo/src/deep"
printf '/out/\n' >"$repo/.gitignore"
for number in $(seq 200); do printf 'file %d\n' "$number" >"$repo/src/deep/$number.txt"; done
printf '#!/bin/sh\necho run\n' >"$repo/run.sh"
chmod +x "$repo/run.sh"
ln -s src/deep/1.txt "$repo/link"
begin
open_mounted
mkdir "$mounted/out"
cd "$mounted"

git clone -q "$repo" out/workspace
git clone -q --no-local "$repo" out/packed
same out/workspace "$native"
same out/packed "$native"

echo changed >src/deep/1.txt
echo new >new.txt
git add -A
git commit -q -m 'Change one'
git clone -q . out/own
git clone -q --no-local . out/own-packed
git clone -q --shared . out/own-shared
for clone in own own-packed own-shared; do
  [ "$(git -C "out/$clone" rev-parse HEAD)" = "$(git rev-parse HEAD)" ] || fail "$clone has another head"
  [ -z "$(git -C "out/$clone" status --porcelain)" ] || fail "$clone is not clean"
  same "out/$clone" . out
  # The store's objects are seen there too, whoever names them.
  fsck "out/$clone" --no-dangling
done
# A clone is a repository like any other; what is committed there is no turn of the session.
(cd out/own && git switch -q -c other && echo more >more.txt && git add -A && git -c user.name=A -c user.email=a@b commit -q -m More && ./run.sh)
git fetch -q out/own other
[ "$(git show FETCH_HEAD:more.txt)" = more ] || fail "fetching from a clone"
git worktree add -q out/tree HEAD
[ -z "$(git -C out/tree status --porcelain)" ] || fail "a worktree is not clean"
git worktree remove out/tree
[ -z "$(git status --porcelain)" ] || fail "git sees what is ignored: $(git status --porcelain)"
fsck . --no-dangling
cd "$place"
acetate --session "$session" status --json | python3 -c '
import json, sys
status = json.load(sys.stdin)
assert (status["session"]["turn"], status["changed"]) == (1, 2), status'
acetate unmount "$mounted"
acetate --session "$session" submit --message 'Change one' >/dev/null
acetate session close "$session"
[ "$(git -C "$repo" show main:new.txt)" = new ] || fail "it did not land"
nothing_left
echo "clones: of the workspace and of the session's own .git are whole and of themselves"
