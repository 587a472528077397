#!/bin/sh
# A whole cell on a machine with AppArmor, Debian's profiles in force: names and time are served by programs that are
# not bound by profiles for the machine's own services. $1: where our programs are.
cd /tmp || exit 1
bad() {
	echo "FAILED: $*"
	cat /tmp/picd.log
	exit 1
}
ip link set lo up
"$1/pic" --dir /var/lib/pic init --name home --endpoint 192.0.2.1:51820 --net4 10.20.0.0/16 --net6 fd20::/48 >/dev/null || bad "init"
"$1/pic" --dir /var/lib/pic peer add anna >/dev/null || bad "peer add"
"$1/picd" --dir /var/lib/pic >/tmp/picd.log 2>&1 &
"$1/pic" --dir /var/lib/pic status --wait 60s >/dev/null || bad "the cell does not come up"
[ "$(/usr/bin/dig +short +time=5 @10.20.0.1 anna.home.internal)" = 10.20.0.2 ] || bad "no name is answered"
for name in unbound chronyd; do
	pid=$(pidof $name) || bad "$name does not run"
	for p in $pid; do
		[ "$(cat "/proc/$p/attr/current")" = unconfined ] || bad "$name is bound by $(cat "/proc/$p/attr/current")"
	done
done
cp "$(find /run /var/lib/pic -name unbound.conf | head -n 1)" /var/lib/pic/copy.conf
/usr/sbin/unbound -d -p -c /var/lib/pic/copy.conf 2>&1 | grep -q "Permission denied" || bad "its profile is not in force: this shows nothing"
"$1/pic" --dir /var/lib/pic --json doctor
echo "the cell is well"
