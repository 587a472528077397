"""What the audit trail costs: a row more in a commit, and a verdict on a million of them."""
import json
import os
import subprocess
import sys
import tempfile
import time

from conftest import BIN, Pic
from figures import Figures

MANY = int(os.environ.get('PIC_BENCH_ROWS', '1000000'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '500'))


def timed(pic, *words):
    began = time.monotonic()
    done = pic.run(*words, timeout=300)
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    return seconds, done.stdout


with tempfile.TemporaryDirectory(prefix='pic-bench-') as base:
    pic = Pic(f'{base}/cell')
    pic('init', '--name', 'home', '--endpoint', 'home.example.org:51820')
    done = subprocess.run([str(BIN.parent / 'tests/bench_leaves'), pic.dir, str(MANY), str(ROUNDS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    us = {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}
    runs = sorted(timed(pic, '--json', 'audit', 'verify') for _ in range(3))
    verdict = json.loads(runs[1][1])
    assert verdict['ok'] and verdict['rows'] == MANY + ROUNDS and verdict['heads'] == us['heads']
    export, _ = timed(pic, 'audit', 'export', '--format', 'bundle', '--output', f'{base}/bundle')
    proof, _ = timed(pic, 'audit', 'show', str(MANY // 3), '--proof')
    size = os.stat(f'{pic.dir}/cell.db').st_size / 1e6

f = Figures(f'The audit trail of {MANY} rows, {verdict["heads"]} signed heads')
f.add('a row more in a commit', us['with'] / 1000, 'ms', us['without'] / 1000, 'the same row by the same SQL, no leaf, no tree')
f.add('what leaf and tree add to a commit', (us['with'] - us['without']) / 1000, 'ms', goal='<= 0.2 ms')
f.add('of it before the commit, processor', us['work'] / 1000, 'ms')
f.add('pic audit verify, from exec to exit', runs[1][0], 's', goal='<= 5 s' if MANY == 1000000 else '')
f.add('the same in a process, the store open', us['verify'] / 1e6, 's')
f.add('pic audit export, a bundle', export, 's')
f.add('pic audit show, one row with its proof', proof, 's')
f.add('cell.db', size, 'MB')
f.done(sys.argv[1])
