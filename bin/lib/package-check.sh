# shellcheck shell=sh disable=SC2154 # variables of the script that sources it
# Sourced by bin/package for --check. Uses: project, work, packages, php_version, debian.

# shellcheck source=bin/lib/roots.sh
. "$project/bin/lib/roots.sh"

check_packages() {
  [ "$(id -u)" -eq 0 ] || fail 'bin/package --check makes a root of its own, which only root may' 'sudo bin/package --check'
  [ -n "${debian:-}" ] || fail 'there is no Debian package to check: this PHP is not one of Debian'"'"'s'
  check_again
  suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  root "$suite-package" "php$php_version-cli" "php$php_version-fpm" "libapache2-mod-php$php_version" "php$php_version-mysql" \
    mariadb-server-core mariadb-client-core zip
  say "In a new Debian $suite, without a compiler"
  place=$work/place
  cp -a "$root" "$place"
  for program in cc gcc clang rustc cargo; do
    ! chroot "$place" sh -c "command -v $program" >/dev/null 2>&1 || fail "the root has $program: it proves nothing"
  done
  cp "$packages"/*.deb "$packages"/*.tar.gz "$place/mnt/"
  list_files >"$work/before"
  check_debian_package
  check_archive
}

# check_again: the same sources in another folder, built from nothing, with another mask and under another name of time.
check_again() {
  say 'Building the same in another folder, from nothing'
  again="$work/another place"
  mkdir "$again"
  if git rev-parse --git-dir >/dev/null 2>&1; then git ls-files -z; else find . -path ./target -prune -o -type f -print0; fi |
    xargs -0 cp -P --parents -t "$again"
  (umask 077 && TZ=Asia/Tokyo && export TZ && cd "$again" && bin/package >"$work/again.log" 2>&1) || {
    tail -n 10 "$work/again.log" >&2
    fail 'it could not be built there (the last lines stand above)'
  }
  cmp -s "$packages/SHA256SUMS" "$again/target/packages/SHA256SUMS" || {
    diff "$packages/SHA256SUMS" "$again/target/packages/SHA256SUMS" >&2 || true
    fail 'the packages differ: something besides the sources is in them'
  }
  rm -rf "$again"
  note 'byte by byte the same'
}

# list_files: every file of the root with kind, rights, owner, length and contents, but for the books of dpkg itself.
list_files() {
  chroot "$place" sh -c 'cd / && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./mnt -o -path ./var/lib/dpkg/triggers \
    -o -path "./var/lib/dpkg/status*" -o -path "./var/lib/dpkg/*lock*" -o -path ./var/log/dpkg.log \) -prune -o -printf "%y %m %U:%G %p %l\n"
    find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./mnt -o -path ./var/lib/dpkg/triggers -o -path "./var/lib/dpkg/status*" \
    -o -path "./var/lib/dpkg/*lock*" -o -path ./var/log/dpkg.log \) -prune -o -type f -exec sha256sum {} +' | LC_ALL=C sort
}

# in_place TEXT COMMAND...: in the root; its last lines, and the end, where it fails.
in_place() {
  told=$1
  shift
  inside "$place" "$@" >"$work/said" 2>&1 || {
    tail -n 15 "$work/said" >&2
    fail "$told: this failed (its last lines stand above)"
  }
  note "$told"
}

# nothing_left TEXT: the root is as it was.
nothing_left() {
  list_files >"$work/after"
  cmp -s "$work/before" "$work/after" || {
    diff "$work/before" "$work/after" | head -n 20 >&2 || true
    fail "$1: something is left (see above)"
  }
  note "$1: the $(grep -c '^[a-z] ' "$work/before") files and folders of this Debian are what they were"
}

check_debian_package() {
  # No machine's own name gets into a package, nor anybody's address.
  dpkg-deb -f "$packages"/*.deb Maintainer | grep -q '\.invalid>$' || fail "the package names a maintainer who is none"
  in_place 'the package installs' sh -c 'dpkg -i /mnt/*.deb'
  list_files | sed -n 's/^[a-z] [0-9]* [0-9:]* \.\(\/[^ ]*\) .*/\1/p' >"$work/installed"
  sed -n 's/^[a-z] [0-9]* [0-9:]* \.\(\/[^ ]*\) .*/\1/p' "$work/before" >"$work/earlier"
  # What phpenmod itself remembers, and dpkg's notes of the package, are in no package's list.
  chroot "$place" dpkg -L "$debian" | LC_ALL=C sort >"$work/known"
  LC_ALL=C sort "$work/earlier" >"$work/earlier.sorted"
  LC_ALL=C sort "$work/installed" | LC_ALL=C comm -23 - "$work/earlier.sorted" | LC_ALL=C comm -23 - "$work/known" |
    grep -vE "^/var/lib/dpkg/info/$debian\.|^/etc/php/$php_version/[a-z0-9]+/conf.d/50-gestor_plugins.ini\$|^/var/lib/php/modules/$php_version/([a-z0-9]+/)?[a-z_]+(/gestor_plugins)?\$" >"$work/unknown" || true
  [ ! -s "$work/unknown" ] || { head "$work/unknown" >&2; fail 'these files are nobody'"'"'s: dpkg does not know them'; }
  in_place 'every file is known to dpkg, or is a link of phpenmod'"'"'s' true
  in_place 'every PHP loads the extension' sh -c 'php -m | grep -qx gestor_plugins && php-fpm'"$php_version"' -m | grep -qx gestor_plugins && test -e /etc/php/'"$php_version"'/apache2/conf.d/50-gestor_plugins.ini'
  in_place 'it installs over itself' sh -c 'dpkg -i /mnt/*.deb && php -m | grep -qx gestor_plugins'
  in_place 'what an administrator disabled stays so' sh -c 'phpdismod gestor_plugins && dpkg -i /mnt/*.deb && ! php -m | grep -qx gestor_plugins && phpenmod gestor_plugins && php -m | grep -qx gestor_plugins'
  in_place 'a copy of tables becomes SQL' sh -c "echo '{\"tabela\":\"t\",\"criar\":\"CREATE TABLE t (a INT)\"}' | gestor-plugins-esquema-sql | grep -q 'CREATE TABLE IF NOT EXISTS'"
  in_place 'the demonstration runs from it' /usr/lib/gestor-plugins/bin/demo
  make_gestor
  in_place 'it installs into a gestor, checks that, and takes it back' sh -c 'gestor-plugins-install "/srv/a gestor" && gestor-plugins-install "/srv/a gestor" --check && gestor-plugins-install "/srv/a gestor" --undo'
  in_place 'a gestor that was forgotten is named when the package is removed' sh -c 'gestor-plugins-install "/srv/a gestor" && dpkg --remove '"$debian"' 2>&1 | grep -F "/srv/a gestor still holds" && ! php -m 2>&1 | grep -i gestor_plugins'
  rm -rf "$place/srv/a gestor"
  in_place 'the package is purged' dpkg --purge "$debian"
  nothing_left 'purged'
}

check_archive() {
  make_gestor
  in_place 'the archive: the demonstration runs from it' sh -c 'mkdir "/srv/a folder" && tar -xzf /mnt/*.tar.gz -C "/srv/a folder" && "/srv/a folder"/*/bin/demo'
  in_place 'the archive: it installs into a gestor, checks that, and takes it back' sh -c 'cd "/srv/a folder"/* && bin/install "/srv/a gestor" && php -m | grep -qx gestor_plugins && bin/install "/srv/a gestor" --check && bin/install "/srv/a gestor" --undo'
  rm -rf "$place/srv/a gestor" "$place/srv/a folder"
  nothing_left 'the archive taken back'
}

# make_gestor: what bin/install takes for one, with a space in its name, of the web server's user.
make_gestor() {
  mkdir -p "$place/srv/a gestor/bibliotecas" "$place/srv/a gestor/controladores/plugins"
  echo '<?php' >"$place/srv/a gestor/config.php"
  echo '<?php // the gestor'"'"'s own' >"$place/srv/a gestor/bibliotecas/plugins-installer.php"
  chown -R 33:33 "$place/srv/a gestor"
}
