# Sourced. A private MariaDB on a unix socket in a folder of its own: no port, no service, no configuration of the
# machine's. The caller calls mariadb_stop from its EXIT trap.
#
#   mariadb_start FOLDER   starts a server; sets MARIADB_SOCKET and MARIADB_PID
#   mariadb_client [ARG]   the client, connected to it
#   mariadb_stop           stops it; may be called at any time, more than once

MARIADB_PID='' MARIADB_SOCKET=''

mariadb_start() {
  mariadb_folder=$1
  mkdir -p "$mariadb_folder/data"
  # As root, a server refuses to start unless it is told that this is meant.
  mariadb_user=''
  [ "$(id -u)" -ne 0 ] || mariadb_user=--user=root
  mariadb_program=$(command -v mariadbd || echo /usr/sbin/mariadbd)
  mariadb-install-db --no-defaults --datadir="$mariadb_folder/data" --auth-root-authentication-method=normal \
    --skip-test-db ${mariadb_user:+"$mariadb_user"} >"$mariadb_folder/install.log" 2>&1 || {
    tail -n 5 "$mariadb_folder/install.log" >&2
    fail 'the private MariaDB could not be set up (its last lines stand above)'
  }
  MARIADB_SOCKET=$mariadb_folder/s
  "$mariadb_program" --no-defaults --datadir="$mariadb_folder/data" --socket="$MARIADB_SOCKET" --skip-networking \
    --innodb-flush-log-at-trx-commit=2 --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
    --pid-file="$mariadb_folder/pid" ${mariadb_user:+"$mariadb_user"} >"$mariadb_folder/server.log" 2>&1 </dev/null &
  MARIADB_PID=$!
  mariadb_tries=0
  until mariadb_client -e 'select 1' >/dev/null 2>&1; do
    mariadb_tries=$((mariadb_tries + 1))
    if [ "$mariadb_tries" -ge 300 ] || ! kill -0 "$MARIADB_PID" 2>/dev/null; then
      tail -n 5 "$mariadb_folder/server.log" >&2
      fail 'the private MariaDB did not start (its last lines stand above)'
    fi
    sleep 0.1
  done
}

mariadb_client() {
  mariadb --no-defaults --user=root --socket="$MARIADB_SOCKET" --default-character-set=utf8mb4 "$@"
}

mariadb_stop() {
  [ -n "$MARIADB_PID" ] || return 0
  kill "$MARIADB_PID" 2>/dev/null || true
  wait "$MARIADB_PID" 2>/dev/null || true
  MARIADB_PID=''
}
