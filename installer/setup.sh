#!/bin/sh
# Makes .venv with the pinned packages, and installs the few system libraries that Qt and the tests want: through
# apt when that may be used, else it prints the one command to run. Run by `make setup`.
set -eu
cd "$(dirname "$0")/.."

PACKAGES="python3-venv libgl1 libegl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0 \
libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 \
libxcb-randr0 libxcb-xkb1 libx11-xcb1 libwayland-client0 libwayland-cursor0 libcups2 libgssapi-krb5-2 libfreetype6 \
qpdf binutils strace"

missing() {
    for package in $PACKAGES; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || printf '%s ' "$package"
    done
}

if command -v dpkg-query >/dev/null 2>&1; then
    wanted=$(missing)
    if [ -n "$wanted" ]; then
        echo "Installing system libraries: $wanted"
        if [ "$(id -u)" = 0 ]; then
            as_root=""
        elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            as_root="sudo"
        else
            as_root="none"
        fi
        if [ "$as_root" != none ]; then
            DEBIAN_FRONTEND=noninteractive
            export DEBIAN_FRONTEND
            $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $wanted >/dev/null ||
                as_root="none"
        fi
        if [ "$as_root" = none ]; then
            echo "Run this once, then go on:" >&2
            echo "    sudo apt-get install -y $wanted" >&2
        fi
    fi
fi

python=""
for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null &&
        "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 to 3.14 with its venv module is needed. On Debian: sudo apt-get install -y python3-venv" >&2
    exit 1
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing the pinned packages into .venv (a few minutes the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
touch .venv/.ready
