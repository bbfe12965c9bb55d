#!/bin/sh
# Works in one folder of a gestor, as the folder's owner: bin/install calls it, as root through setpriv. Names are plain
# names of that folder, so no link leads anything out of it; a link itself is a file like any other.
# usage: in-folder.sh FOLDER VERB ARG...
#   look NAME...         a line each: `NAME absent`, `NAME file SHA256`, `NAME folder` or `NAME other`
#   put NAME FILE        FILE's contents become NAME, in one step
#   keep NAME AS, restore AS NAME, remove NAME, make NAME, unmake NAME, tidy
set -eu

cd -P -- "$1" 2>/dev/null || { echo "$1 cannot be entered" >&2; exit 1; }
# A link somewhere on the way leads elsewhere.
[ "$(pwd -P)" = "$1" ] || { echo "$1 is a link, and would lead to $(pwd -P): nothing is done there" >&2; exit 1; }
verb=$2
shift 2
umask 022

look() {
  for name; do
    if [ -L "./$name" ]; then
      echo "$name other"
    elif [ -f "./$name" ]; then
      echo "$name file $(sha256sum <"./$name" | cut -d ' ' -f 1)"
    elif [ -d "./$name" ]; then
      echo "$name folder"
    elif [ -e "./$name" ]; then
      echo "$name other"
    else
      echo "$name absent"
    fi
  done
}

case $verb in
  look) look "$@" ;;
  put)
    # Beside it and then by name: a running PHP never reads half a file, nor loses a library that it has mapped.
    new=$(mktemp ./.gestor-plugins.XXXXXX)
    if ! { cat "$2" >"$new" && chmod 644 "$new" && mv -fT "$new" "./$1"; }; then
      rm -f "$new"
      exit 1
    fi
    ;;
  keep | restore) mv -fT "./$1" "./$2" ;;
  remove) rm -f "./$1" ;;
  make) mkdir -m 755 "./$1" ;;
  unmake) rmdir "./$1" 2>/dev/null || true ;;
  tidy) rm -f ./.gestor-plugins.?????? ;;
  *) exit 2 ;;
esac
