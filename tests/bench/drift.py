"""What it costs to know whether anything was changed: with 10,000 devices, nothing differing, and one thing of each subsystem. In namespaces of its own;
wireguard-go (kernels without WireGuard only)."""
import os
import subprocess
import sys
import tempfile

from bare import PROGRAMS, numbers
from figures import Figures, percentile
from policies import document
from world import World, wait_for

SIZE = int(os.environ.get('PIC_BENCH_MANY', '10000'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '12'))


def asked(w, good, rounds=ROUNDS):
    done = subprocess.run(['ip', 'netns', 'exec', w.cellns, str(PROGRAMS / 'bench_pic'), 'drift', w.pic.dir, str(rounds)], capture_output=True, text=True)
    assert done.returncode == (0 if good else 3), done.stderr
    return percentile([float(x) for x in done.stdout.split()], 0.5) / 1000


def main(out):
    f = Figures(f'Drift check at {SIZE} devices')
    goal = '<= 100 ms' if SIZE == 10000 else ''
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base, World(base) as w:
        w.scene()
        (w.tmp / 'cell.yaml').write_text(document(SIZE))
        w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300)
        w.start(wait=False)
        numbers(w.cellns, PROGRAMS / 'bench_pic', 'ready', w.pic.dir)
        w.pic('cell', 'set', '--repair', 'no', timeout=300)
        asked(w, True, 2)
        f.add('nothing differs', asked(w, True), 'ms', goal=goal)
        get = percentile(numbers(w.cellns, PROGRAMS / 'bench_get', f'/var/run/wireguard/{w.dev}.sock', ROUNDS), 0.5) / 1000
        f.add('of which wireguard-go takes to answer get=1', get, 'ms')
        peer = w.pic.json('peer', 'show', 'd7')
        harms = {
            'an nft element is gone': f'nft delete element inet pic peers4 {{ {peer["address4"]} }}',
            'a route is gone': f'ip addr del 10.20.0.1/16 dev {w.dev}',
            'a WireGuard peer is gone': f'wg set {w.dev} peer {peer["public_key"]} remove',
        }
        for what, harm in harms.items():
            w.sh(w.cellns, harm)
            asked(w, False, 1)
            f.add(f'differs: {what}', asked(w, False), 'ms', goal=goal)
            w.pic('drift', '--repair', timeout=300)
            wait_for(lambda: w.pic.json('drift', timeout=300)['steps'] == [], 60, 'repair')
    f.done(out)


main(sys.argv[1])
