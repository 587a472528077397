#!/usr/bin/env bash
# Every global symbol of the static library is pic_ or pic__, so that it can be linked into anything.
set -u
stray=$(nm -g --defined-only "$1" 2>/dev/null | awk 'NF==3{print $3}' | grep -v '^pic_' | grep -v '^__odr_asan' | sort -u)
[ -z "$stray" ] && exit 0
echo "$stray"
exit 1
