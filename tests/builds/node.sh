# npm installs from a lock file, a bundler bundles, node runs the result.
. ./common.sh

if ! node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null || ! command -v npm >/dev/null; then
  echo "node: left out, for there is no Node 18 or newer"
  exit 0
fi
mkdir -p "$repo/src" "$repo/test"
printf '/node_modules/\n/dist/\n' >"$repo/.gitignore"
cat >"$repo/package.json" <<'JSON'
{
  "name": "bundled",
  "private": true,
  "type": "module",
  "scripts": {
    "build": "esbuild src/main.js --bundle --platform=node --format=esm --sourcemap --outfile=dist/main.js",
    "minify": "rollup --format es --plugin @rollup/plugin-terser --file dist/small.js dist/main.js",
    "test": "node --test"
  },
  "dependencies": {
    "preact": "10.26.4",
    "preact-render-to-string": "6.5.13"
  },
  "devDependencies": {
    "@rollup/plugin-terser": "0.4.4",
    "esbuild": "0.25.1",
    "rollup": "4.35.0"
  }
}
JSON
cat >"$repo/src/main.js" <<'JS'
import { h } from 'preact';
import { render } from 'preact-render-to-string';
import { pathToFileURL } from 'node:url';

export const page = (names) => render(h('ul', null, names.map((name) => h('li', { key: name }, name))));

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(page(['one', 'two', '<three>']));
JS
cat >"$repo/test/page.test.js" <<'JS'
import assert from 'node:assert';
import { test } from 'node:test';
import { page } from '../src/main.js';

test('a page', () => assert.equal(page(['a', 'b']), '<ul><li>a</li><li>b</li></ul>'));
JS
(cd "$repo" && npm install --package-lock-only --no-audit --no-fund --loglevel=error)
begin

work() {
  (
    cd "$1"
    npm ci --prefer-offline --no-audit --no-fund --loglevel=error >&2
    npm run --silent build
    npm run --silent minify -- --silent
    npm test --silent >/dev/null
    node dist/main.js >dist/said
    node dist/small.js >>dist/said
    cat dist/said
  )
}
expect='<ul><li>one</li><li>two</li><li>&lt;three></li></ul>'
expect="$expect"$'\n'"$expect"
open_mounted
work "$native" >"$place/native.txt" &
said=$(work "$mounted")
[ "$said" = "$expect" ] || fail "the bundle says something else: $said"
wait $!
[ "$(cat "$place/native.txt")" = "$expect" ] || fail "this machine's own tools say something else"
same "$mounted" "$native"
[ -z "$(git -C "$mounted" status --porcelain)" ] || fail "git sees what is ignored"
# Once more over what is there: npm takes everything away and puts it back.
work "$mounted" >/dev/null
same "$mounted" "$native"
acetate unmount "$mounted"
acetate session close "$session"
nothing_left
echo "node: npm ci, esbuild, rollup and node give to the byte what they give natively"
