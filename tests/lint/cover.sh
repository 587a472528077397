#!/usr/bin/env bash
# Line coverage of the rooms that everything stands on.
set -u
bad=0
for room in model plan codec store; do
	pct=$(gcovr -r . build/cover --filter "libpic/$room/" --txt 2>/dev/null | awk '/^TOTAL/{sub("%","",$NF); print $NF}')
	[ -n "$pct" ] || pct=0
	echo "$room: $pct %"
	[ "$pct" -ge 90 ] || bad=1
done
exit $bad
