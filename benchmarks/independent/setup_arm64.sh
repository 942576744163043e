#!/usr/bin/env bash
# An ARM64 board inside a folder, .arm64: an emulator, Debian's Python and the runtimes' wheels, all for ARM64.
#
#   make arm64      or      benchmarks/independent/setup_arm64.sh PYTHON      (a Python that has pip)
#
# Needs Debian and 300 MB of disk (500 MB while it works). Nothing is installed on the machine itself and root is not
# needed, though root also brings apt's lists up to date. Run it again whenever you like: it starts over only where this
# file or a version changed.
set -euo pipefail
python=$(realpath -s "${1:?say which Python has pip}")
this=$(realpath "$0")
cd "$(dirname "$this")/../.."

wheels=(ai-edge-litert numpy onnxruntime pillow)
debian=(libpython3-stdlib libstdc++6 python3-minimal zlib1g)
stamp=$(cat "$this" constraints.txt | sha256sum)
if [ "$(cat .arm64/ready 2>/dev/null)" = "$stamp" ]; then
    echo "ARM64 emulation is ready in .arm64"
    exit
fi

say() { echo "ARM64 emulation: $*"; }
fail() { say "$*" >&2; exit 2; }
for tool in apt-get dpkg-deb; do command -v $tool >/dev/null || fail "needs Debian's $tool, which is not here"; done

rm -rf .arm64.part
mkdir -p .arm64.part/{root,site,apt/lists/partial,apt/cache/archives/partial}
trap 'rm -rf "$PWD/.arm64.part"' EXIT
part=$PWD/.arm64.part apt=$PWD/.arm64.part/apt tree=$PWD/.arm64.part/root

say "the emulator"
[ "$(id -u)" != 0 ] || apt-get -qq update || say "apt-get update failed; going on with the lists that are there"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
# apt fills in the parentheses: this machine's own Debian sources, without anybody else's
line="deb$([ ! -e $keys ] || echo " [signed-by=$keys]") \$(REPO_URI) \$(RELEASE) \$(COMPONENT)"
apt-get indextargets --format "$line" 'Created-By: Packages' 'Origin: Debian' | sort -u >"$apt/sources.list"
[ -s "$apt/sources.list" ] || fail "apt has no lists of Debian's packages: run 'apt-get update' as root first"
# Take a program out of a package; nothing where there is no such package, or only a link.
take() {
    (cd "$apt" && apt-get -qq -o APT::Sandbox::User=root download "$1") || return 0
    dpkg-deb --fsys-tarfile "$apt/$1"_*.deb | tar -x -O "./usr/bin/$2" >"$part/qemu-aarch64-static" || true
}
take qemu-user-static qemu-aarch64-static
[ -s "$part/qemu-aarch64-static" ] || take qemu-user qemu-aarch64 # Debian 13 has the static program there
[ -s "$part/qemu-aarch64-static" ] || fail "Debian's qemu-user-static and qemu-user bring no emulator"
chmod +x "$part/qemu-aarch64-static"

say "Debian's Python"
: >"$apt/status"
cat >"$apt/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
APT_CONFIG=$apt/apt.conf apt-get -qq update
APT_CONFIG=$apt/apt.conf apt-get -qq --yes --download-only install "${debian[@]}"
mkdir -p "$tree"/usr/{bin,lib,sbin}
for folder in bin lib sbin; do ln -s usr/$folder "$tree/$folder"; done
for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$tree"
done

say "the runtimes"
version=$(basename "$(readlink "$tree/usr/bin/python3")")
platforms=()
for glibc in 17 27 28; do platforms+=(--platform "manylinux_2_${glibc}_aarch64"); done
"$python" -m pip install --disable-pip-version-check --quiet --target "$part/site" --no-deps --only-binary=:all: \
    "${platforms[@]}" --platform manylinux2014_aarch64 --python-version "${version#python}" \
    -c constraints.txt "${wheels[@]}"

# The runtimes read the processor's description, and crash on a PC's. Each processor gets one of its own beside links to
# the root: a Cortex-A72 (Raspberry Pi 4), and a Cortex-A76 (Pi 5, phones), which can also compute in float16.
describe() {
    local board=$part/$1
    mkdir -p "$board"/{proc,sys/devices/system/cpu}
    for folder in "$tree"/*; do ln -s "../${tree##*/}/${folder##*/}" "$board"; done
    printf '%s\t: %s\n' processor 0 Features "$4" 'CPU implementer' 0x41 'CPU architecture' 8 'CPU variant' "$3" \
        'CPU part' "$2" 'CPU revision' 1 >"$board/proc/cpuinfo"
    for list in possible present; do echo 0 >"$board/sys/devices/system/cpu/$list"; done
}
describe cortex-a72 0xd08 0x0 'fp asimd crc32'
describe cortex-a76 0xd0b 0x4 'fp asimd crc32 atomics fphp asimdhp asimddp'

board=$part/cortex-a72
machine=$("$part/qemu-aarch64-static" -L "$board" "$board/usr/bin/python3" -S -c 'import os; print(os.uname().machine)')
[ "$machine" = aarch64 ] || fail "the emulated Python says that it runs on '$machine'"
rm -rf "$apt"
echo "$stamp" >"$part/ready"
rm -rf .arm64
mv "$part" .arm64
say "ready in .arm64"
