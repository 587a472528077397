"""Backups beside what one does by hand: tar, zstd and age in a pipe; and those of a cell with many devices."""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from conftest import BIN
from figures import Figures

SIZE = int(os.environ.get('PIC_BENCH_SIZES', '2048')) << 20
MANY = int(os.environ.get('PIC_BENCH_MANY', '1000'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '3'))
BENCH = BIN.parent / 'tests/bench_backup'


def fill(where):
    """Mixed: a third is texts of this machine, a third programs, a third noise."""
    sources = [sorted(pathlib.Path('/usr/share').rglob('*.[h1-9cpt]*')), sorted(p for p in pathlib.Path('/usr/bin').iterdir() if p.is_file()), None]
    for i, source in enumerate(sources):
        left, at = SIZE // 3, 0
        with open(where / f'{"abc"[i]}', 'wb') as f:
            while left > 0:
                try:
                    data = os.urandom(1 << 20) if source is None else source[at % len(source)].read_bytes() if source[at % len(source)].is_file() else b''
                except OSError:
                    data = b''
                at += 1
                f.write(data[:left])
                left -= len(data)
    return sorted(where.iterdir())


def run(command, stdin=None):
    """Seconds by the clock and of processors, and the most that one of its processes had of memory, in MiB."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(['/usr/bin/env', 'bash', '-o', 'pipefail', '-c', command], stdin=stdin, check=True, stderr=subprocess.PIPE, text=True)
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peaks = [int(line.split()[-1]) / 1024 for line in done.stderr.splitlines() if line.startswith('peak ')]
    return took, worked, max(peaks, default=0)


def turns(pairs):
    """Each pair in turn, so many times: medians of the clock's seconds, ours and theirs, of the processors', and our memory."""
    out = []
    for ours, theirs in pairs:
        a, b = [], []
        for _ in range(ROUNDS):
            a.append(run(ours))
            b.append(run(theirs))
        middle = [statistics.median(x[i] for x in side) for i in (0, 1) for side in (a, b)]
        out.append((*middle, max(x[2] for x in a)))
    return out


def of_files(figures, where):
    peak = '/usr/bin/time -f "peak %M"'
    (where / 'data').mkdir()
    names = ' '.join(map(str, fill(where / 'data')))
    subprocess.run(['age-keygen', '-o', where / 'id'], check=True, capture_output=True)
    recipient = subprocess.run(['age-keygen', '-y', where / 'id'], check=True, capture_output=True, text=True).stdout.strip()
    pipe = f'tar c -C {where}/data . | zstd -3 -T2 -q | age -r {recipient}'
    run(f'{BENCH} pack {recipient} {names} >{where}/ours')
    run(f'{pipe} >{where}/theirs')
    rows = turns([(f'{peak} {BENCH} pack {recipient} {names} >/dev/null', f'{pipe} >/dev/null'),
                  (f'{peak} {BENCH} unpack {where}/id <{where}/ours', f'age -d -i {where}/id {where}/theirs | zstd -dq | tar tf - >/dev/null'),
                  (f'{peak} {BIN}/pic age -r {recipient} {where}/data/c >/dev/null', f'age -r {recipient} {where}/data/c >/dev/null')])
    mib = SIZE / (1 << 20)
    figures.add(f'{mib:.0f} MiB of mixed files written, digests first', mib / rows[0][0], 'MiB/s', mib / rows[0][1], 'tar | zstd -3 -T2 | age', '>= 1.0x')
    figures.add('the same read, every digest', mib / rows[1][0], 'MiB/s', mib / rows[1][1], 'age -d | zstd -d | tar t', '>= 1.0x')
    figures.add('processors, writing', rows[0][2], 's', rows[0][3], 'all of the pipe', '')
    figures.add('processors, reading', rows[1][2], 's', rows[1][3], 'all of the pipe', '')
    figures.add('memory of both, the most', max(rows[0][4], rows[1][4]), 'MiB', goal='<= 64 MiB')
    figures.add('pic age, noise alone', mib / 3 / rows[2][0], 'MiB/s', mib / 3 / rows[2][1], 'age', '')
    figures.add('size', os.stat(where / 'ours').st_size / (1 << 20), 'MiB', os.stat(where / 'theirs').st_size / (1 << 20), 'tar | zstd -3 -T2 | age')


def of_a_cell(figures, where):
    def pic(directory, *words, **kw):
        began = time.monotonic()
        subprocess.run([BIN / 'pic', '--world', 'fake', '--dir', where / directory, *words], check=True, capture_output=True, **kw)
        return time.monotonic() - began
    recipient = subprocess.run(['age-keygen', '-y', where / 'id'], check=True, capture_output=True, text=True).stdout.strip()
    pic('cell', 'init', '--name', 'home', '--endpoint', 'home.example.org:51820')
    pic('cell', 'apply', '--file', '-', input=('peers:\n' + ''.join(f'  p{i}: {{}}\n' for i in range(MANY))).encode())
    made = min(pic('cell', 'backup', 'create', where / 'cell.age', '-r', recipient) for _ in range(3))
    back = pic('other', 'backup', 'restore', where / 'cell.age', '-i', where / 'id')
    served = pic('other', 'apply')
    figures.add(f'a cell of {MANY} devices backed up', made, 's', goal='<= 1.5 s')
    figures.add('restored, and applied', back + served, 's', goal='<= 5 s')


with tempfile.TemporaryDirectory() as name:
    table = Figures('Backups')
    of_files(table, pathlib.Path(name))
    of_a_cell(table, pathlib.Path(name))
    table.done(sys.argv[1])
