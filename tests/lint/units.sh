#!/usr/bin/env bash
# Every .c of a room has its test program, by name or listed with the reason in tests/unit/covered-elsewhere.txt.
set -u
bad=0
for f in $(git ls-files 'libpic/*.c'); do
	room=$(echo "$f" | sed -E 's#libpic/(backend/)?([a-z]+)/.*#\2#') stem=$(basename "$f" .c)
	[ -f "tests/unit/$room/test_$stem.c" ] && continue
	grep -q "^$room/$stem: " tests/unit/covered-elsewhere.txt 2>/dev/null && continue
	echo "no test for $f"
	bad=1
done
exit $bad
