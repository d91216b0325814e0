#!/bin/sh
# Installs the .deb into a clean Debian without Python, lets the program test itself there, draws its window into a
# picture, puts a newer version over it, and removes it; a clinic made in between must come through unchanged.
# Wants root and debootstrap, and the network for Debian's own packages. Usage: try_deb.sh PACKAGE.deb [PICTURE.png]
set -eu
deb=$(realpath "$1")
picture=$(realpath -m "${2:-dist/window.png}")

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null 2>&1; then
    echo "Not tried in a clean Debian: that takes root and debootstrap (sudo apt-get install debootstrap)."
    exit 0
fi

root=$(mktemp -d)
clean() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root"
}
trap clean EXIT
trap 'exit 1' INT TERM

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
fail() {
    echo "FAILED: $1" >&2
    exit 1
}

apt() { # what apt says is shown only where it fails
    inside apt-get -y -qq "$@" >"$root/apt.log" 2>&1 || {
        cat "$root/apt.log"
        fail "apt-get $1"
    }
}

echo "A clean Debian (about a minute)"
debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || { tail -5 "$root.log"; fail "debootstrap"; }
rm -f "$root.log"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
printf 'APT::Install-Recommends "false";\nAcquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\nAPT::Sandbox::User "root";\n' \
    >"$root/etc/apt/apt.conf.d/90try"
mount -t proc proc "$root/proc"
if inside sh -c 'command -v python3' >/dev/null; then fail "this Debian is not without Python"; fi

echo "Installing"
cp "$deb" "$root/srv/package.deb"
apt update
apt install /srv/package.deb
missing=$(inside find /usr/lib/superbill-desk -name '*.so*' -type f -exec ldd {} + 2>/dev/null | grep 'not found' | sort -u || true)
# A library of the bundle finds its neighbours through the program that loads it, not through ldd.
for name in $(echo "$missing" | awk '{print $1}'); do
    [ -n "$(find "$root/usr/lib/superbill-desk" -name "$name")" ] || fail "$name is missing: the package does not depend on it"
done
inside superbill-desk --version
inside env QT_QPA_PLATFORM=offscreen superbill-desk --self-test --report /srv/report.txt >/dev/null || {
    cat "$root/srv/report.txt"
    fail "the self-test"
}
cat "$root/srv/report.txt"

echo "A clinic, then an upgrade over it"
inside env QT_QPA_PLATFORM=offscreen superbill-desk demo --out /srv/clinic >/dev/null 2>&1 || fail "the demo"
inside dpkg-deb -R /srv/package.deb /srv/newer
inside sed -i 's/^Version: .*/&+newer/' /srv/newer/DEBIAN/control
inside dpkg-deb -Znone -b /srv/newer /srv/newer.deb >/dev/null
sums=$(cd "$root/srv/clinic" && sha256sum demo.clinic demo.keys)
apt install /srv/newer.deb
inside dpkg-query -W -f '${Version}\n' superbill-desk | grep -q newer || fail "the upgrade did not happen"
[ "$sums" = "$(cd "$root/srv/clinic" && sha256sum demo.clinic demo.keys)" ] || fail "the upgrade changed the clinic"
inside env SUPERBILL_DESK_PASSWORD='quiet river demo' superbill-desk claims list --clinic /srv/clinic/demo.clinic >"$root/list" ||
    fail "the clinic does not open after the upgrade"
[ -s "$root/list" ] || fail "the clinic is empty after the upgrade"
sums=$(cd "$root/srv/clinic" && sha256sum demo.clinic demo.keys)

echo "Its window"
apt install xvfb scrot desktop-file-utils shared-mime-info
inside desktop-file-validate /usr/share/applications/superbill-desk.desktop
grep -q 'application/x-superbill-desk-clinic' "$root/usr/share/mime/globs2" || fail "the file type is unknown"
inside sh -c '
    Xvfb :77 -screen 0 1280x800x24 >/dev/null 2>&1 & server=$!
    sleep 3
    DISPLAY=:77 QT_QPA_PLATFORM=xcb superbill-desk /srv/clinic/demo.clinic 2>/srv/window.log & program=$!
    sleep 12
    DISPLAY=:77 scrot -o /srv/window.png
    kill -0 $program || exit 1
    kill $program $server
' || { cat "$root/srv/window.log"; fail "the window"; }
mkdir -p "$(dirname "$picture")"
cp "$root/srv/window.png" "$picture"
echo "The picture is $picture"

echo "Removing"
inside apt-get remove -y superbill-desk 2>/dev/null | grep 'Your clinics are not' || fail "the removal does not say where the data is"
[ ! -e "$root/usr/lib/superbill-desk" ] && [ ! -e "$root/usr/bin/superbill-desk" ] || fail "something of the program is left"
[ "$sums" = "$(cd "$root/srv/clinic" && sha256sum demo.clinic demo.keys)" ] || fail "the removal changed the clinic"
apt purge superbill-desk
left=$(find "$root/usr" "$root/etc" -name '*superbill*')
[ -z "$left" ] || fail "left behind: $left"
echo "Installed, tested, upgraded and removed; the clinic is as it was."
