#!/usr/bin/env bash
# Every public header compiles alone, as strict C99 and as C++11.
set -u
bad=0
for h in include/pic/*.h; do
	n=pic/$(basename "$h")
	echo "#include <$n>
extern int x;" | gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c - || bad=1
	echo "#include <$n>
extern int x;" | g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ - || bad=1
	grep -hE '^#include' "$h" | grep -vE '<(pic/[a-z]+\.h|stddef\.h|stdint\.h)>' && { echo "$h includes more than it may"; bad=1; }
done
exit $bad
