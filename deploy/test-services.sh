#!/usr/bin/env bash
# Installs the servers that the tests start themselves: PostgreSQL from Debian's packages, and Neo4j Community from
# Maven Central (run by Java 17). Where that is not possible the tests that need them skip and say why; with CI=true
# nothing may skip, so there it is an error.
set -euo pipefail
cd "$(dirname "$0")"

have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
have_java() { compgen -G '/usr/lib/jvm/java-17-*/bin/java' >/dev/null || compgen -G '/usr/lib/jvm/java-21-*/bin/java' >/dev/null; }
have_maven() { command -v mvn >/dev/null; }
# The jars are whole only when the mark of this very pom.xml is there.
have_neo4j() { have_java && cmp -s neo4j/pom.xml neo4j/lib/pom.xml; }

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

missing=()
have_postgres || missing+=(postgresql)
have_java || missing+=(openjdk-17-jre-headless)
have_neo4j || have_maven || missing+=(maven)
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
have_neo4j || { have_java && have_maven && fetch_neo4j; } || true

absent=()
have_postgres || absent+=(PostgreSQL)
have_neo4j || absent+=(Neo4j)
[ ${#absent[@]} = 0 ] && exit 0
echo "Not installed, and could not be: ${absent[*]}. Their tests will skip." >&2
[ "${CI:-}" != true ]
