#!/usr/bin/env bash
# Every room of the library, and every folder of programs, says in one screen what it is.
set -u
bad=0
for dir in $(git ls-files 'libpic/*.c' 'frontends/*.c' 'bindings/*/*.py' 'examples/*.c' | xargs -n1 dirname | sort -u) libpic libpic/backend tests; do
	case $dir in
	frontends/* | tests/*) dir=${dir%%/*} ;;
	bindings/python/*) dir=bindings/python ;;
	esac
	[ -s "$dir/README.md" ] || { echo "$dir has no README.md"; bad=1; continue; }
	[ "$(wc -l <"$dir/README.md")" -le 80 ] || { echo "$dir/README.md is longer than a screen"; bad=1; }
done
# A link that leads nowhere.
for file in $(git ls-files '*.md'); do
	for to in $(grep -oE '\]\([^)#:]+\)' "$file" | tr -d '])(' ); do
		[ -e "$(dirname "$file")/$to" ] || { echo "$file: $to is not there"; bad=1; }
	done
done
exit $bad
