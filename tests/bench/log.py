"""What a line of the log costs, and a search of 100 MB of logs, from exec to exit, beside grep on the same files, by turns; all of it in the page's cache."""
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from bare import PROGRAMS
from conftest import BIN
from figures import Figures

MIB = int(os.environ.get('PIC_BENCH_SIZE', '100'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '5'))


def fill(logs):
    """Six files of the agent's, six of the name server's: lines of a hundred bytes, a second after the other."""
    each = MIB * 1000000 // 12
    for n in range(5, -1, -1):
        name = f'.{n}' if n else ''
        own = other = b''
        t = 1764000000 + (5 - n) * 100000
        lines = each // 100
        stamp = [time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(t + i)) for i in range(lines)]
        own = ''.join(f'{stamp[i]} {"WARNING" if i % 1000 == 0 else "INFO"} engine line {i:9} of what an agent says, with some words more{"":12}\n' for i in range(lines))
        other = ''.join(f'[{t + i}] unbound[12:0] info: line {i:9} of what a name server says all day long, with more{"":14}\n' for i in range(lines))
        (logs / f'agent.log{name}').write_text(own)
        (logs / f'unbound.log{name}').write_text(other)


def took(*command):
    began = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True)
    assert done.returncode in (0, 1), done.stderr
    return time.monotonic() - began


def main(out):
    f = Figures(f'Logs: a line, and {MIB} MB of them')
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base:
        lines = pathlib.Path(base) / 'lines'
        lines.mkdir()
        runs = [[float(x) for x in subprocess.run([PROGRAMS / 'bench_log', lines, '200000'], capture_output=True, text=True, check=True).stdout.split()] for _ in range(ROUNDS)]
        off, other, on, hand = (statistics.median(run[i] for run in runs) / 1000 for i in range(4))
        f.add('a line whose level is off', off, 'us', None, '', '<= 2 us')
        f.add('the same, another area is on', other, 'us', None, '', '<= 2 us')
        f.add('a line', on, 'us', hand, 'fprintf, fflush', '<= 10 us')
        logs = pathlib.Path(base) / 'cell/log'
        logs.mkdir(parents=True)
        fill(logs)
        pic = [BIN / 'pic', '--world', 'fake', '--dir', logs.parent, 'log']
        files = sorted(logs.iterdir())
        size = sum(file.stat().st_size for file in files) / 1e6
        for what, ours, grep in (('text that is nowhere', ['--text', 'no such text'], ['-F', 'no such text']), ('the same, letters alike', ['--text', 'No Such Text', '--ignore-case'], ['-i', '-F', 'No Such Text']),
                                 ('text in 12 lines', ['--text', 'line      4711 '], ['-F', 'line      4711 '])):
            mine, its = [], []
            for _ in range(ROUNDS):
                mine.append(took(*pic, *ours))
                its.append(took('grep', *grep, *files))
            f.add(f'{size:.0f} MB, {what}', statistics.median(mine), 's', statistics.median(its), ' '.join(['grep', *grep[:-1]]), '<= 1 s')
        f.add('of a level that no line has (each is taken apart)', statistics.median(took(*pic, '--level', 'error') for _ in range(ROUNDS)), 's', None, '', '<= 1 s')
        f.add('the last hundred', statistics.median(took(*pic) for _ in range(ROUNDS)), 's', statistics.median(took('tail', '-n', '100', *files) for _ in range(ROUNDS)), 'tail, file by file', '')
        f.add('the last hundred before a time', statistics.median(took(*pic, '--until', '2025-11-26') for _ in range(ROUNDS)), 's', None, '', '')
    f.done(out)


if __name__ == '__main__':
    import sys
    main(sys.argv[1])
