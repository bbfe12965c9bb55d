# shellcheck shell=sh disable=SC2154,SC2034 # variables of the script that sources it
# Sourced by bin/matrix. The Dockerfile of docs/install.md, step by step, without Docker: in a Debian that is made as the
# official image php:8.x-apache is (a PHP of its own below /usr/local with Apache's module, PHP_INI_DIR above the folder
# that it scans, Debian's php* kept out). Rust is this machine's, where the file fetches it.
# Uses: project, work, roots. Environment: PHP_SOURCE (address of a .tar.xz of PHP).

php_source=${PHP_SOURCE:-https://www.php.net/distributions/php-8.3.27.tar.xz}
cargo_home=${CARGO_HOME:-${HOME:-/root}/.cargo} rustup_home=${RUSTUP_HOME:-${HOME:-/root}/.rustup}

# make_image: a root like that image; sets `root`. PHP is compiled once and kept.
make_image() {
  root trixie-image gcc make re2c bison autoconf pkg-config libxml2-dev libssl-dev zlib1g-dev libcurl4-openssl-dev libonig-dev apache2 \
    apache2-dev curl xz-utils
  [ ! -e "$root/usr/local/etc/php/.ready" ] || return 0
  say 'Compiling PHP as the official image has it'
  mkdir -p "$root/usr/src/php" "$root/usr/local/etc/php/conf.d"
  curl -sSfL "$php_source" | tar -xJ -C "$root/usr/src/php" --strip-components=1
  inside "$root" sh -c 'set -e; cd /usr/src/php; [ -e configure ] || ./buildconf --force; a2dismod -f mpm_event; a2enmod mpm_prefork
    ./configure --with-config-file-path=/usr/local/etc/php --with-config-file-scan-dir=/usr/local/etc/php/conf.d --with-pic --with-apxs2 \
      --enable-mbstring --disable-mbregex --enable-mysqlnd --with-curl --with-openssl --with-zlib --without-sqlite3 --without-pdo-sqlite \
      --disable-cgi --disable-phpdbg
    make -s -j"$(nproc)"; make install; make -s clean' >"$work/php" 2>&1 || { tail -n 10 "$work/php" >&2; fail 'PHP could not be compiled (its last lines stand above)'; }
  : >"$root/usr/local/etc/php/.ready"
}

# finish_image: what the image adds to its PHP.
finish_image() {
  printf 'Package: php*\nPin: release *\nPin-Priority: -1\n' >"$root/etc/apt/preferences.d/no-debian-php"
  printf '<FilesMatch \\.php$>\n\tSetHandler application/x-httpd-php\n</FilesMatch>\n' >"$root/etc/apache2/conf-enabled/docker-php.conf"
  cat >"$root/usr/local/bin/docker-php-ext-install" <<'END'
#!/bin/sh
set -e
for name; do
  cd "/usr/src/php/ext/$name"
  phpize
  ./configure
  make -s
  make install
  make -s clean
  echo "extension=$name" >"$PHP_INI_DIR/conf.d/docker-php-ext-$name.ini"
done
END
  chmod 755 "$root/usr/local/bin/docker-php-ext-install"
}

# instructions: those of the Dockerfile in docs/install.md, one a line.
instructions() {
  sed -n '/^```dockerfile$/,/^```$/p' docs/install.md | sed '/^```/d; /^#/d; /^$/d' | sed -e ':a' -e '/\\$/N; s/\\\n */ /; ta'
}

# run_step TEXT: in the stage, with its variables and in its folder.
run_step() {
  case $1 in
    *https://sh.rustup.rs*)
      note '(Rust is this machine'"'"'s)'
      mkdir -p "$stage/root/.cargo" "$stage/root/.rustup"
      cargo=yes
      return 0
      ;;
  esac
  [ "$cargo" = no ] || set -- "export CARGO_HOME=/root/.cargo RUSTUP_HOME=/root/.rustup; $1"
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount sh -c '[ "$3" = no ] || { mount --bind "$1" "$0/root/.cargo" && mount --bind "$2" "$0/root/.rustup"; } && mount -t proc proc "$0/proc" &&
    mount --rbind /dev "$0/dev" && exec env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive PHP_INI_DIR=/usr/local/etc/php \
    PATH=/root/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$0" sh -c "cd \"$5\" && $4"' \
    "$stage" "$cargo_home" "$rustup_home" "$cargo" "$1" "$folder" >"$work/step" 2>&1 </dev/null ||
    { tail -n 15 "$work/step" >&2; fail "the Dockerfile fails at: RUN $1"; }
}

# copy_step WORD...: COPY of a Dockerfile.
copy_step() {
  from=$work/context owner=0:0
  while :; do
    case $1 in
      --from=*) from=$work/stage-${1#--from=} ;;
      --chown=www-data:www-data) owner=33:33 ;;
      *) break ;;
    esac
    shift
  done
  mkdir -p "$stage/$2"
  cp -R "$from/$1/." "$stage/$2/"
  chown -R "$owner" "$stage/$2"
}

