# shellcheck shell=sh disable=SC2154,SC2034 # variables of the script that sources it
# Sourced by bin/install. The drop-in's files in a gestor, and the record of what was put where.
#
# The gestor's folders belong to the web server's user, who may put links and other names there at any moment. So as
# root nothing is done in them: every folder is worked in by its owner (bin/lib/in-folder.sh), and what we remember lies
# where only we write. Each line of the record is written before what it tells of is done; it holds, for a gestor:
#   file SHA256 PATH   what we put, or were about to put, at PATH
#   kept PATH NAME     the gestor's own PATH, which stands beside it as NAME
#   folder PATH        a folder that we made
#   extension FILE, ini FILE   of PHP
# Uses: gestor, files, project, libraries, library, action.

# hash_of FILE
hash_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# open_record: sets `record`, where what we did to this gestor is written down.
open_record() {
  if [ -n "${GESTOR_PLUGINS_RECORDS:-}" ]; then
    records=$GESTOR_PLUGINS_RECORDS
  elif [ "$(id -u)" -eq 0 ]; then
    records=/var/lib/gestor-plugins
  else
    records=${XDG_STATE_HOME:-${HOME:-/nonexistent}/.local/state}/gestor-plugins
  fi
  key=$(printf '%s' "$gestor" | sha256sum | cut -c1-32)
  record=$records/$key/record
  # A user without a home of its own (the web server's) keeps it with the gestor's backups, which are its own as well.
  if [ "$(id -u)" -ne 0 ] && [ ! -f "$record" ] && ! mkdir -p "$records" 2>/dev/null; then
    records=$gestor/backups
    record=$records/.gestor-plugins-$key/record
  fi
  if [ "$(id -u)" -eq 0 ]; then
    alone_writes root "$records"
    return
  fi
  me="user $(id -un)"
  [ "$records" != "$gestor/backups" ] || alone_writes "$me" "$records"
  alone_writes "$me" "${record%/*}"
  alone_writes "$me" "$record"
  if [ ! -f "$record" ] && [ -r "/var/lib/gestor-plugins/$key/record" ]; then
    # Root installed it: its word is as good, but not ours to change.
    if [ "$action" = check ]; then
      record=/var/lib/gestor-plugins/$key/record
    else
      (umask 022 && mkdir -p "${record%/*}") && cp "/var/lib/gestor-plugins/$key/record" "$record"
    fi
  fi
}

# alone_writes WHO PATH: what we remember must be our own word: it is no link, and nobody but us and our own group may
# write to it.
alone_writes() {
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then return 0; fi
  case "$(stat -c '%u %g %A' -- "$2")" in
    "$(id -u) "*" "[d-]????-??-?) ;;
    "$(id -u) $(id -g) "[d-]???????-?) ;;
    *)
      fail "$2 must belong to $1, be no link, and be writable by no one else: it holds what bin/install remembers" \
        'Name a folder of your own in GESTOR_PLUGINS_RECORDS, or call bin/install as the user who installed.'
      ;;
  esac
}

# remember LINE: once.
remember() {
  if [ ! -f "$record" ]; then
    (umask 022 && mkdir -p "${record%/*}" && printf 'gestor %s\n' "$gestor" >"$record")
  fi
  grep -qxF -- "$1" "$record" || printf '%s\n' "$1" >>"$record"
}

# remembered WORD: the rest of its lines.
remembered() { [ ! -f "$record" ] || sed -n "s/^$1 //p" "$record"; }

# Our files, by their path below the gestor; those that others load come after those that they load.
our_files() {
  (
    cd "$files" || exit
    find bibliotecas/plugins-native -type f | LC_ALL=C sort
    find . -type f ! -path './bibliotecas/plugins-native/*' | sed 's|^\./||' | LC_ALL=C sort
  )
}

# is_known PATH: one that a version of ours could have put there.
is_known() {
  case $1 in
    *[!A-Za-z0-9._/-]* | */../* | *..) return 1 ;;
    bibliotecas/?* | controladores/?* | tests/?*) return 0 ;;
    *) return 1 ;;
  esac
}

# source_of PATH: where a file of ours comes from.
source_of() {
  if [ "$1" = "$library" ]; then printf '%s\n' "$libraries/libgestor_plugins.so"; else printf '%s\n' "$files/$1"; fi
}

# The owner of a folder cannot always read where this project stands, nor our worker.
stage_files() {
  staged=$(mktemp -d)
  chmod 755 "$staged"
  cp "$project/bin/lib/in-folder.sh" "$staged/in-folder.sh"
  chmod 644 "$staged/in-folder.sh"
  for path in $(our_files) "$library"; do
    [ ! -f "$(source_of "$path")" ] || printf '%s %s\n' "$(hash_of "$(source_of "$path")")" "$path"
  done >"$staged/sums"
}

# new_hash PATH: of what this version puts there.
new_hash() { sed -n "s|^\([0-9a-f]*\) $1\$|\1|p" "$staged/sums"; }

# in_folder FOLDER VERB ARG...: as its owner. FOLDER is a path below the gestor, or `.`.
in_folder() {
  place=$gestor/$1
  [ "$1" != . ] || place=$gestor
  shift
  if [ "$(id -u)" -ne 0 ]; then
    sh "$staged/in-folder.sh" "$place" "$@"
    return
  fi
  owner=$(stat -c '%u' -- "$place") || return 1
  if [ "$owner" -eq 0 ]; then
    case $(stat -c '%A' -- "$place") in
      l*) echo "$place is a link: nothing is done there" >&2; return 1 ;;
      ?????w* | ????????w*)
        echo "$place belongs to root and others may write there: call bin/install as the user of the web server, or give the folder to one user" >&2
        return 1
        ;;
    esac
    sh "$staged/in-folder.sh" "$place" "$@"
  else
    as_user "$owner" "$(stat -c '%g' -- "$place")" sh "$staged/in-folder.sh" "$place" "$@"
  fi
}

# as_user UID GID COMMAND...: without our rights, our terminal and our environment.
as_user() {
  user_id=$1 group_id=$2
  shift 2
  if command -v setpriv >/dev/null 2>&1; then
    set -- setpriv --reuid="$user_id" --regid="$group_id" --clear-groups --no-new-privs -- "$@"
  elif command -v runuser >/dev/null 2>&1; then
    set -- runuser -u "$(id -un "$user_id")" -- "$@"
  else
    fail 'as root this needs setpriv or runuser (util-linux), to work in the gestor as its owner' \
      'Or call it as the user of the web server.'
  fi
  if command -v setsid >/dev/null 2>&1; then set -- setsid -w "$@"; fi
  env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin "$@" </dev/null
}

# state_of PATH: `absent`, `folder`, `other`, or `file SHA256`. Where a folder on the way is missing, `absent`.
state_of() {
  [ -d "$gestor/${1%/*}" ] || [ -L "$gestor/${1%/*}" ] || { echo absent; return 0; }
  state=$(in_folder "${1%/*}" look "${1##*/}") || fail "$1 cannot be looked at (the reason stands above)"
  printf '%s\n' "${state#* }"
}

