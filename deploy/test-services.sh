#!/usr/bin/env bash
# Installs the servers that the tests start themselves: PostgreSQL, from Debian's packages. Where that is not possible
# the tests that need it skip and say why; with CI=true nothing may skip, so there it is an error.
set -euo pipefail

have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }

have_postgres && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null && { [ -z "$as_root" ] || $as_root true 2>/dev/null; }; then
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq
    # Only the server's programs: no cluster is made and no service is started on this machine.
    $as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    $as_root apt-get install -qq -y --no-install-recommends postgresql >/dev/null
fi
have_postgres && exit 0
echo "PostgreSQL is not installed and could not be installed: its tests will skip." >&2
[ "${CI:-}" != true ]
