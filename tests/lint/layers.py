"""Fails when a file of libpic includes what its room may not, or a front end more than <pic/…>."""
import pathlib
import re
import sys

MAY = {
    'base': [], 'sieve': ['base'], 'sys': ['base'], 'model': ['base'],
    'audit': ['base', 'sys'],
    'age': ['base', 'sys'],
    'backup': ['base', 'sys', 'age', 'codec'],
    'codec': ['base', 'model'], 'store': ['base', 'sys', 'model', 'audit'], 'plan': ['base', 'model'],
    'household': ['base', 'sys', 'model', 'codec'],
    'change': ['base', 'sys', 'model', 'codec', 'store', 'plan', 'household'],
    'backend': ['base', 'sys', 'model', 'plan', 'sieve'],
    'engine': ['base', 'sys', 'model', 'audit', 'codec', 'store', 'plan', 'backend', 'change', 'backup', 'age', 'sieve'],
    'keeper': ['base', 'sys', 'model', 'codec', 'age', 'backup', 'engine'],
    'drill': ['base', 'sys', 'model', 'age', 'codec', 'store', 'plan', 'backup', 'engine'],
    'api': ['base', 'sys', 'model', 'audit', 'age', 'codec', 'store', 'plan', 'household', 'change', 'engine', 'backup'],
}
OWNERS = {  # outside headers that only these rooms may know
    'sqlite3.h': ['store', 'household'], 'yaml.h': ['codec'], 'jansson.h': ['codec'], 'curl/': ['sys', 'keeper'], 'sodium.h': ['sys'], 'liboath/': ['sys'], 'openssl/': ['sys'],
    'netlink/': ['sys', 'backend'], 'libmnl/': ['backend'], 'libnftnl/': ['backend'], 'libnetfilter_conntrack/': ['backend'],
    'linux/netfilter': ['backend'], 'qrencode.h': ['api'], 'png.h': ['api'], 'seccomp.h': ['engine', 'sieve', 'keeper'], 'sys/capability.h': ['engine', 'keeper'], 'ares.h': ['engine'], 'fido': ['engine'], 'archive': ['backup'], 'zstd.h': ['backup'],
    'pic/': ['api'],
}
VOCABULARY = {'pic/export.h', 'pic/types.h', 'pic/error.h', 'pic/log.h', 'pic/cancel.h', 'pic/version.h'}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def complaint(parts, quote, name):
    room, to = parts[0], name.split('/')
    if quote == '<':
        owner = next((o for o in OWNERS if name.startswith(o)), None)
        return owner and name not in VOCABULARY and room not in OWNERS[owner]
    if len(to) == 1:
        return True                        # always "room/file.h"
    if to[0] == room:
        return room == 'backend' and len(to) > 2 and to[1] != parts[1]
    return to[0] not in MAY[room]


def front_end(parts, quote, name):
    if quote == '<':
        return False
    return name.split('/')[0] not in (parts[0], 'common')


def scan(root, check):
    bad = 0
    for path in sorted(root.rglob('*.[ch]')):
        parts = path.relative_to(root).parts
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if found and check(parts, *found.groups()):
                bad += 1
                print(f'{path}:{number}: {parts[0]} may not include {found[2]}')
    return bad


top = pathlib.Path(sys.argv[1])
wrong = scan(top / 'libpic', complaint) + scan(top / 'frontends', front_end) + scan(top / 'examples', front_end)
print(f'{wrong} forbidden includes')
sys.exit(wrong > 0)