# build_image: every instruction; `stage` is the last stage's root.
build_image() {
  instructions >"$work/instructions"
  grep -q '^RUN' "$work/instructions" || fail 'docs/install.md holds no Dockerfile'
  cargo=no folder=/
  while read -r word rest; do
    note "$word $rest"
    # shellcheck disable=SC2086 # words
    case $word in
      FROM)
        stage=$work/stage-${rest##* AS }
        case $rest in *' AS '*) ;; *) stage=$work/stage-last ;; esac
        cp -a "$root" "$stage"
        cargo=no folder=/
        ;;
      # The only variable that the file sets is one that run_step gives as well.
      ENV) [ "$rest" = 'PATH=/root/.cargo/bin:$PATH' ] || fail "bin/lib/image.sh does not know ENV $rest" ;;
      WORKDIR) folder=$rest; mkdir -p "$stage$rest" ;;
      COPY) copy_step $rest ;;
      RUN) run_step "$rest" ;;
      *) fail "bin/lib/image.sh does not know $word" ;;
    esac
    steps=$((steps + 1))
  done <"$work/instructions"
}

# make_context: the project, and a gestor beside it, as docs/install.md says.
make_context() {
  mkdir -p "$work/context/gestor-plugins" "$work/context/gestor"
  git ls-files -z | xargs -0 cp -P --parents -t "$work/context/gestor-plugins"
  for name in bibliotecas controladores/plugins modulos plugins logs temp backups contents; do mkdir -p "$work/context/gestor/$name"; done
  cp -R demo/gestor/. "$work/context/gestor/"
  cp -R tests/php/support/vendor "$work/context/gestor/vendor"
  cat >"$work/context/gestor/page.php" <<'END'
<?php
require __DIR__ . '/config.php';
require __DIR__ . '/bibliotecas/plugins-installer.php';
plugin_process(['slug' => 'agenda', 'origem_tipo' => 'upload', 'arquivo' => __DIR__ . '/temp/agenda.zip']);
$report = plugin_report();
echo PHP_SAPI, ' ', extension_loaded('gestor_plugins') ? 'extension' : 'no extension', ' ', $report['codigo'], ' ', $report['versao'], ' ', implode('; ', $report['erros']);
END
  (cd demo/plugin-v1 && zip -q -r -X "$work/context/gestor/temp/agenda.zip" .)
}

# ask_page: Apache in the last stage, and one page of it, which installs a plugin; sets `answer`.
ask_page() {
  mariadb_start "$stage/run/server" >/dev/null
  chmod 711 "$stage/run/server"
  php demo/load-core.php tests/fixtures "$MARIADB_SOCKET" gestor >/dev/null
  printf 'Listen 127.0.0.1:18473\n' >"$stage/etc/apache2/ports.conf"
  # shellcheck disable=SC2016 # for the inner shell
  setsid unshare --mount sh -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    PHP_INI_DIR=/usr/local/etc/php DEMO_SOCKET=/run/server/s chroot "$0" sh -c ". /etc/apache2/envvars; mkdir -p /run/apache2 /run/lock; exec apache2 -D FOREGROUND"' \
    "$stage" >"$work/apache" 2>&1 </dev/null &
  apache=$!
  tries=0
  until answer=$(curl -sS --max-time 60 http://127.0.0.1:18473/page.php 2>"$work/curl"); do
    tries=$((tries + 1))
    if [ "$tries" -ge 50 ]; then cat "$work/apache" "$work/curl" >&2; fail 'Apache did not start'; fi
    sleep 0.2
  done
  kill "$apache" 2>/dev/null || true
  wait "$apache" 2>/dev/null || true
  mariadb_stop
}
