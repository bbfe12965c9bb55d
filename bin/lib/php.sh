# shellcheck shell=sh disable=SC2034,SC2154 # variables of the script that sources it
# Sourced by bin/install. What PHP itself says of where it looks, and whether an extension is for it.

# scan_folder PHP: the folder of ini files that it reads; nothing where it reads none.
scan_folder() { "$1" -n -r 'echo PHP_CONFIG_FILE_SCAN_DIR;' 2>/dev/null | sed 's/:.*//'; }

# package_of FILE: the package that dpkg says it belongs to; nothing for others.
package_of() {
  command -v dpkg-query >/dev/null 2>&1 || return 0
  dpkg-query -S "$1" 2>/dev/null | sed -n '1s/[:,].*//p'
}

# web_php: the programs of PHP for web servers, one a line.
web_php() {
  for program in "$(command -v php-fpm 2>/dev/null || true)" /usr/sbin/php-fpm* /usr/local/sbin/php-fpm* "${php_folder:-/nowhere}"/../sbin/php-fpm*; do
    if [ -f "$program" ] && [ -x "$program" ]; then readlink -f -- "$program"; fi
  done | LC_ALL=C sort -u
}

# apache_php: the versions of Debian's PHP that Apache has in it, one a line. Such a module cannot be asked itself.
apache_php() {
  for module in "${APACHE_CONFDIR:-/etc/apache2}"/mods-enabled/php[0-9]*.load; do
    if [ -e "$module" ]; then basename "$module" .load | sed 's/^php//'; fi
  done
}

# as_apache VERSION FUNCTION: asks the command line's PHP of that version, as it would be configured in Apache.
as_apache() (
  PHPRC=/etc/php/$1/apache2 PHP_INI_SCAN_DIR=/etc/php/$1/apache2/conf.d
  export PHPRC PHP_INI_SCAN_DIR
  "$2" "php$1"
)

# loads PROGRAM FILE: it can load the extension. If not, says in one sentence why (`reason`).
loads() {
  said=$("$1" -n -d "extension=$2" -m 2>&1) || true
  reason=''
  if printf '%s\n' "$said" | grep -qx gestor_plugins; then return 0; fi
  theirs=$(printf '%s\n' "$said" | sed -n 's/.*odule compiled with [a-z ]*\(API\|ID\)=\([A-Za-z0-9,]*\).*/\2/p' | head -n 1)
  wanted=$(printf '%s\n' "$said" | sed -n 's/.*PHP *compiled with [a-z ]*\(API\|ID\)=\([A-Za-z0-9,]*\).*/\2/p' | head -n 1)
  if [ -n "$theirs" ] && [ -n "$wanted" ]; then
    mend='call bin/build with that PHP and its php-config first on the PATH, and install again'
    [ "${packaged:-no}" = no ] || mend='take the package that was made for that PHP'
    reason="$2 was built for another PHP (its API is $theirs), and $1 wants $wanted: $mend"
  else
    reason="$1 cannot load $2: $(printf '%s\n' "$said" | grep -v '^$' | head -n 1 | cut -c1-300)"
  fi
  return 1
}

# loaded_version PROGRAM: of the extension that it loads as it is configured; nothing where it loads none.
loaded_version() {
  "$1" -i 2>/dev/null | sed 's/<[^>]*>/ /g' | awk '/^ *gestor_plugins *(=>)? *enabled/ { ours = 1; next } ours && /^ *Version/ { print $NF; exit }'
}

# extension_folder PROGRAM: where it takes extensions from.
extension_folder() { "$1" -i 2>/dev/null | sed 's/<[^>]*>/ /g' | awk '$1 == "extension_dir" { print $NF; exit }'; }

# allows_ffi PROGRAM: under a web server, `preload` is enough only where our file is preloaded.
allows_ffi() {
  said=$("$1" -i 2>/dev/null | sed 's/<[^>]*>/ /g')
  if printf '%s\n' "$said" | grep -Eq '^ *ffi\.enable *(=>)? *(On|true|1) '; then return 0; fi
  printf '%s\n' "$said" | grep -Eq '^ *ffi\.enable *(=>)? *preload ' &&
    printf '%s\n' "$said" | grep -Eq '^ *opcache\.preload *(=>)? .*/plugins-native/Library\.php'
}
