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


TURNS = 4  # ours and wireguard-go's own answer by turns, so that both have the same neighbours


def asked(w, good, rounds):
    done = subprocess.run(['ip', 'netns', 'exec', w.cellns, str(PROGRAMS / 'bench_pic'), 'drift', w.pic.dir, str(rounds)], capture_output=True, text=True)
    assert done.returncode == (0 if good else 3), done.stderr
    return [float(x) / 1000 for x in done.stdout.split()]


def measure(f, w, what, good, goal):
    """A row: the median of ours beside that of what wireguard-go alone takes to tell of its peers, which every look has to wait for."""
    ours, bare = [], []
    asked(w, good, 2)
    for _ in range(TURNS):
        ours += asked(w, good, max(1, ROUNDS // TURNS))
        bare += [x / 1000 for x in numbers(w.cellns, PROGRAMS / 'bench_get', f'/var/run/wireguard/{w.dev}.sock', max(1, ROUNDS // TURNS))]
    f.add(what, percentile(ours, 0.5), 'ms', percentile(bare, 0.5), 'wireguard-go alone answers get=1', goal)


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
        measure(f, w, 'nothing differs', True, goal)
        peer = w.pic.json('peer', 'show', 'd7')
        harms = {
            'an nft element is gone': f'nft delete element inet pic peers4 {{ {peer["address4"]} }}',
            'an address is gone': f'ip addr del 10.20.0.1/16 dev {w.dev}',
            'a WireGuard peer is gone': f'wg set {w.dev} peer {peer["public_key"]} remove',
            'a name is gone': f'unbound-control -c {w.pic.dir}/run/dns/unbound.conf local_data_remove d7.home.internal.',
        }
        for what, harm in harms.items():
            w.sh(w.cellns, harm)
            # unbound tells nobody: the agent looks at all that it holds every five minutes
            wait_for(lambda: w.pic.json('drift', timeout=300)['steps'] != [], 400, 'finding it')
            measure(f, w, f'differs: {what}', False, goal)
            w.pic('drift', '--repair', timeout=300)
            wait_for(lambda: w.pic.json('drift', timeout=300)['steps'] == [], 60, 'repair')
    f.done(out)


main(sys.argv[1])
