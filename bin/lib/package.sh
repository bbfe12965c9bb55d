# shellcheck shell=sh disable=SC2154 # variables of the script that sources it
# Sourced by bin/package. What the packages hold, and how they are packed so that nothing but the sources decides.
# Uses: project, libraries, work, version, php_version, machine, packages, SOURCE_DATE_EPOCH.

# list_contents: what they are made of, and the licences of the crates; into $work.
list_contents() {
  platform=$(rustc -vV | sed -n 's/^host: //p')
  cargo metadata --locked --format-version 1 --features php --filter-platform "$platform" >"$work/metadata.json"
  cargo tree --locked --features php --target "$platform" --prefix none --format '{p}' -e normal,no-proc-macro >"$work/shipped"
  cargo tree --locked --features php --target "$platform" --prefix none --format '{p}' -e normal,build >"$work/built"
  cp Cargo.lock "$work/Cargo.lock"
  rustc --version | cut -d ' ' -f 2 >"$work/rustc"
  php -n -d memory_limit=-1 bin/lib/sbom.php "$work" "$SOURCE_DATE_EPOCH" "$work/sbom.cdx.json" "$work/licences-of-crates.txt"
}

# copy_tree FOLDER: what bin/install and bin/demo need, and what an operator calls besides, with the paths that they have here; modes as they are meant.
copy_tree() {
  mkdir -p "$1/bin/lib" "$1/lib" "$1/tests/php/support" "$1/php"
  cp bin/install bin/demo bin/setup bin/esquema-sql.php "$1/bin/"
  for part in say drop-in in-folder php mariadb; do cp "bin/lib/$part.sh" "$1/bin/lib/"; done
  cp -R php/gestor "$1/php/gestor"
  cp -R php/stubs "$1/php/stubs"
  cp -R include demo "$1/"
  cp -R tests/fixtures "$1/tests/"
  cp -R tests/php/support/vendor "$1/tests/php/support/"
  printf '%s\n' "$version" >"$1/VERSION"
  for part in gestor_plugins.so libgestor_plugins.so; do
    cp "$libraries/$part" "$1/lib/"
    strip --strip-unneeded "$1/lib/$part"
  done
  cp "$libraries/gestor-plugins" "$1/bin/"
  strip "$1/bin/gestor-plugins"
  find "$1" -type d -exec chmod 755 {} +
  find "$1" -type f -exec chmod 644 {} +
  chmod 755 "$1/bin/gestor-plugins" "$1/bin/install" "$1/bin/demo" "$1/bin/setup" "$1/bin/esquema-sql.php"
}

# copy_documents FOLDER
copy_documents() {
  mkdir -p "$1"
  cp README.md CHANGELOG.md LICENSE docs/install.md "$work/sbom.cdx.json" "$work/licences-of-crates.txt" "$1/"
  chmod 644 "$1"/*.*
}

# pack_archive: names in one order, one owner, one time, no time in gzip's head.
pack_archive() {
  name=gestor-plugins-$version-php$php_version-$machine
  copy_tree "$work/$name"
  copy_documents "$work/documents"
  for file in README.md CHANGELOG.md LICENSE sbom.cdx.json licences-of-crates.txt; do cp "$work/documents/$file" "$work/$name/"; done
  mkdir "$work/$name/docs"
  cp "$work/documents/install.md" "$work/$name/docs/"
  find "$work/$name" -type f ! -perm -u+x -exec chmod 644 {} +
  tar --sort=name --format=ustar --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$work" -cf "$work/archive.tar" "$name"
  gzip -9n <"$work/archive.tar" >"$packages/$name.tar.gz"
  cp "$work/sbom.cdx.json" "$packages/$name.cdx.json"
}

# least_glibc FILE...: the oldest C library that has all the symbols that they want.
least_glibc() {
  for file; do objdump -T "$file"; done | sed -n 's/.*(\{0,1\}GLIBC_\([0-9.]*\).*/\1/p' | sort -uV | tail -n 1
}

# pack_debian: the archive's tree below /usr/lib, the extension where PHP looks, its ini file as one that dpkg keeps.
pack_debian() {
  debian=php$php_version-gestor-plugins
  root=$work/root tree=$work/root/usr/lib/gestor-plugins
  api=$(php-config --phpapi)
  extensions=$(php-config --extension-dir)
  copy_tree "$tree"
  mkdir -p "$root$extensions" "$root/usr/sbin" "$root/var/lib/gestor-plugins" "$root/etc/php/$php_version/mods-available" "$root/DEBIAN"
  mv "$tree/lib/gestor_plugins.so" "$root$extensions/"
  ln -s "$extensions/gestor_plugins.so" "$tree/lib/gestor_plugins.so"
  ln -s ../lib/gestor-plugins/bin/install "$root/usr/sbin/gestor-plugins-install"
  mkdir -p "$root/usr/bin"
  ln -s ../lib/gestor-plugins/bin/esquema-sql.php "$root/usr/bin/gestor-plugins-esquema-sql"
  ln -s ../lib/gestor-plugins/bin/gestor-plugins "$root/usr/bin/gestor-plugins"
  write_manual "$tree/bin/gestor-plugins" "$root/usr/share"
  printf '; priority=50\nextension=gestor_plugins.so\n' >"$root/etc/php/$php_version/mods-available/gestor_plugins.ini"
  documents=$root/usr/share/doc/$debian
  copy_documents "$documents"
  write_copyright >"$documents/copyright"
  rm "$documents/LICENSE"
  gzip -9n "$documents/CHANGELOG.md" "$documents/licences-of-crates.txt"
  mv "$documents/CHANGELOG.md.gz" "$documents/changelog.gz"
  write_control >"$root/DEBIAN/control"
  printf '/etc/php/%s/mods-available/gestor_plugins.ini\n' "$php_version" >"$root/DEBIAN/conffiles"
  for kind in apache2 fpm; do printf 'activate-noawait /etc/php/%s/%s/conf.d\n' "$php_version" "$kind"; done >"$root/DEBIAN/triggers"
  write_scripts
  (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs -d '\n' md5sum) >"$work/md5sums"
  mv "$work/md5sums" "$root/DEBIAN/md5sums"
  find "$root" -type d -exec chmod 755 {} +
  find "$root" -type f ! -perm -u+x -exec chmod 644 {} +
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  # One thread: how many there are would decide where blocks end.
  dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$packages" >/dev/null
}

