"""Own names: what the cell's unbound answers in a second beside a bare one with the same data, what one more costs with ten thousand there, and what who
asks meanwhile sees of it. In namespaces of its own; the server on one core, dnsperf on another where there are two."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / 'bindings/python'))
from conftest import BIN
from figures import Figures, percentile
from world import World, wait_for

NAMES = int(os.environ.get('PIC_BENCH_NAMES', '10000'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '3'))
SECONDS = int(os.environ.get('PIC_BENCH_SECONDS', '2'))
ADDS = 100
BARE = '10.20.0.1 -p 5399'


def address(i, round_):
    return f'172.{16 + round_}.{i // 256}.{i % 256}'


def document(round_):
    return 'records:\n' + ''.join(f'  n{i}: {{addresses: [{address(i, round_)}]}}\n' for i in range(NAMES))


def perf(w, where, *more):
    """queries/s, and of how many queries how many were lost, and which answers came."""
    core = str((os.cpu_count() or 1) - 1)
    text = w.sh(w.cellns, f'taskset -c {core} dnsperf -s {where} -d {w.tmp}/queries -T 1 {" ".join(more)} 2>&1', timeout=120)
    codes = dict(re.findall(r'([A-Z]+) (\d+) \(', text.split('Response codes:')[1].splitlines()[0])) if 'Response codes' in text else {}
    return (float(re.search(r'Queries per second:\s+([\d.]+)', text)[1]), int(re.search(r'Queries sent:\s+(\d+)', text)[1]),
            int(re.search(r'Queries lost:\s+(\d+)', text)[1]), {k: int(v) for k, v in codes.items()})


def bare(w):
    """The same data in the configuration of an unbound that has nothing else."""
    data = ''.join(f'local-data: "n{i}.home.internal. 60 A {address(i, 0)}"\n' for i in range(NAMES))
    conf = w.tmp / 'bare.conf'
    conf.write_text(f'server:\nusername: ""\nchroot: ""\ndirectory: "{w.tmp}"\npidfile: "{w.tmp}/bare.pid"\nuse-syslog: no\nnum-threads: 1\n'
                    f'interface: 10.20.0.1@5399\naccess-control: 0.0.0.0/0 allow\nlocal-zone: "home.internal." static\n{data}')
    w.sh(w.cellns, f'unbound -c {conf}')
    return int((w.tmp / 'bare.pid').read_text())


def million(w):
    """With a list of a million names before it: compiled, made into a table, what that takes, and answers by the filter."""
    names = w.tmp / 'million'
    with open(names, 'w') as out:
        out.writelines(f'h{i}.of{i % 5000}.example\n' for i in range(1000000))
    began = time.monotonic()
    w.pic('dns', 'block', 'add', 'million', '--source', names)
    table = pathlib.Path(w.pic.dir) / 'run/sieve/table'
    wait_for(lambda: table.exists() and table.stat().st_size > 1000000, 30, 'the table', nap=0.01)
    took, size = time.monotonic() - began, table.stat().st_size
    pids = [int((pathlib.Path(w.pic.dir) / f'run/dns/{name}.pid').read_text().split()[0]) for name in ('sieve', 'unbound')]
    for pid in pids:
        subprocess.run(['taskset', '-a', '-p', '-c', '0', str(pid)], check=True, stdout=subprocess.DEVNULL)
    rate = max(perf(w, '10.20.0.1 -p 5300', f'-l {SECONDS}')[0] for _ in range(ROUNDS))
    (w.tmp / 'blocked').write_text(''.join(f'h{i * 7919}.of{i * 7919 % 5000}.example A\n' for i in range(100)))
    blocked = float(re.search(r'Queries per second:\s+([\d.]+)', w.sh(w.cellns, f'dnsperf -s 10.20.0.1 -p 5300 -d {w.tmp}/blocked -T 1 -l {SECONDS} 2>&1'))[1])
    resident = int(re.search(r'VmRSS:\s+(\d+)', pathlib.Path(f'/proc/{pids[0]}/status').read_text())[1]) / 1024
    w.pic('dns', 'block', 'remove', 'million')
    return took, size / 1e6, rate, blocked, resident


def meanwhile(w, what, seconds):
    """What dnsperf saw while `what` was done: 10,000 questions."""
    asking = subprocess.Popen(['ip', 'netns', 'exec', w.cellns, 'dnsperf', '-s', '10.20.0.1', '-d', f'{w.tmp}/queries', '-T', '1', '-Q', str(10000 // seconds), '-l', str(seconds)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(0.5)
    result = what()
    text = asking.communicate(timeout=60)[0]
    sent, lost = (int(re.search(rf'Queries {word}:\s+(\d+)', text)[1]) for word in ('sent', 'lost'))
    right = int((re.search(r'NOERROR (\d+)', text) or [0, 0])[1])
    return result, sent, lost, sent - lost - right


def adds(w):
    os.environ['PIC_LIBRARY'] = str(BIN.parent / 'lib/libpic.so')
    import pic  # finds the library by that
    took = []
    with pic.Context(w.pic.dir) as ctx:
        for i in range(ADDS):
            began = time.monotonic()
            ctx.add('record', f'more{i}', addresses=[f'172.31.0.{i}'])
            took.append((time.monotonic() - began) * 1000)
            time.sleep(0.02)
    return took


def swap(w):
    began = time.monotonic()
    w.pic('apply', '--file', w.tmp / 'other.yaml', timeout=120)
    return time.monotonic() - began


with tempfile.TemporaryDirectory() as where, World(pathlib.Path(where)) as w:
    w.scene()
    (w.tmp / 'queries').write_text(''.join(f'n{i * 7919 % NAMES}.home.internal A\n' for i in range(NAMES)))
    (w.tmp / 'one.yaml').write_text(document(0))
    (w.tmp / 'other.yaml').write_text(document(1))
    w.pic('apply', '--file', w.tmp / 'one.yaml', timeout=120)
    w.start()
    ours = int((pathlib.Path(w.pic.dir) / 'run/dns/unbound.pid').read_text().split()[0])
    theirs = bare(w)
    try:
        for pid in (ours, theirs):
            subprocess.run(['taskset', '-a', '-p', '-c', '0', str(pid)], check=True, stdout=subprocess.DEVNULL)
        rates = {'10.20.0.1': [], BARE: []}
        for _ in range(ROUNDS):
            for server, got in rates.items():
                got.append(perf(w, server, f'-l {SECONDS}')[0])
    finally:
        os.kill(theirs, 15)
    made, size, filtered, blocked, resident = million(w)
    took, sent, lost, wrong = meanwhile(w, lambda: adds(w), 5)
    swapped, sent2, lost2, wrong2 = meanwhile(w, lambda: swap(w), 20)
    wait_for(lambda: w.pic.json('plan')['steps'] == [], 20, 'the swapped zone')
    figures = Figures(f'Own names, {NAMES} of them')
    best = {k: max(v) for k, v in rates.items()}
    figures.add('answered from the own zone, one core, best of rounds', best['10.20.0.1'], '/s', best[BARE], 'bare unbound, same data', '>= 0.9x')
    figures.add('the same behind a filter with a million names, both on one core', filtered, '/s', best[BARE], 'bare unbound, same data')
    figures.add('blocked names answered by the filter', blocked, '/s')
    figures.add('a list of a million names, wished until it blocks', made, 's', goal='<= 2 s')
    figures.add('its table', size, 'MB', goal='<= 20 MB')
    figures.add('the filter, resident (with what it touched of the table)', resident, 'MB')
    figures.add('one name more: added, journaled, answered; median', percentile(took, 0.5), 'ms', goal='<= 5 ms')
    figures.add('the same, p99', percentile(took, 0.99), 'ms')
    figures.add(f'of {sent} questions meanwhile lost', float(lost), '', goal='0')
    figures.add('of them refused or not found', float(wrong), '', goal='0')
    figures.add('all names changed', swapped, 's')
    figures.add(f'of {sent2} questions meanwhile lost', float(lost2), '', goal='0')
    figures.add('of them refused or not found', float(wrong2), '', goal='0')
    figures.done(sys.argv[1])
