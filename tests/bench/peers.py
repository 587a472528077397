"""What one device costs, what many cost, what doing nothing costs. In namespaces of its own; wireguard-go on both sides of each comparison."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from conftest import BIN, TOP
from figures import Figures, percentile
from world import World, random_key, wait_for

PROGRAMS = BIN.parent / 'tests'
SIZES = [int(x) for x in os.environ.get('PIC_BENCH_SIZES', '10,1000,10000').split(',')]
ADDS = int(os.environ.get('PIC_BENCH_ADDS', '300'))


def document(count):
    grants = ['internet', 'lan', 'peers', 'internet,lan'] + [f'192.168.77.{i}:tcp/{400 + i}' for i in range(1, 17)]
    lines = ['peers:'] + [f'  d{i}: {{access: "{grants[i % 20]}"}}' for i in range(count)]
    return '\n'.join(lines) + '\n'


def memory(pid):
    status = dict(line.split(':', 1) for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines() if ':' in line)
    return int(status['VmRSS'].split()[0]) / 1024, int(status['VmHWM'].split()[0]) / 1024


def cpu_and_switches(pid):
    s = pathlib.Path(f'/proc/{pid}/status').read_text()
    return sum(int(line.split()[1]) for line in s.splitlines() if 'voluntary_ctxt_switches' in line)


def run_numbers(w, *command):
    done = subprocess.run(['ip', 'netns', 'exec', w.cellns, *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [float(x) for x in done.stdout.split()]


class Bare:
    """The reference: wireguard-go, an nft table with the same two maps, unbound, each filled with `count` devices by stock tools."""

    def __init__(self, w, count):
        self.w, self.space = w, w.space(f'bare{count}')
        self.dir = pathlib.Path(tempfile.mkdtemp(dir=w.tmp))
        self.dev = w.device('pb')
        self.count = count
        keys = [random_key() for _ in range(count)]
        addresses = [(f'10.20.{n >> 8}.{n & 255}', f'fd20::{n:x}') for n in range(2, count + 2)]
        (self.dir / 'wg.conf').write_text(f'[Interface]\nPrivateKey = {random_key()}\nListenPort = 51820\n' + ''.join(
            f'[Peer]\nPublicKey = {k}\nPresharedKey = {k}\nAllowedIPs = {a}/32, {b}/128\n' for k, (a, b) in zip(keys, addresses)))
        wide = ', '.join(['1.0.0.0-9.255.255.255', '11.0.0.0-100.63.255.255'])
        (self.dir / 'table.nft').write_text(
            'table inet pic {\n map peers4 { type ipv4_addr : mark; ' + (f'elements = {{ {", ".join(f"{a} : 0x10000" for a, _ in addresses)} }};' if count else '') + ' }\n'
            ' map peers6 { type ipv6_addr : mark; ' + (f'elements = {{ {", ".join(f"{b} : 0x10000" for _, b in addresses)} }};' if count else '') + ' }\n'
            f' set wide4 {{ type ipv4_addr; flags interval; elements = {{ {wide} }}; }}\n'
            ' chain forward { type filter hook forward priority 0; policy accept;\n meta mark set ip saddr map @peers4\n ip daddr @wide4 accept\n }\n}\n')
        records = ''.join(f'local-data: "d{i}.home.internal. A {a}"\nlocal-data: "d{i}.home.internal. AAAA {b}"\n'
                          f'local-data-ptr: "{a} d{i}.home.internal."\nlocal-data-ptr: "{b} d{i}.home.internal."\n' for i, (a, b) in enumerate(addresses))
        self.sock = self.dir / 'unbound.sock'
        (self.dir / 'unbound.conf').write_text(
            f'server:\nusername: ""\nchroot: ""\nuse-syslog: no\ndo-daemonize: no\nnum-threads: 1\ninterface: 127.0.0.1\npidfile: ""\nlocal-zone: "home.internal." static\n'
            f'{records}remote-control:\ncontrol-enable: yes\ncontrol-interface: "{self.sock}"\ncontrol-use-cert: no\n')

    def start(self):
        """Seconds for wg setconf, nft -f, unbound from start to its control socket."""
        w = self.w
        w.spawn(self.space, 'wireguard-go', '-f', self.dev, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(f'/var/run/wireguard/{self.dev}.sock'), what='wireguard-go')
        times = []
        for command in (f'wg setconf {self.dev} {self.dir}/wg.conf', f'nft -f {self.dir}/table.nft'):
            began = time.monotonic()
            w.sh(self.space, command)
            times.append(time.monotonic() - began)
        began = time.monotonic()
        w.spawn(self.space, 'unbound', '-d', '-c', self.dir / 'unbound.conf', stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.sock.exists, 20, 'unbound')
        while w.sh(self.space, f'unbound-control -c {self.dir}/unbound.conf status', check=False).returncode != 0:
            time.sleep(0.01)
        times.append(time.monotonic() - began)
        return times

    def adds(self, count):
        done = subprocess.run(['ip', 'netns', 'exec', self.space, str(PROGRAMS / 'bench_bare'), str(self.dir / 'bare.db'), f'/var/run/wireguard/{self.dev}.sock',
                               str(self.sock), str(count), str(self.count + 2), 'home.internal'], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [float(x) for x in done.stdout.split()]


def one_size(f, base, size):
    with World(base) as w:
        w.scene()
        (w.tmp / 'cell.yaml').write_text(document(size))
        began = time.monotonic()
        w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300)
        stored = time.monotonic() - began
        began = time.monotonic()
        w.start(wait=False)
        w.pic('status', '--json', '--wait', '60s', timeout=100)
        cold = time.monotonic() - began
        bare = Bare(w, size)
        by_hand = bare.start()
        f.add(f'{size} devices: store a document of all', stored, 's')
        f.add(f'{size} devices: cold start of picd to ready', cold, 's', sum(by_hand), 'wg setconf + nft -f + unbound start', '<= 1.3x')
        ours, theirs = [], []
        for i in range(3):  # in turn, so that a drift of the machine meets both
            ours += run_numbers(w, PROGRAMS / 'bench_add', w.pic.dir, ADDS // 3, f'n{i}x')
            theirs += bare.adds(ADDS // 3)
            bare.count += ADDS // 3
        for name, p in (('median', 0.5), ('p99', 0.99)):
            goal = '<= 2x' + (' and <= 5 ms' if size == 1000 else ' and <= 10 ms' if size == 10000 else '') if p > 0.5 else '<= 2x'
            f.add(f'{size} devices: one added, {name}', percentile(ours, p) / 1000, 'ms', percentile(theirs, p) / 1000, 'bare C', goal)
        pid = w.agent_pid()
        noop = []
        for _ in range(5):
            began = time.monotonic()
            w.pic('apply', timeout=100)
            noop.append(time.monotonic() - began)
        f.add(f'{size} devices: apply with nothing to do (pic apply: observes everything)', percentile(noop, 0.5) * 1000, 'ms', goal='<= 50 ms')
        rss, peak = memory(pid)
        f.add(f'{size} devices: picd RSS (peak)', rss, 'MiB', goal={1000: '<= 16', 10000: '<= 48'}.get(size, ''))
        f.add(f'{size} devices: picd RSS, highest ever', peak, 'MiB')
        if size == 1000:
            idle(f, w, pid)
        return percentile(ours, 0.5)


def idle(f, w, pid):
    time.sleep(3)
    before, io = cpu_and_switches(pid), pathlib.Path(f'/proc/{pid}/io').read_text()
    time.sleep(5)
    f.add('1000 devices: idle picd, wake-ups', (cpu_and_switches(pid) - before) / 20, '1/s', goal='<= 1')
    after = pathlib.Path(f'/proc/{pid}/io').read_text()

    def written(text):
        return int([line for line in text.splitlines() if line.startswith('write_bytes')][0].split()[1])
    f.add('1000 devices: idle picd, bytes written to disk in 20 s', written(after) - written(io), 'B', goal='0')


def main(out):
    f = Figures('peers')
    medians = {}
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base:
        for size in SIZES:
            medians[size] = one_size(f, pathlib.Path(base) / str(size) if os.makedirs(f'{base}/{size}') is None else base, size)
    if len(SIZES) > 1:
        f.add(f'growth of the median, {SIZES[0]} to {SIZES[-1]}', medians[SIZES[-1]] / medians[SIZES[0]], 'x', goal='<= 1.5')
    f.done(out)


main(sys.argv[1])
