# shellcheck shell=sh disable=SC2154,SC2034 # variables of the script that sources it
# Sourced by bin/matrix and bin/package. Other Debians, each below one folder, to run things in. Only root may.
# Uses: work.

roots=${ROOTS:-/var/cache/gestor-plugins/roots}

# root SUITE[-NAME] PACKAGE...: a root of that Debian, of its own by that name, with these packages; sets `root`.
root() {
  suite=${1%%-*}
  root=$roots/$1
  shift
  if [ ! -e "$root/.ready" ]; then
    command -v debootstrap >/dev/null 2>&1 || apt-get install -y -q --no-install-recommends debootstrap >/dev/null
    say "Making a root of Debian $suite"
    mirror=$(sed -n 's/^URIs: *//p; s/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
    rm -rf "$root"
    mkdir -p "$roots"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" >"$work/debootstrap" 2>&1 || {
      tail -n 5 "$work/debootstrap" >&2
      fail "no root of Debian $suite could be made (the last lines stand above)"
    }
    cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
    # No package's service starts in there.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    : >"$root/.ready"
  fi
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  [ $# -eq 0 ] || chroot "$root" dpkg -s "$@" >/dev/null 2>&1 || chroot "$root" sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' sh "$@" \
    >"$work/packages" 2>&1 </dev/null || { tail -n 5 "$work/packages" >&2; fail "Debian $suite did not install $*"; }
}

# inside ROOT COMMAND...: in that root, with /proc and /dev, which are gone when it ends.
inside() {
  inside=$1
  shift
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount sh -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
    DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$0" "$@"' "$inside" "$@" </dev/null
}
