#!/usr/bin/env bash
# Puts rrweb's player, which replays recordings, where user_intel/watch finds it: npm ci of its locked package. Done
# already, it takes no time. npm's scripts do not run: what is fetched is only read by the browser.
set -euo pipefail
cd "$(dirname "$0")/../user_intel/watch/player"

# The packages are whole only when the mark of this very lock file is there.
mark=node_modules/.package-lock.done
cmp -s package-lock.json "$mark" && exit 0
command -v npm >/dev/null || {
    echo "npm is not installed: apt-get install npm gives one. Recordings cannot be drawn without rrweb's player." >&2
    exit 1
}
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
cp package-lock.json "$mark"
