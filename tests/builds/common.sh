# What the parts share: a repository with a mounted session, a native checkout beside it, and how the two are compared.
# Read by each part, which runs in a folder of its own below $WORK.
set -euo pipefail
part=$(basename "$0" .sh)
place=$WORK/$part
repo=$place/repo
native=$place/native
mounted=$place/mounted

acetate() { (cd "$repo" && "$ACETATE_BIN" "$@"); }
fail() { echo "$part: $*"; exit 1; }

# The folder is a repository with one commit, and a native checkout of it stands beside.
begin() {
  git -C "$repo" init -q -b main
  git -C "$repo" config user.name Ada
  git -C "$repo" config user.email ada@example.com
  git -C "$repo" add -A
  git -C "$repo" commit -q -m Begin
  git clone -q "$repo" "$native"
  trap ending EXIT
}

# Whatever happened, nothing stays mounted and no daemon stays.
ending() {
  status=$?
  cd /
  [ $status = 0 ] || tail -n 40 "$repo/.git/acetate/daemon.log" 2>/dev/null || true
  for folder in $(awk -v place="$place/" 'index($2, place) == 1 { print $2 }' /proc/self/mounts); do
    acetate unmount --lazy "$folder" || umount -l "$folder"
  done
  acetate --no-start stop >/dev/null 2>&1 || true
}

open_mounted() {
  session=$(acetate session open --agent ada --id-only)
  acetate mount "$session" "$mounted"
}

# Kind, mode, name and target of everything below a folder but Git's own, then the sums of its files; names after it are left out.
listing() {
  local folder=$1 name leave=(-path ./.git)
  shift
  for name; do leave+=(-o -name "$name"); done
  (
    cd "$folder"
    find . \( "${leave[@]}" \) -prune -o -printf '%y %m %p %l\n' | LC_ALL=C sort
    find . \( "${leave[@]}" \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
  )
}

# Both folders hold the same, names after them apart.
same() {
  local one=$1 other=$2
  shift 2
  diff <(listing "$one" "$@") <(listing "$other" "$@") || fail "$one and $other differ"
}

# Nothing is left: no session, no mount and, once the daemon has ended, no scratch, nor anything that Git complains about.
nothing_left() {
  local left
  left=$(acetate session list --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["sessions"]))')
  [ "$left" = 0 ] || fail "$left sessions are left"
  ! grep -F "$place/" /proc/self/mounts || fail "something is left mounted"
  acetate stop
  [ -z "$(ls -A "$repo/.git/acetate/scratch" 2>/dev/null)" ] || fail "scratch is left: $(ls "$repo/.git/acetate/scratch")"
  fsck "$repo"
}

# Git finds nothing to complain about; words after the folder are further arguments.
fsck() {
  local said
  said=$(git -C "$1" fsck --strict "${@:2}" 2>&1) || fail "git fsck: $said"
  [ -z "$said" ] || fail "git fsck: $said"
}
