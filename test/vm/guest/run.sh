# Runs the command, leaves its exit code for the host and switches off.
B=/run/vm/busybox
. /run/vm/settings.sh

# The port can be opened once only, and programs open /dev/stdout: what they have is a pipe.
exec 3> >(exec cat >"/dev/$(ls /sys/class/virtio-ports)")
output=$!
cd "$DIRECTORY"
mapfile -d '' -t command </run/vm/command
setsid --wait "${command[@]}" >&3 2>&1 </dev/null
code=$?
echo $code >/run/vm/code
# A process that the kernel killed cannot report why.
if [ $code != 0 ]; then $B dmesg | grep -E 'Oops|BUG:|WARNING:|int3|protection fault|segfault|trap |] Out of memory' | sed 's/^/kernel: /' >&3; fi
exec 3>&-
# Whoever the command left running would hold the pipe, and cat would never see its end.
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  # A thread of the kernel has no program.
  if [ "$pid" != 1 ] && [ "$pid" != $$ ] && [ "$pid" != "$output" ] && [ -n "$(readlink "$process/exe")" ]; then kill -KILL "$pid" 2>/dev/null; fi
done
wait "$output"
mv /run/vm/code /run/vm/host/out/code
$B poweroff -f
