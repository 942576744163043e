#!/usr/bin/env bash
# Runs a command with the compiler that setup_swift.sh fetched, or the machine's own where it has one; in this folder.
#
#   ios_demo/swift.sh swift test --package-path EdgeStyleKit
#   ios_demo/swift.sh ./check_apple_parts.sh
#
# What is built stays in `build` of the compiler's folder: `swift test` and `swift build` get a `--scratch-path`.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
cd "$here/.."
[ $# -gt 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$here/swift.sh"; exit 2; }
if [ "${1-}" = swift ] && [[ "${2-}" =~ ^(test|build)$ ]]; then
    command=(swift "$2")
    [ -d .swift/root ] && command+=(--scratch-path /build)
    set -- "${command[@]}" "${@:3}"
fi
if [ ! -d .swift/root ]; then
    command -v swiftc >/dev/null || { echo "there is no Swift compiler here: run 'make swift' (Debian)" >&2; exit 2; }
    cd "$here"
    exec "$@"
fi
options=(--mount --fork --pid --kill-child)
[ "$(id -u)" = 0 ] || options+=(--map-root-user --user)
# $0 is the compiler's root, the rest the command; the checkout is seen as /repo
exec unshare "${options[@]}" bash -c '
    mount --bind . "$0/repo" && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
    exec chroot "$0" /usr/bin/env -i PATH=/usr/libexec/swift/bin:/usr/bin:/bin HOME=/tmp LANG=C.UTF-8 \
        bash -c '\''cd /repo/ios_demo && exec "$@"'\'' command "$@"' "$PWD/.swift/root" "$@"
