#!/bin/sh
# Builds the last commit twice, in two folders, and compares every byte of what comes out. Takes a few minutes.
set -eu
cd "$(dirname "$0")/.."
python=$(realpath -s .venv/bin/python)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
commit=$(git rev-parse HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH

for folder in one another-place; do
    mkdir "$work/$folder"
    git archive "$commit" | tar -x -C "$work/$folder"
    echo "Building in $folder"
    (cd "$work/$folder" && "$python" installer/build.py >build.log 2>&1) || {
        tail -20 "$work/$folder/build.log"
        exit 1
    }
    (cd "$work/$folder/dist" && find . \( -type f -exec sha256sum {} + \) -o \( -type l -printf '%l  %p\n' \) | sort -k 2) >"$work/$folder.sums"
done

diff "$work/one.sums" "$work/another-place.sums" || {
    echo "The two builds differ." >&2
    exit 1
}
grep -E '\.(deb|tar\.xz)$' "$work/one.sums"
echo "Both builds are the same: $(wc -l <"$work/one.sums") files."
