#!/bin/bash
# setup.sh: what building and testing need, on Debian 12 or later with the .NET 10 SDK. Root is used only to install packages.
set -eu
cd "$(dirname "$0")/.."

packages=(knot knot-dnsutils nsd bird2 dbus systemd iproute2 util-linux mount bind9-dnsutils libsqlite3-0 tshark)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "setup: these Debian packages are missing, and there is no sudo: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    # A package must not start its daemon here: exit 101 forbids it (Debian policy, invoke-rc.d).
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
        "${as_root[@]}" chmod 755 $policy
        made=1
    fi
    trap '[ -z "$made" ] || "${as_root[@]}" rm -f $policy' EXIT
    log=$(mktemp)
    install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; }
    { "${as_root[@]}" apt-get update -q && install; } >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
    rm -f "$log"
fi

dotnet restore oops.slnx -v q -nologo ${CI:+--locked-mode}
