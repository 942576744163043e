#!/usr/bin/env bash
# Swift's compiler inside a folder, .swift, for machines whose own system has none: Debian 13's package swiftlang, and
# what it needs. Nothing is installed on the machine itself.
#
#   make swift      or      ios_demo/setup_swift.sh
#
# Needs Debian (apt) and 3.5 GB of disk while it works. To run it (ios_demo/swift.sh) needs root, or user namespaces. Run
# it again whenever you like: it starts over only where this file changed.
set -euo pipefail
this=$(realpath "$0")
cd "$(dirname "$this")/.."
stamp=$(sha256sum <"$this")
if [ "$(cat .swift/ready 2>/dev/null)" = "$stamp" ]; then
    echo "Swift is ready in .swift"
    exit
fi

say() { echo "Swift: $*"; }
fail() { say "$*" >&2; exit 2; }
for tool in apt-get dpkg-deb; do command -v $tool >/dev/null || fail "needs Debian's $tool, which is not here"; done
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || fail "needs Debian's keys: apt-get install debian-archive-keyring"

rm -rf .swift.part
trap 'rm -rf "$PWD/.swift.part"' EXIT
part=$PWD/.swift.part apt=$PWD/.swift.part/apt tree=$PWD/.swift.part/root
mkdir -p "$tree/usr"/{bin,lib,lib64,sbin} "$apt"/{lists/partial,cache/archives/partial}
for folder in bin lib lib64 sbin; do ln -s usr/$folder "$tree/$folder"; done

say "packages of Debian 13, 560 MB"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | grep -v security | head -n 1)
[ -n "$mirror" ] || fail "apt knows no Debian mirror: apt-get update first"
echo "deb [signed-by=$keys] $mirror trixie main" >"$apt/sources.list"
: >"$apt/status"
cat >"$apt/apt.conf" <<CONF
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get -qq update
apt-get -qq --yes --download-only install swiftlang libc6-dev libstdc++-14-dev bash coreutils git
unset APT_CONFIG

say "unpacking"
for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$tree"
    rm "$package"
done
rm -rf "$apt" "$tree"/usr/share/{doc,man,locale,info}
rm -f "$tree"/usr/libexec/swift/bin/{lldb*,*lldb,clangd,sourcekit-lsp,docc,repl_swift}
mkdir -p "$tree"/{repo,build,proc,dev,tmp}
echo "$stamp" >"$part/ready"
rm -rf .swift
mv "$part" .swift
ios_demo/swift.sh swift --version
