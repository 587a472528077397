"""The capture suite's internet: a cell between a lan of devices and a router, one far end for each exit type, and a web that is every server
there is. Two wires are watched: the cell's outer ones, at the router, and the web's, where one sees by which way a device came."""
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'scenario'))
from conftest import BIN, TOP, Pic, needs_root  # noqa: E402,F401
from world import World, wait_for  # noqa: E402,F401

TOOLS = pathlib.Path(os.environ.get('PIC_TEST_TOOLS', BIN.parent / 'tests'))
KINDS = ['TCP80', 'TCP443', 'TCP_LONG', 'DOT', 'UDP', 'QUIC', 'NTP', 'FRAGMENTS', 'ICMP', 'DNS_CELL', 'DNS_CELL_TCP', 'DNS_PUBLIC',
         'DNS_PUBLIC_TCP']
TCP_KINDS = {'TCP80', 'TCP443', 'TCP_LONG', 'DOT', 'DNS_CELL', 'DNS_CELL_TCP', 'DNS_PUBLIC', 'DNS_PUBLIC_TCP'}  # what a way for TCP only carries
PERIOD = 100  # ms: each of a device's 26 flows sends once in it
CELL4, CELL6 = ['203.0.113.1', '192.0.2.1'], ['2001:db8:1::1', '2001:db8:2::1']
ROUTER4, ROUTER6 = '198.18.250.1', '2001:db8:18:250::1'  # the internet's own, where the web is: what it tells of packets that it cannot deliver quotes them
MOVED4, MOVED6 = '203.0.113.77', '2001:db8:1::77'  # where the cell's outer address moves to
NAMESERVER = ['198.51.100.53', '2001:db8:51::53']
NOBODY, NOBODY_PORT = ['198.51.100.200', '2001:db8:51::c8'], 14000  # a public CA that does not answer
PUBLIC4 = ['1.1.1.1', '8.8.8.8', '9.9.9.9', '9.9.9.10'] + [
    '198.41.0.4', '199.9.14.201', '192.33.4.12', '199.7.91.13', '192.203.230.10', '192.5.5.241', '192.112.36.4', '198.97.190.53', '192.36.148.17',
    '192.58.128.30', '193.0.14.129', '199.7.83.42', '202.12.27.33', '170.247.170.2']
PUBLIC6 = ['2620:fe::fe', '2001:4860:4860::8888', '2606:4700:4700::1111'] + [
    '2001:503:ba3e::2:30', '2001:500:200::b', '2801:1b8:10::b', '2001:500:2::c', '2001:500:2d::d', '2001:500:a8::e', '2001:500:2f::f', '2001:500:12::d0d',
    '2001:500:1::53', '2001:7fe::53', '2001:503:c27::2:30', '2001:7fd::1', '2001:500:9f::42', '2001:dc3::35']


def target(device):
    """Where this device, and nobody else, sends."""
    return f'198.51.100.{100 + device}', f'2001:db8:51::{100 + device:x}'


