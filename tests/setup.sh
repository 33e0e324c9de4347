#!/bin/bash
# setup.sh: what building and testing need, on Debian 12 or later with the .NET 10 SDK. Root is used only to install packages.
set -eu
cd "$(dirname "$0")/.."

fail() { echo "setup: $1" >&2; exit 1; }

command -v dotnet >/dev/null || fail "there is no dotnet on PATH: the .NET 10 SDK is needed"

packages=(knot knot-dnsutils knot-module-dnstap nsd bind9 unbound pdns-server pdns-backend-sqlite3 pdns-recursor dnsdist knot-resolver knot-resolver-module-http
          bird2 frr gobgpd exabgp mosquitto mosquitto-clients libmosquitto1 nats-server dbus systemd iproute2 util-linux mount bind9-dnsutils bind9-utils knot-dnssecutils ldnsutils dnsperf sqlite3 openssl libsqlite3-0 libunbound8 dns-root-data tshark git rsyslog rsyslog-openssl)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || fail "there is no apt-get to install these Debian packages with: ${missing[*]}"
    echo "installing: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        by_hand="as root: apt-get install --no-install-recommends ${missing[*]}"
        command -v sudo >/dev/null || fail "these Debian packages are missing, and there is no sudo. Install them $by_hand"
        as_root=(sudo)
        sudo true || fail "these Debian packages are missing, and sudo does not let this user install them. Install them $by_hand"
    fi
    log=$(mktemp)
    made=
    trap 'rm -f "$log"; [ -z "$made" ] || "${as_root[@]}" rm -f $policy' EXIT
    # A package must not start its daemon here: exit 101 forbids it (Debian policy, invoke-rc.d).
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        made=1
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
        "${as_root[@]}" chmod 755 $policy
    fi
    install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; }
    { "${as_root[@]}" apt-get update -q && install; } >"$log" 2>&1 ||
        { tail -20 "$log" >&2; fail "apt-get could not install ${missing[*]}: its last words are above. Are its sources those of Debian 12 or later, and reachable?"; }
fi

dotnet restore oops.slnx -v q -nologo ${CI:+--locked-mode}
