# A virtual environment, an editable install of a well-known package from its source distribution, and its own tests.
. ./common.sh

fetch=$place/fetch
mkdir "$fetch"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$fetch" click==8.1.8
tar -xzf "$fetch"/click-8.1.8.tar.gz -C "$fetch"
mv "$fetch/click-8.1.8" "$repo"
printf '.venv/\n__pycache__/\n' >"$repo/.gitignore"
begin

work() {
  (
    cd "$1"
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable . pytest==8.3.5
    .venv/bin/python -m pytest -q -rA 2>&1 | grep -E '^(PASSED|FAILED|ERROR|SKIPPED|XFAIL)' | LC_ALL=C sort
  )
}
open_mounted
work "$native" >"$place/native.txt" &
work "$mounted" >"$place/mounted.txt"
wait $!
diff "$place/native.txt" "$place/mounted.txt" || fail "the package's tests come to something else"
[ "$(grep -c ^PASSED "$place/native.txt")" -gt 500 ] || fail "the package's tests did not run"
# Compiled files hold times, and scripts the folder's own name; all names, kinds and modes are the same.
names() { (cd "$1" && find . -path ./.git -prune -o -printf '%y %m %p %l\n' | LC_ALL=C sort); }
diff <(names "$native") <(names "$mounted") || fail "other files are there"
same "$native" "$mounted" .venv __pycache__ .pytest_cache
# An edit is what the installed package does now.
sed -i 's/^__version__ = .*/__version__ = "edited"/; s/^def echo(/def echo_again(/' "$mounted/src/click/utils.py"
! (cd "$mounted" && .venv/bin/python -c 'import click' 2>/dev/null) || fail "an editable install shows an old file"
git -C "$mounted" checkout -q src/click/utils.py
(cd "$mounted" && .venv/bin/python -c 'import click; click.echo("again")' >/dev/null)
said=$(git -C "$mounted" status --porcelain)
[ "$said" = "$(git -C "$native" status --porcelain)" ] || fail "git sees something else than natively: $said"
# A turn has what Git would add, and nothing of what was made beside it.
acetate --session "$session" commit --message Tested
said=$(acetate --session "$session" diff --stat)
[[ $said == "0 files changed"* ]] || fail "a turn has what Git would not add: $said"
acetate unmount "$mounted"
acetate session close "$session" --discard
nothing_left
echo "python: $(grep -c ^PASSED "$place/native.txt") tests of click pass from an editable install, as natively"
