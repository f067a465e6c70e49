#!/bin/sh
# Runs as process 1 of a mount and process namespace of its own, in which everything that a machine needs of its host lives: when it ends, however it
# does, the kernel kills whoever else is inside, and mounts and files are gone. Reports on descriptor 3 how the machine ended, on 2 why.
# Standard input: the initramfs. Arguments: the seconds to live, and the command line of qemu.
# Variables: WORK (an empty folder), MOUNTS (of this machine, a line each, to be shared read-only), WRITABLE (folders that the guest
# may write, a line each), VIRTIOFSD, LIBRARIES (where its
# and qemu's libraries are).
set -eu
seconds=$1
shift
mount -t tmpfs -o mode=700 tmpfs "$WORK"
cat >"$WORK/initramfs"
truncate -s 128M "$WORK/disk"
truncate -s 256M "$WORK/swap"
truncate -s 2G "$WORK/scratch"
mkdir -p "$WORK/share/root" "$WORK/share/out" "$WORK/share/writable"
printf '%s\n' "$MOUNTS" | while read -r folder; do
  mount --bind "$folder" "$WORK/share/root$folder"
  mount -o remount,bind,ro "$WORK/share/root$folder"
done
printf '%s' "${WRITABLE:+$WRITABLE
}" | while read -r folder; do
  mkdir -p "$WORK/share/writable$folder"
  mount --bind "$folder" "$WORK/share/writable$folder"
done

# It locks a file in /var/run that is named after its socket, and leaves it there: each machine needs a /var/run of its own.
mount -t tmpfs tmpfs /var/run
LD_LIBRARY_PATH=$LIBRARIES "$VIRTIOFSD" -f --socket-path="$WORK/files.socket" -o "source=$WORK/share" -o cache=always -o sandbox=chroot -o xattr -o log_level=err \
  --thread-pool-size=2 >&2 3>&- &
files=$!
until [ -S "$WORK/files.socket" ]; do
  kill -0 "$files"
  sleep 0.02
done

# With the end of its input, qemu would take what is connected to the guest's output for gone.
mkfifo "$WORK/no-input"
status=0
LD_LIBRARY_PATH=$LIBRARIES timeout --signal=KILL "$seconds" "$@" 3>&- <>"$WORK/no-input" || status=$?
if [ -f "$WORK/share/out/code" ]; then
  echo "exit $(cat "$WORK/share/out/code")" >&3
else
  if [ "$status" = 137 ]; then echo deadline >&3; else echo lost >&3; fi
  tail -c 4000 "$WORK/console" >&2
fi