# is_ours STATE PATH: what stands in the gestor was put there by us, now or earlier.
is_ours() {
  case $1 in
    "file "*) ;;
    *) return 1 ;;
  esac
  [ "${1#file }" = "$(new_hash "$2")" ] ||
    { [ -f "$record" ] && grep -qxF -- "$1 $2" "$record"; }
}

make_folder() {
  if [ -d "$gestor/$1" ] || [ -L "$gestor/$1" ]; then return 0; fi
  parent=$(dirname -- "$1")
  [ "$parent" = . ] || make_folder "$parent"
  remember "folder $1"
  in_folder "$(dirname -- "$1")" make "${1##*/}" || fail "the folder $1 cannot be made (the reason stands above)"
}

# free_name PATH: under which the gestor's own file is kept: NAME.orig, where nobody else has that.
free_name() {
  kept=$(remembered kept | sed -n "s|^$1 ||p" | tail -n 1)
  number=''
  while [ -z "$kept" ]; do
    state=$(state_of "$1.orig$number")
    if [ "$state" = absent ]; then kept=${1##*/}.orig$number; else number=$((${number:-1} + 1)); fi
  done
  printf '%s\n' "$kept"
}

put_file() {
  path=$1 name=${1##*/} folder=${1%/*} from=$(source_of "$1")
  make_folder "$folder"
  state=$(state_of "$path")
  new=$(new_hash "$path")
  [ "$state" != folder ] || fail "$gestor/$path is a folder" 'Move it away, and call again.'
  if ! is_ours "$state" "$path" && [ "$state" != absent ]; then
    as=$(free_name "$path")
    remember "kept $path $as"
    in_folder "$folder" keep "$name" "$as" || fail "$path could not be kept (the reason stands above)"
    note "kept     $folder/$as"
  fi
  remember "file $new $path"
  [ "$state" != "file $new" ] || return 0
  cp "$from" "$staged/$name"
  chmod 644 "$staged/$name"
  in_folder "$folder" put "$name" "$staged/$name" || fail "$path could not be written (the reason stands above)"
  rm -f "$staged/$name"
  note "written  $path"
  changed=yes
}

# Hashes of versions that are gone are not needed any more.
settle_record() {
  { grep -v '^file ' "$record" && sed 's/^/file /' "$staged/sums"; } >"$record.new"
  mv -f "$record.new" "$record"
}

# undo_file PATH: what stands there is ours, or is missing: the gestor's own comes back. What is not ours stays.
undo_file() {
  path=$1 name=${1##*/} folder=${1%/*}
  [ -d "$gestor/$folder" ] || return 0
  kept=$(remembered kept | sed -n "s|^$path ||p" | tail -n 1)
  [ -f "$record" ] || kept=$name.orig
  case $kept in
    "$name".orig*) ;;
    *) kept='' ;;
  esac
  state=$(state_of "$path")
  kept_state=absent
  [ -z "$kept" ] || kept_state=$(state_of "$folder/$kept")
  if [ "$state" != absent ] && ! is_ours "$state" "$path"; then
    note "left     $path (it is not ours: the gestor's own stands there)"
    if [ -f "$record" ] && [ "$kept_state" != absent ]; then in_folder "$folder" remove "$kept"; fi
  elif [ "$kept_state" != absent ]; then
    in_folder "$folder" restore "$kept" "$name" || fail "$path could not be restored (the reason stands above)"
    note "restored $path"
  elif [ "$state" != absent ]; then
    in_folder "$folder" remove "$name" || fail "$path could not be removed (the reason stands above)"
    note "removed  $path"
  fi
  in_folder "$folder" tidy
}

undo_files() {
  recorded=$(remembered file | sed 's/^[0-9a-f]* //')
  for path in $( (our_files && printf '%s\n' "$library" "$recorded") | LC_ALL=C sort -u); do
    is_known "$path" || { note "left     $path (bin/install never puts that there)"; continue; }
    undo_file "$path"
  done
}

undo_folders() {
  remembered folder | LC_ALL=C sort -r | while read -r path; do
    if is_known "$path/x" && [ -d "$gestor/$path" ]; then in_folder "$(dirname -- "$path")" unmake "${path##*/}"; fi
  done
}
