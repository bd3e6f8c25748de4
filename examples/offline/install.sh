#!/usr/bin/env bash
# Install driftsync from a folder of wheels (fetch.sh) on Linux without internet: install.sh wheels [/opt/driftsync]
set -euo pipefail

folder=${1:?usage: install.sh FOLDER-OF-WHEELS [TARGET]}
target=${2:-/opt/driftsync}

"${PYTHON:-python3}" -m venv "$target"
"$target/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$folder" driftsync
"$target/bin/driftsync" --version
