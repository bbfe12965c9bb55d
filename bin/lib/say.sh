# shellcheck shell=sh disable=SC2034 # variables of the script that sources it
# Sourced. What every script says and how: one line a step, errors with what to do, colours only on a terminal.

# The project's folder, whatever folder the script was called from.
project=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")/.." && pwd -P)

# Where both libraries are: bin/build makes them here; a package (bin/package) brings them, and says of which version.
libraries=$project/target packaged=no
[ ! -f "$project/VERSION" ] || { libraries=$project/lib packaged=yes; }
own_version() { if [ "$packaged" = yes ]; then cat "$project/VERSION"; else sed -n 's/^version = "\(.*\)"/\1/p' "$project/Cargo.toml" | head -n 1; fi; }

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$(printf '\033[1m') green=$(printf '\033[32m') red=$(printf '\033[31m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
else
  bold='' green='' red='' dim='' plain=''
fi

# say TEXT: a step.
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }

# note TEXT: something below a step.
note() { printf '    %s\n' "$*"; }

# fail TEXT [WHAT TO DO]: ends the script.
fail() {
  printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
  [ $# -lt 2 ] || printf '       %s\n' "$2" >&2
  exit 1
}

# Where rustup puts cargo, for shells that have not read its profile.
if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo" ]; then
  PATH="${CARGO_HOME:-${HOME:-}/.cargo}/bin:$PATH"
  export PATH
fi
