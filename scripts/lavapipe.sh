#!/usr/bin/env bash
# Unpacks Mesa's lavapipe into .cache/mesa, on Debian: a software Vulkan driver that is several times
# as fast as SwiftShader and has shader-f16. Nothing is installed. One try: remove the folder for another.
set -euo pipefail
cd "$(dirname "$0")/.."
mesa=$PWD/.cache/mesa
[ ! -d "$mesa" ] || exit 0

. /etc/os-release
mkdir -p "$mesa/lists/partial" "$mesa/cache/archives/partial"
# The release's own Mesa may be too old for Dawn (Debian 12: 22.3), so it comes from backports.
suite=$VERSION_CODENAME-backports
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' |
  awk -v release="$VERSION_CODENAME" '$2 == release { print $1; exit }')
echo "deb $mirror $suite main" >"$mesa/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$mesa/sources.list" -o Dir::Etc::sourceparts=-
  -o Dir::State::lists="$mesa/lists" -o Dir::Cache="$mesa/cache" -o APT::Sandbox::User=root
  -o Acquire::Retries=0 -o Acquire::http::Timeout=10)
"${apt[@]}" update
(cd "$mesa" && "${apt[@]}" download -t "$suite" mesa-vulkan-drivers)
dpkg-deb -x "$mesa"/mesa-vulkan-drivers_*.deb "$mesa/root"

library=$(find "$mesa/root" -name libvulkan_lvp.so)
if ldd "$library" | grep 'not found'; then exit 1; fi
printf '{"file_format_version":"1.0.0","ICD":{"api_version":"1.4.0","library_path":"%s"}}\n' \
  "$library" >"$mesa/icd.json"
