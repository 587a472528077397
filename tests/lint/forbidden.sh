#!/usr/bin/env bash
# Calls that a library may not make: a look at the built library sees through macros.
set -u
found=$(nm -D --undefined-only "$1" | awk '{print $NF}' | sed 's/@.*//' |
	grep -xE 'printf|__printf_chk|puts|putchar|perror|exit|_exit|abort|system|popen|setlocale|signal|sigaction|chdir|umask|setenv|putenv|atoi|atol|strcpy|strcat|sprintf|__sprintf_chk|__strcpy_chk|strtok|localtime|gmtime|strerror|rand|srand|sleep|usleep|wait|mktemp')
[ -z "$found" ] && exit 0
echo "$found"
exit 1
