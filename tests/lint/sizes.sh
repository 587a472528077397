#!/usr/bin/env bash
# Ceilings: .c files 600 lines, functions 80 lines and cyclomatic complexity 15. kinds.c and the like are tables.
set -u
bad=0
mkdir -p build/test
while read -r lines file; do
	[ "$file" = total ] || [ "$lines" -le 600 ] || { echo "$file: $lines lines"; bad=1; }
done < <(git ls-files 'libpic/*.c' 'frontends/*.c' | xargs wc -l)
git ls-files 'libpic/*.c' 'frontends/*.c' | xargs pmccabe 2>build/test/pmccabe.txt | awk -F'\t' '$5>80||$1>15{print $6" lines="$5" complexity="$1;b=1}END{exit b}' || bad=1
[ ! -s build/test/pmccabe.txt ] || { cat build/test/pmccabe.txt; bad=1; } # what it cannot read it does not measure
git ls-files 'libpic/*.c' 'frontends/*.c' | xargs pmccabe 2>/dev/null | awk -F'\t' '{print $5}' | sort -n | awk '{a[NR]=$1}END{print NR" functions, lines: median "a[int(NR/2)]", p90 "a[int(NR*.9)]", p99 "a[int(NR*.99)]", max "a[NR]}'
exit $bad
