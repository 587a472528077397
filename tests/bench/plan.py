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


def one_size(f, size):
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base:
        pic = cell(base, size)
        done = subprocess.run([str(PROGRAMS / 'bench_plan'), pic.dir, str(PLANS), str(size)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        times = {}
        for line in done.stdout.splitlines():
            what, us = line.split()
            times.setdefault(what, []).append(float(us) / 1000)
        first = times.pop('first')[0]
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


def main(out):
    f = Figures('plan')
    for size in SIZES:
        one_size(f, size)
    f.done(out)


main(sys.argv[1])
