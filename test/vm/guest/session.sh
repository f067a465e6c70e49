# Process 1 of the guest: mounts what is asked for, and runs the command itself (run.sh) or has systemd run it.
B=/run/vm/busybox
. /run/vm/settings.sh # MODE, SWAP, DIRECTORY
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root

mkdir -p /dev/pts /dev/shm
$B mount -t devpts devpts /dev/pts
$B mount -t tmpfs tmpfs /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr

$B ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
  $B ip link set eth0 up
  $B ip addr add 10.0.2.15/24 dev eth0
  # What the host forwards comes in here, for 127.0.0.1: servers that listen nowhere else are what is tested.
  echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
fi

v1() {
  $B mount -t tmpfs tmpfs /sys/fs/cgroup
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir "/sys/fs/cgroup/$controller"
    $B mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
  done
}
case $MODE in
  v1) v1 ;;
  hybrid)
    v1
    mkdir /sys/fs/cgroup/unified
    $B mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
    ;;
  v2)
    $B mount -t cgroup2 cgroup2 /sys/fs/cgroup
    for controller in $(</sys/fs/cgroup/cgroup.controllers); do echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control; done
    ;;
esac
# The kernel rewrites its own code with the first group of cpuset and the first limit to the processors, where it allocates pages and schedules, and with
# the last that goes, back. A processor that qemu emulates meanwhile may keep what was there in between, a breakpoint, for good, and the kernel ends with
# "int3": so a group stays, limited, as any machine has one, and the other processors come after it.
for folder in /sys/fs/cgroup /sys/fs/cgroup/{cpu,cpuset,memory,freezer}; do
  if [ ! -e "$folder/cgroup.procs" ]; then continue; fi
  mkdir "$folder/standing"
  if [ -e "$folder/standing/cpu.max" ]; then echo '50000 100000' >"$folder/standing/cpu.max"; fi
  if [ -e "$folder/standing/cpu.cfs_quota_us" ]; then echo 50000 >"$folder/standing/cpu.cfs_quota_us"; fi
done
for switch in /sys/devices/system/cpu/cpu*/online; do
  if [ "$(<"$switch")" = 0 ]; then echo 1 >"$switch"; fi
done

if [ "$SWAP" = yes ]; then
  $B mkswap /dev/vdb >/dev/null
  $B swapon /dev/vdb
fi
# Temporary files are on a disk: over the layer of the root the kernel lays no other, it maps no ids there, and what is written is no IO.
$B mke2fs -I 256 -m 0 /dev/vdc >/dev/null
# A clone that lies in /tmp stays there, with what is beside it.
beside=
case $DIRECTORY in /tmp/*) beside=/tmp/$(cut -d / -f 3 <<<"$DIRECTORY") ;; esac
mkdir /run/vm/clone
if [ "$beside" ]; then $B mount --bind "$beside" /run/vm/clone; fi
$B mount -t ext4 /dev/vdc /tmp
chmod 1777 /tmp
if [ "$beside" ]; then
  mkdir "$beside"
  $B mount --bind /run/vm/clone "$beside"
fi
while read -r folder; do
  mkdir -p "$folder"
  $B mount --bind "/run/vm/host/writable$folder" "$folder"
done </run/vm/writable

if [ "$MODE" != systemd ]; then . /run/vm/run.sh; fi

# It mounts control groups itself, and runs nothing but what a login of a user needs, and the command.
rm -rf /etc/systemd/system/*.wants
mkdir -p /run/systemd/system
cat >/run/systemd/system/vm.service <<'UNIT'
[Unit]
Wants=basic.target systemd-logind.service systemd-user-sessions.service dbus.socket
After=basic.target systemd-logind.service systemd-user-sessions.service dbus.socket
[Service]
Environment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=/bin/bash /run/vm/run.sh
UNIT
for unit in systemd-remount-fs.service systemd-udevd.service systemd-firstboot.service dev-hugepages.mount; do
  ln -s /dev/null "/run/systemd/system/$unit"
done
exec /lib/systemd/systemd --unit=vm.service