# write_manual PROGRAM FOLDER: its man page in both languages, and what shells complete by, as it says them itself.
write_manual() {
  mkdir -p "$2/man/man1" "$2/man/pt_BR/man1" "$2/bash-completion/completions" "$2/zsh/vendor-completions" "$2/fish/vendor_completions.d"
  env -i GESTOR_PLUGINS_LANG=en "$1" man | gzip -9n >"$2/man/man1/gestor-plugins.1.gz"
  env -i GESTOR_PLUGINS_LANG=pt-br "$1" man | gzip -9n >"$2/man/pt_BR/man1/gestor-plugins.1.gz"
  env -i GESTOR_PLUGINS_LANG=pt-br "$1" completion bash >"$2/bash-completion/completions/gestor-plugins"
  env -i GESTOR_PLUGINS_LANG=pt-br "$1" completion zsh >"$2/zsh/vendor-completions/_gestor-plugins"
  env -i GESTOR_PLUGINS_LANG=pt-br "$1" completion fish >"$2/fish/vendor_completions.d/gestor-plugins.fish"
}

# Debian's tools want a maintainer with an address. Whoever calls bin/package makes this package, and that we do not know;
# the project has no address either. A name below .invalid (RFC 2606) says so: it can never be anybody's.
write_control() {
  cat <<END
Package: $debian
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: gestor-plugins <nobody@gestor-plugins.invalid>
Installed-Size: $(find "$root" -type f -printf '%s\n' | awk '{ bytes += $1 } END { print int(bytes / 1024) + 1 }')
Section: php
Priority: optional
Provides: gestor-plugins
Conflicts: gestor-plugins
Replaces: gestor-plugins
Depends: libc6 (>= $(least_glibc "$root$extensions/gestor_plugins.so" "$tree/lib/libgestor_plugins.so" "$tree/bin/gestor-plugins")), libgcc-s1, phpapi-$api, php-common, php$php_version-common, util-linux
Recommends: php$php_version-mysql
Suggests: mariadb-server-core, mariadb-client-core, zip
Description: transactional plugin installer for the Conn2Flow gestor
 Installs plugin packages into a gestor: checks the archive, copies the files,
 runs the migrations and brings the database rows to what the package says, all
 or nothing. This package enables the PHP extension; gestor-plugins-install puts
 the PHP files that use it into a gestor.
END
}

write_copyright() {
  echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
  echo 'Upstream-Name: gestor-plugins'
  echo 'Comment: The crates that are compiled in are listed in sbom.cdx.json, their licences in licences-of-crates.txt.gz.'
  printf '\nFiles: *\nCopyright: see below\nLicense: MIT\n'
  sed 's/^$/./; s/^/ /' LICENSE
  printf '\nFiles: usr/lib/gestor-plugins/tests/fixtures/*\nCopyright: see below\nLicense: MIT-Conn2Flow\n'
  sed 's/^$/./; s/^/ /' tests/fixtures/LICENSE.conn2flow
}

# write_scripts: what dpkg calls. Debian's own helper enables a module for every program of that PHP, remembers where an
# administrator disabled it, and forgets it again; the files that it makes are its own affair, and gone with a purge.
write_scripts() {
  helper=". /usr/lib/php/php-maintscript-helper"
  cat >"$root/DEBIAN/postinst" <<END
#!/bin/sh
set -e
if [ "\$1" = configure ]; then
  $helper
  php_invoke enmod $php_version ALL gestor_plugins
fi
END
  cat >"$root/DEBIAN/prerm" <<END
#!/bin/sh
set -e
if [ "\$1" = remove ]; then
  for record in /var/lib/gestor-plugins/*/record; do
    [ -f "\$record" ] || continue
    gestor=\$(sed -n 's/^gestor //p' "\$record")
    [ -d "\$gestor" ] || continue
    echo "$debian: \$gestor still holds the PHP files of this package; without the extension they need FFI. To put its own back, install this package again and call gestor-plugins-install '\$gestor' --undo" >&2
  done
  if [ -e /usr/lib/php/php-maintscript-helper ]; then
    $helper
    php_invoke dismod $php_version ALL gestor_plugins
  fi
fi
END
  # PHP may be gone already; then dpkg's list and these lines are all that is needed.
  cat >"$root/DEBIAN/postrm" <<END
#!/bin/sh
set -e
if [ "\$1" = purge ]; then
  for kind in /var/lib/php/modules/$php_version/*/*_by_*; do
    rm -f "\$kind/gestor_plugins"
    rmdir --ignore-fail-on-non-empty "\$kind" 2>/dev/null || true
  done
  rm -f /var/lib/php/modules/$php_version/registry/gestor_plugins /etc/php/$php_version/*/conf.d/*-gestor_plugins.ini
  rm -rf /var/lib/gestor-plugins
fi
END
  chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm"
}
