# shellcheck shell=bash
# The checks that are one command each; sourced by tests/run.
check "layers" /usr/bin/python3 tests/lint/layers.py .
check "every room has its README" tests/lint/rooms.sh
check "every function is used by a front end and an example" /usr/bin/python3 tests/lint/uses.py .
check "sizes of files and functions" tests/lint/sizes.sh
check "headers compile alone as C99 and C++11" tests/lint/headers.sh
check "every source file has a test" tests/lint/units.sh
check "format" bash -c 'git ls-files "*.c" "*.h" | xargs clang-format --dry-run -Werror'
check "spelling" bash -c 'git ls-files | grep -vE "fuzz/corpus|\.lock$|package-lock|web/src/(catalog/\w+\.|library\.)?de\.ts|http/trust\.c|golden|LICENSE" | xargs codespell -L "liftime,ede,ot,crate,te,fo,nd,ans,inout,doubleclick,nmae,acess,acces,datas,iif"'
check "shell" bash -c 'shellcheck -x -S warning dev .ci/run tests/run $(git ls-files "*.sh")'
page_built # before it is built into pic-http
check "release build for lint" ./dev __build release
check "headers = map = exports = documented" /usr/bin/python3 tests/lint/exports.py . build/release/lib/libpic.so
check "no forbidden call in the library" tests/lint/forbidden.sh build/release/lib/libpic.so
check "no stray symbol in the archive" tests/lint/archive.sh build/release/lib/libpic.a
check "manual pages" bash -c 'for m in build/release/man/* $(grep -L "^\.so" build/release/man3/*); do mandoc -Tlint -W warning "$m" | grep -v "skipping paragraph macro" && exit 1; done; exit 0'
