"""Backups beside what one does by hand: tar, zstd and age in a pipe; and those of a cell with many devices."""
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from bare import PROGRAMS, numbers
from conftest import BIN
from figures import Figures
from policies import document
from world import World

SIZE = int(os.environ.get('PIC_BENCH_SIZES', '2048')) << 20
MANY = int(os.environ.get('PIC_BENCH_MANY', '1000'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '3'))
SMALL, FILES = 2000, 50  # files
BENCH = BIN.parent / 'tests/bench_backup'


def texts():
    """The texts of this machine, piece by piece, again and again."""
    while True:
        for path in sorted(pathlib.Path('/usr/share').rglob('*.[h1-9cpt]*')):
            try:
                data = path.read_bytes() if path.is_file() else b''
            except OSError:
                continue
            for at in range(0, len(data), 1 << 14):
                yield data[at:at + (1 << 14)]


def fill(where):
    """Mixed: half is texts, half noise; an eighth of each lies in many small files."""
    source = texts()

    def text(size):
        have = bytearray()
        while len(have) < size:
            have += next(source)
        return bytes(have[:size])
    for name, piece in (('a', text), ('b', os.urandom)):
        with open(where / name, 'wb') as f:
            for _ in range((SIZE * 7 // 16) >> 20):
                f.write(piece(1 << 20))
    for i in range(SMALL):
        (where / f'c{i:04}').write_bytes((text if i % 2 else os.urandom)(SIZE // 8 // SMALL))


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


def timed(command, prepare):
    """The other programs know no pipe: each once, with a place of its own, which is made before."""
    subprocess.run(['/usr/bin/env', 'bash', '-c', prepare], check=True, capture_output=True)
    return run(command)[0]


def of_others(figures, where, packed, unpacked):
    """restic and borg, where they are; encrypted, to a folder; and reading all of it again."""
    mib = SIZE / (1 << 20)
    env = f'export RESTIC_PASSWORD=x BORG_PASSPHRASE=x RESTIC_CACHE_DIR={where}/cache BORG_BASE_DIR={where}/borgs BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes;'
    programs = {'restic': (f'restic -q -r {where}/restic init', f'restic -q -r {where}/restic backup {where}/data', f'restic -q -r {where}/restic check --read-data'),
                'borg': (f'borg init -e repokey {where}/borg', f'borg create --compression zstd,3 {where}/borg::one {where}/data', f'borg extract --dry-run {where}/borg::one')}
    for name, (init, create, check) in programs.items():
        if shutil.which(name) is None:
            continue
        figures.add(f'written, beside {name}', mib / packed, 'MiB/s', mib / timed(env + create, env + init), f'{name}, into a folder')
        figures.add(f'read, beside {name}', mib / unpacked, 'MiB/s', mib / timed(env + check, 'true'), check.split()[0] + (' check --read-data' if name == 'restic' else ' extract --dry-run'))
        shutil.rmtree(where / name)


def of_files(figures, where):
    peak = '/usr/bin/time -f "peak %M"'
    (where / 'data').mkdir()
    fill(where / 'data')
    subprocess.run(['age-keygen', '-o', where / 'id'], check=True, capture_output=True)
    recipient = subprocess.run(['age-keygen', '-y', where / 'id'], check=True, capture_output=True, text=True).stdout.strip()
    ours, pipe = f'{BENCH} pack {recipient} {where}/data/*', f'tar c -C {where}/data . | zstd -3 -T2 -q | age -r {recipient}'
    run(f'{ours} >{where}/ours')
    run(f'{pipe} >{where}/theirs')
    rows = turns([(f'{peak} {ours} >/dev/null', f'{pipe} >/dev/null'),
                  (f'{peak} {BENCH} unpack {where}/id <{where}/ours', f'age -d -i {where}/id {where}/theirs | zstd -dq | tar tf - >/dev/null'),
                  (f'{peak} {BIN}/pic age -r {recipient} {where}/data/b >/dev/null', f'age -r {recipient} {where}/data/b >/dev/null')])
    mib = SIZE / (1 << 20)
    figures.add(f'{mib:.0f} MiB of mixed files written, digests first', mib / rows[0][0], 'MiB/s', mib / rows[0][1], 'tar | zstd -3 -T2 | age', '>= 1.0x')
    figures.add('the same read, every digest', mib / rows[1][0], 'MiB/s', mib / rows[1][1], 'age -d | zstd -d | tar t', '>= 1.0x')
    figures.add('processors, writing', rows[0][2], 's', rows[0][3], 'all of the pipe', '')
    figures.add('processors, reading', rows[1][2], 's', rows[1][3], 'all of the pipe', '')
    figures.add('memory of both, the most', max(rows[0][4], rows[1][4]), 'MiB', goal='<= 64 MiB')
    figures.add('pic age, noise alone', mib * 7 / 16 / rows[2][0], 'MiB/s', mib * 7 / 16 / rows[2][1], 'age', '')
    figures.add('size', os.stat(where / 'ours').st_size / (1 << 20), 'MiB', os.stat(where / 'theirs').st_size / (1 << 20), 'tar | zstd -3 -T2 | age')
    of_others(figures, where, rows[0][0], rows[1][0])
    shutil.rmtree(where / 'data')


def of_a_cell(figures, where):
    def pic(directory, *words, **kw):
        began = time.monotonic()
        subprocess.run([BIN / 'pic', '--world', 'fake', '--dir', where / directory, *words], check=True, capture_output=True, **kw)
        return time.monotonic() - began
    recipient = subprocess.run(['age-keygen', '-y', where / 'id'], check=True, capture_output=True, text=True).stdout.strip()
    pic('cell', 'init', '--name', 'home', '--endpoint', 'home.example.org:51820')
    pic('cell', 'apply', '--file', '-', input=('peers:\n' + ''.join(f'  p{i}: {{}}\n' for i in range(MANY))).encode())
    made = statistics.median(pic('cell', 'backup', 'create', where / 'cell.age', '-r', recipient) for _ in range(ROUNDS))
    back = pic('other', 'backup', 'restore', where / 'cell.age', '-i', where / 'id')
    served = pic('other', 'apply')
    figures.add(f'a cell of {MANY} devices backed up', made, 's', goal='<= 1.5 s')
    figures.add('restored, and applied', back + served, 's', goal='<= 5 s')
    # what programs of exits keep, as much as is taken of it: the most that a cell can have beside its store
    (where / 'cell/exits').mkdir(exist_ok=True)
    for i in range(FILES):
        (where / f'cell/exits/{i:03}').write_bytes(os.urandom(8 << 20))
    whole = f'{BIN}/pic --world fake --dir {where}/cell backup create -r {recipient} - >/dev/null'
    figures.add(f'memory, with {FILES * 8} MiB of files of exits', run(f'/usr/bin/time -f "peak %M" {whole}')[2], 'MiB', goal='<= 64 MiB')


def of_a_real_cell(figures, where):
    """With WireGuard, nftables and names in namespaces: the former cell and all that it made is gone before."""
    with World(tempfile.mkdtemp(dir=where)) as w:
        w.scene()
        (w.tmp / 'cell.yaml').write_text(document(MANY))
        w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300)
        w.start(wait=False)
        numbers(w.cellns, PROGRAMS / 'bench_pic', 'ready', w.pic.dir)
        w.pic('backup', 'create', where / 'real', '--plain')
        w.pic('down', timeout=100)
        w.picd.wait(10)
        shutil.rmtree(w.pic.dir)
        began = time.monotonic()
        w.pic('backup', 'restore', where / 'real')
        w.start(wait=False)
        numbers(w.cellns, PROGRAMS / 'bench_pic', 'ready', w.pic.dir)
        took = time.monotonic() - began
        assert len(w.sh(w.cellns, f'wg show {w.dev} peers').split()) == MANY
        # beside the one that runs now; its report says how long
        told = json.loads(w.pic('--json', 'backup', 'drill', where / 'real', timeout=200))
        assert told['restorable'] and f'{MANY} of {MANY}' in next(c['text'] for c in told['checks'] if c['check'] == 'peers'), told
        figures.add(f'{MANY} devices in namespaces: restored, and serving', took, 's', goal='<= 5 s')
        figures.add(f'drill, {MANY:,} devices', told['milliseconds'] / 1000, 's', goal='<= 30 s')
        print('  ' + ', '.join(f'{c["check"]} {c["milliseconds"]} ms' for c in told['checks'] if c['milliseconds'] >= 100))


with tempfile.TemporaryDirectory() as name:
    table = Figures('Backups')
    of_files(table, pathlib.Path(name))
    of_a_cell(table, pathlib.Path(name))
    of_a_real_cell(table, pathlib.Path(name))
    table.done(sys.argv[1])
