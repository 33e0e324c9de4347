#!/bin/bash
# boot-systemd.sh DIR [UNIT...]: a real systemd as process 1 of namespaces of its own, over a copy of / that ends with it. Part of the laboratory (lab.sh), and needs real root.
#
#   DIR/upper   what it writes, and what it finds written: files put there before are part of its /
#   DIR/pid     its process 1, as seen from here, once it is there: nsenter -a -t PID COMMAND, and /proc/PID/root/...
#
# It shares the network with the caller and nothing else: /tmp, /run, /var/tmp, /dev, /proc, /sys and the cgroups are its own, /proc/sys is read-only, the kernel's clock and modules are
# out of reach. Of the units installed here it has the few below and those named by UNIT; it boots into oops-lab.target, which is a journal and a system bus.
# TERM ends it, and removes its cgroup. Exit code 77: this machine cannot boot one.
set -eu

units=(basic.target sysinit.target sockets.target timers.target paths.target slices.target local-fs.target swap.target multi-user.target network.target network-online.target
    shutdown.target umount.target final.target exit.target systemd-exit.service time-sync.target nss-lookup.target
    systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket systemd-journal-flush.service dbus.service dbus.socket)

if [ "${OOPS_BOOT_STAGE:-}" != 2 ]; then
    dir=$1
    can_not() { echo "boot-systemd: $*" >&2; exit 77; }
    [ -n "${OOPS_LAB:-}" ] || can_not "outside the laboratory's namespaces: run this through tests/lab.sh"
    read -r first outside count < /proc/self/uid_map
    [ "$first $outside $count" = "0 0 4294967295" ] || can_not "needs real root, this is a user namespace"
    [ -x /usr/lib/systemd/systemd ] || can_not "systemd is not installed"
    mkdir -p "$dir/cgroup" "$dir/upper" "$dir/work" "$dir/root"
    # The whole of the unified hierarchy, also where the machine mounts it beside the old ones.
    mount -t cgroup2 none "$dir/cgroup" || can_not "no cgroup2"
    parent=$dir/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
    # Those of laboratories that were killed; the kernel has no way to remove them with their last process.
    for old in $(find "$parent" -maxdepth 1 -name 'oops-lab-??????' -mmin +10); do
        ! grep -q 'populated 0' "$old/cgroup.events" || find "$old" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    group=$(mktemp -d "$parent/oops-lab-XXXXXX") || can_not "no cgroup of its own"
    leave() {
        trap '' TERM INT
        [ -z "${child:-}" ] || { kill -KILL "$child" 2>/dev/null; wait "$child"; } || true
        for _ in {1..50}; do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
        umount "$dir/cgroup"
    }
    trap leave EXIT
    trap 'exit 0' TERM INT
    # In its group first: the namespace of cgroups begins where its maker is.
    (echo 0 > "$group/cgroup.procs" && OOPS_BOOT_STAGE=2 exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child "$0" "$@") &
    child=$!
    wait "$child"
    exit
fi

dir=$1
shift
# Still the caller's /proc: this is our number there.
read -r pid _ < /proc/self/stat
root=$dir/root
# An oops that is installed here is not in it. The lab's masks are mounts, which the copy is without; these are overlayfs's own word for a file that is gone.
(umask 022 && mkdir -p "$dir/gone/var/lib" "$dir/gone/etc")
mknod "$dir/gone/var/lib/oops" c 0 0
mknod "$dir/gone/etc/oops" c 0 0
mount -t overlay -o "lowerdir=$dir/gone:/,upperdir=$dir/upper,workdir=$dir/work" none "$root"
for d in tmp var/tmp run etc/systemd/system usr/lib/systemd/system dev; do
    [ $d = usr/lib/systemd/system ] && for u in "${units[@]}" "$@"; do [ ! -e /$d/$u ] || found+=("/$d/$u"); done
    mkdir -p "$root/$d"
    mount -t tmpfs -o mode=755 none "$root/$d"
done
chmod 1777 "$root/tmp" "$root/var/tmp"
cp -d "${found[@]}" "$root/usr/lib/systemd/system/"
printf '[Unit]\nDescription=The laboratory\nRequires=basic.target\nWants=systemd-journald.service dbus.socket\nAfter=basic.target\nAllowIsolate=yes\n' > "$root/usr/lib/systemd/system/oops-lab.target"
for d in etc usr/lib; do
    for of in system-generators system-environment-generators; do
        [ ! -d "$root/$d/systemd/$of" ] || mount -t tmpfs -o ro none "$root/$d/systemd/$of"
    done
done
# Its journal is in memory, and its machine another one.
[ ! -d "$root/var/log/journal" ] || mount -t tmpfs none "$root/var/log/journal"
mkdir -p "$root/run/log/journal"
tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
echo oops-lab > "$root/etc/hostname"

for f in null zero full random urandom tty; do
    : > "$root/dev/$f"
    mount --bind "/dev/$f" "$root/dev/$f"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 none "$root/dev/pts"
mount -t tmpfs -o mode=1777 none "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
for i in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${i%:*}" "$root/dev/${i#*:}"; done
ln -s /proc/self/fd "$root/dev/fd"

mount -t proc none "$root/proc"
for f in sys sysrq-trigger; do
    [ -e "$root/proc/$f" ] || continue
    mount --bind "$root/proc/$f" "$root/proc/$f"
    mount -o remount,bind,ro "$root/proc/$f"
done
mount -t sysfs -o ro none "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
# What runs a program that was built and not published, where ProtectHome= does not hide it, and where it is looked for.
if [ -n "${OOPS_DOTNET:-}" ]; then
    mkdir -p "$root/usr/share/dotnet"
    mount --bind "$OOPS_DOTNET" "$root/usr/share/dotnet"
fi

echo "$pid" > "$dir/pid.new"
mv "$dir/pid.new" "$dir/pid"
cd "$root"
mkdir run/outside
pivot_root . run/outside
cd /
umount -l /run/outside
rmdir /run/outside
# A systemd that could see the machine's /tmp or /run would empty them.
for d in /tmp /run /var/tmp /dev; do [ "$(stat -f -c %T $d)" = tmpfs ] || { echo "boot-systemd: $d is not its own" >&2; exit 1; }; done
[ "$(stat -f -c %T /)" = overlayfs ] && [ $$ = 1 ] || { echo "boot-systemd: / is not its own" >&2; exit 1; }
[ -z "${OOPS_BOOT_LOOK:-}" ] || exec findmnt
exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-syslog --inh-caps=-all \
    env -i container=oops-lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LANG=C.UTF-8 /usr/lib/systemd/systemd --unit=oops-lab.target --show-status=0
