"""What a plan of one change costs: through the API on a warm context, its first one, and the whole command. The fake world: no kernel is asked."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from conftest import BIN, Pic
from figures import Figures, percentile

PROGRAMS = BIN.parent / 'tests'
SIZES = [int(x) for x in os.environ.get('PIC_BENCH_SIZES', '10,1000,10000').split(',')]
PLANS = int(os.environ.get('PIC_BENCH_PLANS', '100'))
WORDS = {'add': 'a device added', 'rights': 'a device gets other rights', 'remove': 'a device removed', 'address': 'a device moves',
         'note': 'a note', 'group': 'a group of 5 % gets other rights'}


def cell(base, size):
    """Twenty kinds of rights, a twentieth of the devices in a group."""
    pic = Pic(pathlib.Path(base) / 'cell')
    pic('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48')
    grants = ['internet', 'lan', 'peers', 'internet,lan'] + [f'192.168.77.{i}:tcp/{400 + i}' for i in range(1, 17)]
    lines = ['groups:', '  few: {access: internet}', 'peers:']
    lines += [f'  d{i}: {{access: "{grants[i % 20]}"' + (', groups: few}' if i % 20 == 3 else '}') for i in range(size)]
    pic('apply', '--file', '-', '--no-wait', stdin='\n'.join(lines) + '\n', timeout=300)
    return pic


def plans(pic, size):
    """Milliseconds of each kind of plan, and of the context's first."""
    done = subprocess.run([str(PROGRAMS / 'bench_plan'), pic.dir, str(PLANS), str(size)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    times = {}
    for line in done.stdout.splitlines():
        what, us = line.split()
        times.setdefault(what, []).append(float(us) / 1000)
    return times.pop('first')[0], times


def command(pic, *more):
    times = []
    for i in range(5):
        began = time.monotonic()
        pic('peer', 'set', 'd3', '--note', f'{i}', '--no-wait', *more)
        times.append((time.monotonic() - began) * 1000)
    return percentile(times, 0.5)


def with_assertions(f, pic, size, without, plain):
    """A dozen rules that hold whatever is planned, about all devices and about a group."""
    rules = ['never group:few -> peers', 'never group:few -> 10.20.0.1:tcp/25', 'always group:few -> 10.20.0.1:udp/53', 'never peers -> 127.0.0.0/8:tcp/23',
             'always peers -> 10.20.0.1:icmp', 'always peers -> [fd20::1]:tcp/443'] + [f'never peers -> 10.20.0.1:tcp/{20 + i}' for i in range(1, 7)]
    pic('apply', '--file', '-', '--no-wait', stdin='assertions:\n' + ''.join(f'  rule{i}: {{rule: "{rule}"}}\n' for i, rule in enumerate(rules)), timeout=300)
    _, times = plans(pic, size)
    goal = '<= 20 ms' if size == 10000 else ''
    for what in ('add', 'rights'):
        f.add(f'{size} devices, {len(rules)} assertions: plan of {WORDS[what]}, median', percentile(times[what], 0.5), 'ms', without[what], 'without assertions', goal)
    f.add(f'{size} devices, {len(rules)} assertions: pic peer set, the whole command', command(pic), 'ms', plain, 'without assertions')


def one_size(f, size):
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base:
        pic = cell(base, size)
        first, times = plans(pic, size)
        goal = '<= 20 ms' if size == 10000 else ''
        for what, values in times.items():
            f.add(f'{size} devices: plan of {WORDS[what]}, median', percentile(values, 0.5), 'ms', first, "the context's first plan, which reads all", goal)
            f.add(f'{size} devices: plan of {WORDS[what]}, p99', percentile(values, 0.99), 'ms', first, "the context's first plan", goal)
        whole = []
        for _ in range(5):
            began = time.monotonic()
            pic('peer', 'set', 'd3', '--access', 'lan', '--plan')
            whole.append((time.monotonic() - began) * 1000)
        f.add(f'{size} devices: pic peer set --plan, the whole command', percentile(whole, 0.5), 'ms')
        with_assertions(f, pic, size, {what: percentile(values, 0.5) for what, values in times.items()}, command(pic))


def main(out):
    f = Figures('plan')
    for size in SIZES:
        one_size(f, size)
    f.done(out)


main(sys.argv[1])
