#!/bin/sh
# Makes the checkout runnable: packages, then the compiled gateway in dist/.
# Quick and silent when nothing is to be done. `--packages` leaves the compiling out.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "setup: $*" >&2
  exit 1
}

command -v node >/dev/null 2>&1 || fail 'Node.js 20.19 or newer is needed; the command node is not on the PATH.'
node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
' || fail "Node.js 20.19 or newer is needed; this is $(node --version)."

# Native packages are built for one binary interface of Node.js; npm writes the hidden lock file last.
abi=$(node -p process.versions.modules)
installed=node_modules/.package-lock.json
built_for=node_modules/.everleaf-node
if [ -L node_modules ]; then
  : # somebody else's packages: npm would empty the folder behind the link
elif [ ! -f "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  echo 'setup: installing packages with npm ci (a minute or two)'
  npm ci --include=dev --no-audit --no-fund --loglevel=error >&2 ||
    fail 'npm ci failed: see above. Where better-sqlite3 has no ready binary it needs python3, make and a C++ compiler.'
  echo "$abi" >"$built_for"
elif [ -f "$built_for" ] && [ "$(cat "$built_for")" != "$abi" ]; then
  echo "setup: rebuilding native packages for Node.js $(node --version)"
  npm rebuild --loglevel=error >&2 || fail 'npm rebuild failed: see above.'
  echo "$abi" >"$built_for"
fi

[ "${1-}" != --packages ] || exit 0

# The stamp is as old as the start of the compiling: what is saved meanwhile counts as newer.
stamp=dist/.built
if [ ! -f "$stamp" ] ||
  [ -n "$(find src package.json tsconfig.json .tsconfig.build.json "$installed" -newer "$stamp" | head -n 1)" ]; then
  echo 'setup: compiling src to dist'
  mkdir -p dist
  touch "$stamp.new"
  npm run -s build >&2 || fail 'the sources do not compile: see above.'
  mv "$stamp.new" "$stamp"
fi
