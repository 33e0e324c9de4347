#!/bin/bash
# lab.sh COMMAND [ARGUMENT...]: runs COMMAND where real servers and routers can be started without touching this machine:
# in network, mount and process namespaces of its own, without root where user namespaces are allowed.
#
#   node      10.99.0.1  2001:db8:99::1   COMMAND runs here; the anycast addresses 192.0.2.53 and 2001:db8:53::53 are on its lo
#   upstream  10.99.0.2  2001:db8:99::2   the other end of the veth: nsenter --net=/run/netns/upstream COMMAND
#
# /run is an empty tmpfs, and /var/lib/oops and /etc/oops are empty folders of the lab's own; OOPS_LAB=/run/lab is where the lab writes, and TMPDIR is in it.
# When COMMAND ends, or this script is ended, so does all it started.
# Exit code: COMMAND's; 77 where this machine cannot make such namespaces.
#
# lab.sh --join PID [COMMAND [ARGUMENT...]]: runs COMMAND (a shell) on the node of the lab whose lab.sh is PID: $OOPS_LAB_PID there. As the same user.
set -u

if [ "${OOPS_LAB_STAGE:-}" != 2 ]; then
    [ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...], $0 --join PID [COMMAND [ARGUMENT...]]" >&2; exit 2; }
    for tool in unshare nsenter setpriv ip mount; do
        command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin
        command -v "$tool" >/dev/null || { echo "lab: $tool is missing (packages util-linux, iproute2, mount)" >&2; exit 77; }
    done

    if [ "$1" = --join ]; then
        # lab.sh, its unshare, and that one's child: process 1 of the lab.
        one=${2:-}
        for generation in 1 2; do
            one=$(cat "/proc/$one/task/$one/children" 2>/dev/null)
            one=${one%% *}
        done
        [ -n "$one" ] || { echo "lab: ${2:-} is no running lab.sh" >&2; exit 1; }
        shift 2
        into=(--mount --net --pid)
        [ "$(readlink /proc/self/ns/user)" = "$(readlink "/proc/$one/ns/user")" ] || into+=(--user --preserve-credentials)
        [ $# -gt 0 ] || set -- "${SHELL:-/bin/bash}"
        PATH=$PATH:/usr/sbin:/sbin OOPS_LAB=/run/lab TMPDIR=/run/lab/tmp \
            exec nsenter "${into[@]}" --wd="$PWD" --target "$one" -- nsenter --net=/run/netns/node -- "$@"
    fi

    flags=-nmpf
    [ "$(id -u)" = 0 ] || flags=-Urnmpf
    why=$(unshare $flags --mount-proc true 2>&1) || {
        echo "lab: this machine does not allow namespaces to this user ($why)." >&2
        echo "lab: see sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns; or run it as root" >&2
        exit 77
    }
    # unshare blocks SIGTERM while it waits, so this shell stays to take it. The command is not process 1: that one ignores Ctrl-C, reaps what is
    # orphaned, and takes all others with it. Each of the three ends with the one before it, however that ends.
    OOPS_LAB_STAGE=2 OOPS_LAB_PID=$$ setpriv --pdeathsig KILL unshare $flags --mount-proc --kill-child "$0" "$@" <&0 &
    lab=$!
    trap 'kill -KILL $lab 2>/dev/null; wait $lab 2>/dev/null; exit 143' TERM
    # Under nohup the command has a session of its own (below), where Ctrl-C does not reach it.
    if [ -n "$(trap -p HUP)" ]; then
        trap 'kill -KILL $lab 2>/dev/null; wait $lab 2>/dev/null; exit 130' INT
    else
        trap 'kill -KILL $lab 2>/dev/null; wait $lab 2>/dev/null; exit 129' HUP
        trap : INT
    fi
    while kill -0 $lab 2>/dev/null; do wait $lab; done
    wait $lab
    exit $?
fi

unset OOPS_LAB_STAGE
set -e
export PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/netns /run/lab/tmp

# What an oops that is installed here keeps is not the lab's to read or write; and where there is none, the lab leaves none behind.
mask() {
    local parent=${1%/*} over=/run/lab/mask$1 below
    if [ -d "$1" ]; then
        mount -t tmpfs -o mode=755 none "$1"
        return
    fi
    # A folder that does not exist cannot be mounted on: what is above it becomes a copy of itself.
    mkdir -p "$over"
    mkdir -m 755 "$over/upper" "$over/upper/oops" "$over/work" "$over/root"
    if ! mount -t overlay -o "lowerdir=$parent,upperdir=$over/upper,workdir=$over/work" none "$over/root" 2>/dev/null; then
        # A plain user's lab cannot write there anyway.
        [ ! -w "$parent" ] || echo "lab: no overlay over $parent: what is written to $1 stays on this machine" >&2
        return 0
    fi
    # The copy is without what is mounted below: in a container, /etc/hosts.
    while read -r _ _ _ _ below _; do
        [[ $below != "$parent"/* ]] || mount --rbind "$below" "$over/root${below#"$parent"}" 2>/dev/null || true
    done < /proc/self/mountinfo
    mount --move "$over/root" "$parent"
}
mask /var/lib/oops
mask /etc/oops
# FRR's daemons keep their crash logs there, by pid, whatever they are told.
[ ! -d /var/tmp/frr ] || mount -t tmpfs -o mode=1777 none /var/tmp/frr
ip netns add node
ip netns add upstream
ip -n node link add up0 type veth peer name node0 netns upstream
for ns in node upstream; do
    ip -n $ns link set lo up
    # An address is used at once: no duplicate address detection on a link with two ends.
    nsenter --net=/run/netns/$ns sh -c 'for f in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 > $f; done' 2>/dev/null || true
done
ip -n node addr add 10.99.0.1/24 dev up0
ip -n node addr add 2001:db8:99::1/64 dev up0 nodad
ip -n node addr add 192.0.2.53/32 dev lo
ip -n node addr add 2001:db8:53::53/128 dev lo nodad
ip -n upstream addr add 10.99.0.2/24 dev node0
ip -n upstream addr add 2001:db8:99::2/64 dev node0 nodad
ip -n node link set up0 up
ip -n upstream link set node0 up
export OOPS_LAB=/run/lab TMPDIR=/run/lab/tmp
set +e
trap '' INT
# An ignored HUP would be inherited by every daemon, to which it means reload. nohup's promise is kept by a session that no terminal hangs up.
[ -z "$(trap -p HUP)" ] || set -- setsid "$@"
nsenter --net=/run/netns/node env --default-signal=INT,HUP "$@"
exit $?
