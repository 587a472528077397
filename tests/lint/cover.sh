#!/usr/bin/env bash
# Line coverage of the rooms that everything stands on.
set -u
gcovr -r . build/cover --filter 'libpic/(model|plan|codec|store)/' --csv --gcov-ignore-parse-errors 2>/dev/null | awk -F, '
	NR > 1 { split($1, path, "/"); all[path[2]] += $2; covered[path[2]] += $3 }
	END {
		bad = 0
		n = split("model plan codec store", room, " ")
		for (i = 1; i <= n; i++) {
			pct = all[room[i]] ? 100 * covered[room[i]] / all[room[i]] : 0
			printf "%s: %.1f %%\n", room[i], pct
			if (pct < 90)
				bad = 1
		}
		exit bad
	}'
