"""What one device costs, what many cost, what doing nothing costs; README.md says what each row measures. In namespaces of its own; wireguard-go on both
sides of each comparison. Ours and the reference take turns, so that a drift of the machine meets both."""
import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from bare import Bare, PROGRAMS, numbers
from figures import Figures, percentile
from world import World, wait_for

SIZES = [int(x) for x in os.environ.get('PIC_BENCH_SIZES', '10,1000,10000').split(',')]
ADDS = int(os.environ.get('PIC_BENCH_ADDS', '1000'))
ROUND = 20  # so a cell of 10 devices has 30 at most
IDLE = 65   # seconds: one look by the interval (60 s) is among them


def document(count):
    grants = ['internet', 'lan', 'peers', 'internet,lan'] + [f'192.168.77.{i}:tcp/{400 + i}' for i in range(1, 17)]
    lines = ['peers:'] + [f'  d{i}: {{access: "{grants[i % 20]}"}}' for i in range(count)]
    return '\n'.join(lines) + '\n'


class Cell:
    """A cell of `size` devices and its reference, side by side."""

    def __init__(self, w, size):
        self.w, self.size = w, size
        w.scene()
        (w.tmp / 'cell.yaml').write_text(document(size))
        self.stored = self.timed(lambda: w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300))
        self.start()
        self.bare = Bare(w, size)
        self.bare.copy()
        self.ours, self.theirs, self.noop = [], [], []

    def timed(self, what):
        began = time.monotonic()
        what()
        return time.monotonic() - began

    def start(self):
        """From nothing in the kernel to everything applied."""
        self.w.start(wait=False)
        numbers(self.w.cellns, PROGRAMS / 'bench_pic', 'ready', self.w.pic.dir)
        self.pid = self.w.agent_pid()

    def down(self):
        self.w.pic('down', timeout=100)
        self.w.picd.wait(10)

    def cold(self, rounds=3):
        """Medians of ours, and of each part of the reference."""
        ours, theirs = [], []
        for _ in range(rounds):
            self.down()
            began = time.monotonic()
            self.w.start(wait=False)
            numbers(self.w.cellns, PROGRAMS / 'bench_pic', 'ready', self.w.pic.dir)
            ours.append(time.monotonic() - began)
            self.bare.stop()
            theirs.append(self.bare.start())
        self.pid = self.w.agent_pid()
        return statistics.median(ours), [statistics.median(part) for part in zip(*theirs)]

    def adds(self, name):
        self.ours += numbers(self.w.cellns, PROGRAMS / 'bench_pic', 'add', self.w.pic.dir, ROUND, name)
        self.theirs += self.bare.adds(ROUND)

    def nothing(self, rounds=3):
        self.noop += numbers(self.w.cellns, PROGRAMS / 'bench_pic', 'apply', self.w.pic.dir, rounds)

    def status(self):
        return dict(line.split(':', 1) for line in pathlib.Path(f'/proc/{self.pid}/status').read_text().splitlines() if ':' in line)

    def written(self):
        return int(re.search(r'^write_bytes: (\d+)', pathlib.Path(f'/proc/{self.pid}/io').read_text(), re.M)[1])


class Witness:
    """What the agent sends and writes while `what` goes on: its system calls by strace, and what the kernel tells of by nft monitor and ip monitor."""
    CALLS = 'sendto,sendmsg,sendmmsg,write,writev,pwrite64,pwritev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,ioctl,execve'

    def __init__(self, cell, what):
        w, out = cell.w, cell.w.tmp / 'strace.txt'
        monitors = [w.tmp / 'nft.txt', w.tmp / 'ip.txt']
        children = [w.spawn(w.cellns, 'stdbuf', '-oL', *c, stdout=open(m, 'w'), stderr=subprocess.DEVNULL)
                    for c, m in ((['nft', 'monitor'], monitors[0]), (['ip', 'monitor', 'link', 'address', 'route', 'rule'], monitors[1]))]
        tracer = subprocess.Popen(['strace', '-f', '-o', str(out), '-s', '16', '-e', f'trace={self.CALLS}', '-p', str(cell.pid)], stderr=subprocess.PIPE, text=True)
        assert 'attached' in tracer.stderr.readline()
        time.sleep(0.3)
        what()
        time.sleep(0.5)
        for child in (tracer, *children):
            child.terminate()
            child.wait(10)
        self.calls = [line.split(None, 1)[1] for line in out.read_text().splitlines() if re.match(r'\d+ +\w+\(', line)]
        self.heard = [line for m in monitors for line in m.read_text().splitlines()]

    def writes(self):
        """Those that are neither a question to the kernel (netlink GET…), nor to wireguard-go (get=1), nor the answer to the caller."""
        rtnetlink, nftables = r'0x1[26a]|RTM_GET\w+', r'0xa(0[147ad]|10)|NFNL_SUBSYS_NFTABLES<<8\|NFT_MSG_GET\w+'  # newer straces know the names
        asks = re.compile(rf'send(to|msg)\(.*(nlmsg_type=({rtnetlink}|{nftables})\b|"get=1\\n|"{{\\"ok\\")')
        return [c for c in self.calls if not asks.match(c)]


