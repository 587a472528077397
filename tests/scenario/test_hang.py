"""A program of the cell stops (SIGSTOP) before a change: the change ends in bounded time, with an answer; the kernel's rules are those before it
or those after it; and soon the world is as wished. Rows of the fault table (tests/fault)."""
import json
import os
import signal
import subprocess
import time

import pytest
from conftest import TOP, needs_root
from test_attack import pid_of
from world import World, wait_for

pytestmark = needs_root
CHANGES = [('add a device', ('peer', 'add', 'bob', '--access', 'lan')), ('change rights', ('peer', 'set', 'anna', '--access', 'internet')),
           ('remove a device', ('peer', 'remove', 'bob'))]
OUT = TOP / 'build/release/faults'


def rules(w):
    elements = {}
    for item in json.loads(w.sh(w.cellns, 'nft -j list table inet pic'))['nftables']:
        for kind in ('map', 'set'):
            if kind in item:
                elements[item[kind]['name']] = sorted(json.dumps(e, sort_keys=True) for e in item[kind].get('elem', []))
    return elements


def one(w, program, change):
    """old, new or third, and why."""
    stopped = wait_for(lambda: pid_of(w, program), 10, program)
    before = rules(w)
    os.kill(stopped, signal.SIGSTOP)
    since = time.monotonic()
    done = w.pic.run(*change, timeout=60)
    took, after = time.monotonic() - since, rules(w)
    w.pic('status', '--wait', '30s')
    wait_for(lambda: w.pic.json('plan')['steps'] == [], 20, 'the world is as wished')
    wished = rules(w)
    if took > 15:
        return 'third', f'it took {took:.1f} s'
    if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stderr.strip()):
        return 'third', f'no answer: {done.returncode} {done.stderr}'
    if after == wished and done.returncode == 0:
        return 'new', ''
    if after == before or after == wished:
        return 'old' if after == before else 'new', ''
    return 'third', f'rules are neither those before nor those wished: {done.stderr}'


@pytest.mark.parametrize('program', ['unbound', 'wireguard-go'])
def test_stopped_child(tmp_path, program):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        w.pic('peer', 'add', 'anna', '--access', 'lan')
        if pid_of(w, program) is None:
            assert program == 'wireguard-go', f'{program} does not run'
            pytest.skip('the kernel carries WireGuard here')
        rows, wrong = [], []
        for name, change in CHANGES:
            end, why = one(w, program, change)
            rows.append('\t'.join((f'{program} stops (SIGSTOP)', name, *(str(int(end == e)) for e in ('old', 'new', 'third')))))
            wrong += [f'{name}: {why}'] if end == 'third' else []
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / f'5-hang-{program}.rows').write_text('\n'.join(rows) + '\n')
        subprocess.run(['/usr/bin/python3', TOP / 'tests/fault/table.py', OUT], check=False)
        assert not wrong, wrong
