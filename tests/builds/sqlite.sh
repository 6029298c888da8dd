# A database in the modes that need locks, shared mappings and files that come and go, several processes at once; where the repository
# ignores it and where not.
. ./common.sh

mkdir -p "$repo/data"
printf '/out/\n' >"$repo/.gitignore"
echo keep >"$repo/data/keep"
cat >"$repo/write.py" <<'PY'
"""Several processes write into one database; it has to come to the same whoever was first."""
import multiprocessing, os, sqlite3, sys

ROWS = 40

def opened(path, mode):
    database = sqlite3.connect(path, timeout=60, isolation_level=None)
    assert database.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0] == mode, mode
    return database

def write(path, mode, writer):
    database = opened(path, mode)
    for row in range(ROWS):
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO rows VALUES (?, ?, ?)", (writer, row, bytes([writer]) * (row * 7)))
        count = database.execute("SELECT COUNT(*) FROM rows WHERE writer = ?", (writer,)).fetchone()[0]
        assert count == row + 1, (writer, row, count)
        database.execute("ROLLBACK" if row % 10 == 9 else "COMMIT")
        if row % 10 == 9:
            database.execute("INSERT INTO rows VALUES (?, ?, NULL)", (writer, row))
        if mode == "wal" and row % 15 == 14:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()

def main(path, mode):
    database = opened(path, mode)
    database.execute("CREATE TABLE rows (writer INTEGER, row INTEGER, text BLOB, PRIMARY KEY (writer, row)) WITHOUT ROWID")
    writers = [multiprocessing.Process(target=write, args=(path, mode, writer)) for writer in range(3)]
    for writer in writers:
        writer.start()
    seen = 0
    while any(writer.is_alive() for writer in writers):
        count = database.execute("SELECT COUNT(*) FROM rows").fetchone()[0]
        assert count >= seen, (count, seen)
        seen = count
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0, writer
    assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    # In one order, so that its bytes do not depend on who was first.
    database.execute("VACUUM")
    dump = "\n".join(database.iterdump())
    database.close()
    left = [name for name in os.listdir(os.path.dirname(path)) if name.startswith(os.path.basename(path) + "-")]
    assert left == ([os.path.basename(path) + "-journal"] if mode == "truncate" else []), left
    print(dump)

main(*sys.argv[1:])
PY
begin
work() {
  (
    cd "$1"
    mkdir -p out
    for mode in wal delete truncate; do
      python3 write.py "data/$mode.db" $mode
      python3 write.py "out/$mode.db" $mode
    done
  )
}
work "$native" >"$place/native.txt"
open_mounted
work "$mounted" >"$place/mounted.txt"
cmp "$place/native.txt" "$place/mounted.txt" || fail "the databases hold something else"
# Another door reads the same bytes, and a mount made later.
for mode in wal delete truncate; do
  acetate --session "$session" read "data/$mode.db" | cmp - "$mounted/data/$mode.db" || fail "another door reads something else"
done
acetate unmount "$mounted"
acetate mount "$session" "$mounted"
for database in data/wal.db out/wal.db; do
  python3 -c 'import sqlite3, sys; assert sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0] == "ok"' \
    "$mounted/$database"
done
acetate unmount "$mounted"
acetate session close "$session" --discard
nothing_left
echo "sqlite: three processes at once in three journal modes, tracked and ignored, hold what they hold natively"
