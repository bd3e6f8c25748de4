#!/usr/bin/env bash
# Fetch driftsync and all that it needs, for a computer without internet. Run it where there is internet, in a checkout:
#
#   examples/offline/fetch.sh wheels                          # for this Python, Linux and Windows, 64-bit Intel
#   examples/offline/fetch.sh wheels 3.12 manylinux2014_x86_64 manylinux_2_28_x86_64
#
# Then carry the folder over, and install there with install.sh or install.cmd.
set -euo pipefail

folder=${1:?usage: fetch.sh FOLDER [PYTHON-VERSION [PLATFORM…]]}
python=${PYTHON:-python3}
version=${2:-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')}
platforms=("${@:3}")
source=$(cd "$(dirname "$0")/../.." && pwd)

"$python" -m pip wheel --quiet --no-deps --wheel-dir "$folder" "$source"
wheel=$(ls -t "$folder"/driftsync-*.whl | head -n 1)

fetch() {
    local words=()
    for platform in "$@"; do words+=(--platform "$platform"); done
    # pip decides by the computer that it runs on what is needed on Windows or by an older Python: so name that too.
    "$python" -m pip download --quiet --dest "$folder" --find-links "$folder" --only-binary=:all: \
        --implementation cp --python-version "$version" "${words[@]}" "$wheel" colorama tomli typing_extensions
}

if [ ${#platforms[@]} -gt 0 ]; then
    fetch "${platforms[@]}"
else
    fetch manylinux_2_28_x86_64 manylinux_2_17_x86_64 manylinux2014_x86_64
    fetch win_amd64
fi
echo "$(find "$folder" -name '*.whl' | wc -l) wheels for Python $version in $folder"
