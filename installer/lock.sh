#!/bin/sh
# Writes requirements.lock: every package of every supported system, pinned and hashed, no index address in it.
set -eu
cd "$(dirname "$0")/.."
UV_NO_CONFIG=1 uv pip compile --universal --generate-hashes --all-extras --no-emit-index-url --no-emit-find-links \
    --no-annotate --no-header --python-version 3.11 pyproject.toml -o requirements.lock "$@"
