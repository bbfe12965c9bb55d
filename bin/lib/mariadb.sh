# shellcheck shell=sh disable=SC2034 # variables of the script that sources it
# Sourced, after say.sh. A private MariaDB: no port, no service, no configuration of the machine's, and everything that
# it writes below one folder of its own. A server that starts clears its folder of temporary files, whoever left them
# there: one that shares /tmp breaks the running queries of every other server of the machine.
# The only place in this project that starts a server. The caller calls mariadb_stop from its EXIT trap.
#
#   mariadb_start FOLDER [OPTION...]  makes and starts a server; sets MARIADB_SOCKET and MARIADB_PID
#   mariadb_run                       starts it again, after it was stopped or killed
#   mariadb_client [ARG...]           the client, connected to it
#   mariadb_stop                      stops it; may be called at any time, more than once

MARIADB_PID='' MARIADB_SOCKET='' mariadb_folder='' mariadb_options=''

# quick_folder: makes a temporary folder, in memory where there is a GiB for it. A server makes a table there in a
# hundredth of the time that a disk needs, and nothing of ours has to outlive the machine.
quick_folder() {
  free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
  if [ "${free:-0}" -ge 1048576 ] && [ -w /dev/shm ]; then mktemp -d -p /dev/shm; else mktemp -d; fi
}

# mariadb_become PROGRAM [OPTION...]: the shell becomes a program of MariaDB's with the places that are ours alone; to be
# called in a subshell. TMPDIR, because the programs and the scripts around them fall back on it.
mariadb_become() {
  mariadb_program=$1
  shift
  # As root, a server refuses to start unless it is told that this is meant.
  [ "$(id -u)" -ne 0 ] || set -- --user=root "$@"
  exec env TMPDIR="$mariadb_folder/tmp" "$mariadb_program" --no-defaults --datadir="$mariadb_folder/data" \
    --tmpdir="$mariadb_folder/tmp" --innodb-tmpdir="$mariadb_folder/tmp" "$@"
}

mariadb_start() {
  mariadb_folder=$1
  shift
  mariadb_options=$*
  mkdir -p "$mariadb_folder/data" "$mariadb_folder/tmp"
  (mariadb_become mariadb-install-db --auth-root-authentication-method=normal --skip-test-db) \
    >"$mariadb_folder/install.log" 2>&1 || {
    tail -n 5 "$mariadb_folder/install.log" >&2
    fail 'the private MariaDB could not be set up (its last lines stand above)'
  }
  MARIADB_SOCKET=$mariadb_folder/s
  mariadb_run
}

mariadb_run() {
  # shellcheck disable=SC2086 # options without spaces
  mariadb_become "$(command -v mariadbd || echo /usr/sbin/mariadbd)" --socket="$MARIADB_SOCKET" --skip-networking \
    --pid-file="$mariadb_folder/pid" --innodb-flush-log-at-trx-commit=2 --character-set-server=utf8mb4 \
    --collation-server=utf8mb4_unicode_ci $mariadb_options >>"$mariadb_folder/server.log" 2>&1 </dev/null &
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

# A newer client wants encryption also of a socket, which a server without a certificate does not have.
mariadb_client() {
  mariadb --no-defaults --skip-ssl --user=root --socket="$MARIADB_SOCKET" --default-character-set=utf8mb4 "$@"
}

mariadb_stop() {
  [ -n "$MARIADB_PID" ] || return 0
  kill "$MARIADB_PID" 2>/dev/null || true
  wait "$MARIADB_PID" 2>/dev/null || true
  MARIADB_PID=''
}
