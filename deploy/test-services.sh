#!/usr/bin/env bash
# Installs the servers and programs that the tests start themselves: PostgreSQL, Chromium and ffmpeg from Debian's
# packages, and Neo4j Community from Maven Central (run by Java 17); and fetches Atlassian's own schema of Jira's rich
# text, and rrweb's player, from npm. Where that is not possible the tests that need them skip and say why; with
# CI=true nothing may skip, so there it is an error.
# `test-services.sh watch` sees to what draws recordings only: the demo goes on without it, and draws none.
set -euo pipefail
cd "$(dirname "$0")"
only_watch=$([ "${1:-}" = watch ] && echo yes || true)

have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
have_java() { compgen -G '/usr/lib/jvm/java-17-*/bin/java' >/dev/null || compgen -G '/usr/lib/jvm/java-21-*/bin/java' >/dev/null; }
have_maven() { command -v mvn >/dev/null; }
have_chromium() { command -v chromium >/dev/null || command -v google-chrome >/dev/null; }
have_ffmpeg() { command -v ffmpeg >/dev/null; }
have_npm() { command -v npm >/dev/null; }
have_player() { cmp -s ../user_intel/watch/player/{package-lock.json,node_modules/.package-lock.done}; }
# The jars are whole only when the mark of this very pom.xml is there.
have_neo4j() { have_java && cmp -s neo4j/pom.xml neo4j/lib/pom.xml; }
# The JSON schema that tickets for Jira Cloud are held against, one file of a package, pinned by its digest.
adf_version=57.7.22
adf_sha256=5128562b75278c8a83e7e3619a570205bc80d59696985ec31a7a7883cff66fbe
have_adf() { echo "$adf_sha256  adf-schema/full.json" | sha256sum --check --status 2>/dev/null; }

install_packages() {
    local as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    command -v apt-get >/dev/null && { [ -z "$as_root" ] || $as_root true 2>/dev/null; } || return 0
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq
    # Only the server's programs: no cluster is made and no service is started on this machine.
    $as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    $as_root apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

fetch_neo4j() {
    rm -rf neo4j/lib
    mvn --quiet --batch-mode --no-transfer-progress -Dstyle.color=never -f neo4j/pom.xml dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$PWD/neo4j/lib" && cp neo4j/pom.xml neo4j/lib/pom.xml
}

fetch_adf() {
    local folder
    folder=$(mktemp -d)
    mkdir -p adf-schema
    npm pack --silent --pack-destination "$folder" "@atlaskit/adf-schema@$adf_version" >/dev/null 2>&1 &&
        tar -xzOf "$folder"/*.tgz package/dist/json-schema/v1/full.json >adf-schema/full.json
    rm -rf "$folder"
}

missing=()
if [ -z "$only_watch" ]; then
    have_postgres || missing+=(postgresql)
    have_java || missing+=(openjdk-17-jre-headless)
    have_neo4j || have_maven || missing+=(maven)
    have_adf || have_npm || missing+=(npm)
fi
# Without fonts Chromium draws pages without text.
have_chromium || missing+=(chromium fonts-liberation fonts-dejavu-core)
have_ffmpeg || missing+=(ffmpeg)
have_player || have_npm || missing+=(nodejs npm)
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}" || true
have_player || { have_npm && ./watch-player.sh; } || true
absent=()
have_chromium || absent+=(Chromium)
have_ffmpeg || absent+=(ffmpeg)
have_player || absent+=("rrweb's player")
if [ -n "$only_watch" ]; then
    [ ${#absent[@]} = 0 ] || echo "Not installed, and could not be: ${absent[*]}. No recordings will be drawn." >&2
    exit 0
fi

have_neo4j || { have_java && have_maven && fetch_neo4j; } || true
have_adf || { have_npm && fetch_adf; } || true
have_postgres || absent+=(PostgreSQL)
have_neo4j || absent+=(Neo4j)
have_adf || absent+=("the schema of Jira's rich text")
[ ${#absent[@]} = 0 ] && exit 0
echo "Not installed, and could not be: ${absent[*]}. Their tests will skip." >&2
[ "${CI:-}" != true ]