def idle(f, cell):
    time.sleep(5)

    def wakeups():
        return sum(int(re.search(r'^voluntary_ctxt_switches:\s+(\d+)', t.read_text(), re.M)[1]) for t in pathlib.Path(f'/proc/{cell.pid}/task').glob('*/status'))
    before, bytes_before, began = wakeups(), cell.written(), time.monotonic()
    time.sleep(IDLE)
    took = time.monotonic() - began
    f.add(f'{cell.size} devices: idle picd, wake-ups (voluntary switches of all threads, {IDLE} s)', (wakeups() - before) / took, '1/s', goal='<= 1')
    f.add(f'{cell.size} devices: idle picd, bytes written to disk in {IDLE} s', cell.written() - bytes_before, 'B', goal='0')
    seen = Witness(cell, lambda: time.sleep(20))
    f.add(f'{cell.size} devices: idle picd, kernel or file writes in 20 s (strace)', len(seen.writes()), '', goal='0')


def measure_cold(f, cell):
    ours, (wg, nft, dns) = cell.cold()
    goal = '<= 1.3x' if cell.size == 10000 else ''
    f.add(f'{cell.size} devices: store a document of all (no agent)', cell.stored, 's')
    f.add(f'{cell.size} devices: cold apply, start of picd to all in force', ours, 's', wg + nft + dns, f'wg setconf {wg:.2f} + nft -f {nft:.2f} + unbound {dns:.2f}', goal)
    f.add(f'{cell.size} devices: the same, beside the two without names', ours, 's', wg + nft, f'wg setconf {wg:.2f} + nft -f {nft:.2f}')


def measure_nothing(f, cell):
    cell.nothing(12)
    f.add(f'{cell.size} devices: apply with nothing to do', percentile(cell.noop, 0.5) / 1000, 'ms', goal='<= 50 ms' if cell.size == 10000 else '')
    asked = numbers(cell.w.cellns, PROGRAMS / 'bench_get', f'/var/run/wireguard/{cell.w.dev}.sock', 12)
    f.add(f'{cell.size} devices: of which wireguard-go takes to answer get=1', percentile(asked, 0.5) / 1000, 'ms')
    seen = Witness(cell, lambda: cell.nothing(3))
    writes = seen.writes()
    assert len(seen.calls) >= 9, 'strace saw too little to be believed'
    print('\n'.join(writes + seen.heard), end='\n' if writes + seen.heard else '')
    f.add(f'{cell.size} devices: 3 of those, what picd sent: kernel or file writes among {len(seen.calls)} calls (strace)', len(writes), '', goal='0')
    f.add(f'{cell.size} devices: the same, changes heard by nft monitor and ip monitor', len(seen.heard), '', goal='0')


def measure_adds(f, cells):
    for i in range(ADDS // ROUND):
        for cell in cells:
            cell.adds(f'n{i}x')
    for cell in cells:
        limit = {1000: ', <= 5 ms', 10000: ', <= 10 ms'}.get(cell.size, '')
        for name, p in (('median', 0.5), ('p99', 0.99)):
            f.add(f'{cell.size} devices: one added, {name} of {len(cell.ours)}', percentile(cell.ours, p) / 1000, 'ms', percentile(cell.theirs, p) / 1000, 'bare C',
                  '<= 2x' + (limit if p > 0.5 else ''))
    if len(cells) > 1:
        f.add(f'one added, growth of the median, {cells[0].size} to {cells[-1].size}', percentile(cells[-1].ours, 0.5) / percentile(cells[0].ours, 0.5), 'x',
              percentile(cells[-1].theirs, 0.5) / percentile(cells[0].theirs, 0.5), 'growth of bare C', '<= 1.5x')


def main(out):
    f = Figures('peers')
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base, contextlib.ExitStack() as stack:
        cells = []
        for size in SIZES:
            os.makedirs(f'{base}/{size}')
            cells.append(Cell(stack.enter_context(World(f'{base}/{size}')), size))
            measure_cold(f, cells[-1])
            measure_nothing(f, cells[-1])
        measure_adds(f, cells)
        for cell in cells:
            cell.nothing(1)
            goal = {1000: '<= 16', 10000: '<= 48'}.get(cell.size, '')
            f.add(f'{cell.size} devices: picd RSS after all of this', int(cell.status()['VmRSS'].split()[0]) / 1024, 'MiB', goal=goal)
            f.add(f'{cell.size} devices: picd RSS, highest ever', int(cell.status()['VmHWM'].split()[0]) / 1024, 'MiB', goal=goal)
        for cell in cells:
            if cell.size == 1000:
                idle(f, cell)
    f.done(out)


main(sys.argv[1])