class Net(World):
    """dual: two outer wires. Nothing of pic is in it until cell()."""

    def __init__(self, tmp_path, dual=False):
        super().__init__(tmp_path)
        self.dual, self.ends, self.talkers, self.watches = dual, {}, {}, {}
        self.endpoints = []  # (name, proto, addresses, port, sealed)

    # spaces and wires

    def build(self):
        self.inet, self.cellns, self.lan, self.webns = (self.space(x) for x in ('inet', 'cell', 'lan', 'web'))
        self.wans = ['wan0', 'wan1'][:2 if self.dual else 1]
        for i, (wan, net4) in enumerate(zip(self.wans, ('203.0.113', '192.0.2'))):
            self.wire(self.cellns, wan, [f'{net4}.1/24', f'2001:db8:{i + 1}::1/64'], self.inet, f'cell{i}',
                      [f'{net4}.254/24', f'2001:db8:{i + 1}::fe/64'])
            self.sh(self.cellns, f'ip route add default via {net4}.254 metric {100 + i};'
                                 f'ip -6 route add default via 2001:db8:{i + 1}::fe metric {100 + i}')
        self.sh(self.cellns, 'sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=1 net.ipv6.conf.all.ignore_routes_with_linkdown=1')
        self.wire(self.cellns, 'lan0', ['192.168.77.1/24', 'fd77::1/64'], self.lan, 'cell', [])
        self.sh(self.lan, 'ip link add br0 type bridge; ip link set br0 up; ip link set cell master br0')
        self.wire(self.inet, 'web', [f'{ROUTER4}/30', f'{ROUTER6}/64'], self.webns, 'eth0', ['198.18.250.2/30', '2001:db8:18:250::2/64'])
        self.sh(self.inet, 'sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0')
        batch4 = ['198.51.100.0/24'] + PUBLIC4
        batch6 = ['2001:db8:51::/64'] + PUBLIC6
        for flag, batch, router, web in (('-4', batch4, ROUTER4, '198.18.250.2'), ('-6', batch6, ROUTER6, '2001:db8:18:250::2')):
            self.sh(self.inet, f'ip {flag} -batch -', stdin=''.join(f'route add {p} via {web}\n' for p in batch))
            self.sh(self.webns, f'ip {flag} -batch -', stdin=f'route add default via {router}\n' + ''.join(f'route add local {p} dev lo\n' for p in batch))
        self.names = self.tmp / 'names'
        self.names.write_text('')
        self.ready(self.webns, TOOLS / 'leaks_host', self.names, self.tmp / 'queries')
        return self

    def ready(self, space, *command, **kw):
        child = self.spawn(space, *command, stdout=subprocess.PIPE, text=True, **kw)
        assert child.stdout.readline().strip() == 'ready', command
        return child

    def name(self, name, *addresses):
        """What the world's name server says from now on."""
        lines = [line for line in self.names.read_text().splitlines() if line.split()[0] != name]
        fresh = self.names.with_suffix('.new')
        fresh.write_text('\n'.join(lines + [' '.join((name,) + addresses)]) + '\n')
        fresh.rename(self.names)

    # who watches

    def watch(self, kind, space, wires, extra=()):
        config = self.tmp / f'{kind}.conf'
        lines = [f'role {"web" if kind == "web" else "wan"}', *extra]
        for address in CELL4 + CELL6 + [MOVED4, MOVED6]:
            lines.append(f'cell {address}')
        for name, proto, addresses, port, sealed in self.endpoints:
            lines += [f'carrier {name} {proto} {a} {port} {"sealed" if sealed else "plain"}' for a in addresses]
        for device in range(1, 100):
            lines += [f'target {device} {a}' for a in target(device)]
        for proto in ('udp', 'tcp'):
            lines += [f'own {proto} {a} 53' for a in NAMESERVER]
        lines += [f'own tcp {a} {NOBODY_PORT}' for a in NOBODY]
        config.write_text('\n'.join(lines) + '\n')
        child = self.spawn(space, TOOLS / 'leaks_watch', config, *wires, stdout=open(self.tmp / f'{kind}.rows', 'w'))
        self.watches[kind] = Watch(child, self.tmp / f'{kind}.rows')

    def watch_all(self):
        self.watch('wan', self.inet, [f'cell{i}' for i in range(len(self.wans))])
        self.watch('web', self.webns, ['eth0'])

    def watch_clock(self):
        self.late = self.tmp / 'late'
        self.spawn(self.inet, TOOLS / 'leaks_late', stdout=open(self.late, 'w'))

    def clock_late(self, since, until):
        """By how much a program that only wants to be woken was woken too late in that time, at worst."""
        late = [line.split() for line in self.late.read_text().splitlines(True) if line.endswith('\n')]
        return max((float(by) for t, by in late if since <= float(t) <= until), default=0.0)

    def rows(self, kind, since=0.0, until=1e18):
        """What was seen on that wire in this time."""
        return self.watches[kind].rows(since, until)

    def flush(self):
        time.sleep(0.25)  # rows are at most 100 ms late
        return time.time()

    # who sends

    def talk(self, space, device, resolvers, period=PERIOD):
        stats = self.tmp / f'stats{device}'
        child = self.spawn(space, TOOLS / 'leaks_chatter', stats, device, period, *target(device), *resolvers)
        self.talkers[device] = (child, stats)
        wait_for(lambda: stats.exists() and stats.stat().st_size, what='chatter')

    def counters(self, device):
        child, stats = self.talkers[device]
        assert child.poll() is None, f'device {device} is silent'
        values = struct.unpack(f'={len(KINDS) * 6}Q', stats.read_bytes())
        half = 2 * len(KINDS)
        return {what: {(kind, 6 if v6 else 4): values[i * half + 2 * k + v6] for k, kind in enumerate(KINDS) for v6 in (0, 1)}
                for i, what in enumerate(('sent', 'refused', 'answered'))}

    def total(self, device, what='sent'):
        return sum(self.counters(device)[what].values())


class Watch:
    """A watcher and what it has said so far, read once."""

    def __init__(self, child, file):
        self.child, self.file, self.seen, self.rest, self.lock = child, open(file), [], '', threading.Lock()
        wait_for(lambda: self.file.readline().startswith('ready'), what='watch')

    def rows(self, since, until):
        assert self.child.poll() is None, 'nobody watches'
        with self.lock:
            *lines, self.rest = (self.rest + self.file.read()).split('\n')
            self.seen += map(Row, lines)
            found = []
            for r in reversed(self.seen):
                if r.last < since - 1:  # they come in slices of a tenth of a second, each in any order
                    break
                if r.last >= since and r.first <= until:
                    found.append(r)
        return found[::-1]


class Row:
    """One line of leaks_watch."""

    def __init__(self, line):
        first, last, self.wire, self.cls, device, self.kind, family, self.where, packets, size = line.split('\t')
        self.first, self.last, self.device, self.family, self.packets, self.bytes = (
            float(first), float(last), int(device), int(family), int(packets), int(size))

    def __repr__(self):
        return f'{self.cls} device {self.device} {self.kind}/{self.family} {self.where} ×{self.packets} at {self.first:.3f}'
