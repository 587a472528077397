"""What the cell's table costs a packet, with many devices and with few; README.md says what is measured and what stands in for what."""
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

from conftest import BIN
from figures import Figures
from policies import CLASSES, document, iptables, masquerade
from world import World, wait_for

PROGRAMS = BIN.parent / 'tests'
MANY = int(os.environ.get('PIC_BENCH_MANY', '10000'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '30'))
SLICE = 100  # ms of processor time
FEW = 10
PORTS = [9000, 9001] + [400 + i for i in range(4, CLASSES)]


def targets(i, family):
    """Where device i may send, as (kind, address, port)."""
    lan, far = ('192.168.77.', '198.51.100.10') if family == 4 else ('fd77::', '2001:db8:51::10')
    k = i % CLASSES
    return ([('internet', far, 9000)] if k in (0, 3) else []) + ([('lan', lan + '10', 9001)] if k in (1, 3) else []) + \
           ([('port', f'{lan}{100 + k}', 400 + k)] if k >= 4 else [])


def flows(addresses, family, many):
    """Few: one flow of each kind for the first ten devices. Many: 12,000, two thirds to one port of one host, from as many devices as there are."""
    every = [(address, *t) for i, address in enumerate(addresses) for t in targets(i, family)]
    if not many:
        return [f'{a} {to} 20000 {port}' for a, _, to, port in every if a in addresses[:FEW]]
    lines = []
    for kind, count in (('port', 8000), ('internet', 2000), ('lan', 2000)):
        some = [x for x in every if x[1] == kind]
        lines += [f'{some[n % len(some)][0]} {some[n % len(some)][2]} {20000 + n // len(some)} {some[n % len(some)][3]}' for n in range(count)]
    random.Random(1).shuffle(lines)
    return lines


class Way:
    """A cell between a device's wire and the internet and lan, with one ruleset. The device's wire is a veth that bears the name of the cell's WireGuard device."""

    def __init__(self, w, name):
        self.w, self.name = w, name
        w.scene()
        self.near = w.space('near')
        self.children = []

    def load(self, count):
        """The very table that the agent makes of `count` devices: it runs, all is applied, then it and its children are killed; the kernel keeps the table."""
        w = self.w
        (w.tmp / 'cell.yaml').write_text(document(count))
        w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300)
        w.start(wait=False)
        subprocess.run(['ip', 'netns', 'exec', w.cellns, str(PROGRAMS / 'bench_pic'), 'ready', w.pic.dir], check=True)
        peers = w.pic.json('peer', 'list')
        order = sorted(peers, key=lambda p: int(p['name'][1:]))
        for pid in subprocess.run(['ip', 'netns', 'pids', w.cellns], capture_output=True, text=True, check=True).stdout.split():
            os.kill(int(pid), 9)  # in a namespace that we made: the agent and its children
        wait_for(lambda: w.sh(w.cellns, f'ip link show {w.dev}', check=False).returncode != 0, what='the device to go')
        there = json.loads(w.sh(w.cellns, 'nft -j list map inet pic peers4'))['nftables'][1]['map']['elem']
        assert len(there) == count, f'{len(there)} devices in the table'
        return [p['address4'] for p in order], [p['address6'] for p in order]

    def wire(self):
        w, dev = self.w, self.w.dev
        w.wire(w.cellns, dev, [], self.near, 'peer0', ['169.254.7.2/32'])
        self.mac = w.sh(w.cellns, f'cat /sys/class/net/{dev}/address').strip()
        theirs = w.sh(self.near, 'cat /sys/class/net/peer0/address').strip()
        w.sh(w.cellns, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.netfilter.nf_conntrack_udp_timeout=900 net.netfilter.nf_conntrack_udp_timeout_stream=900;'
                       f'ip link set {dev} mtu 1420;'
                       f'ip route add 10.20.0.0/16 via 169.254.7.2 dev {dev} onlink; ip neigh replace 169.254.7.2 lladdr {theirs} dev {dev} nud permanent;'
                       f'ip -6 route add fd20::/48 via fe80::7 dev {dev} onlink; ip -6 neigh replace fe80::7 lladdr {theirs} dev {dev} nud permanent')
        hosts = ''.join(f'ip addr add 192.168.77.{100 + i}/24 dev eth0; ip addr add fd77::{100 + i}/64 dev eth0 nodad;' for i in range(4, CLASSES))
        w.sh(w.lan, hosts + 'ip route add 10.20.0.0/16 via 192.168.77.1; ip -6 route add fd20::/48 via fd77::1')
        w.sh(w.inet, 'ip route add 10.20.0.0/16 via 203.0.113.1; ip -6 route add fd20::/48 via 2001:db8:1::1')

    def arguments(self, lines, tag):
        path = self.w.tmp / f'{self.name}-{tag}.flows'
        path.write_text('\n'.join(lines) + '\n')
        return [self.name, self.near, 'peer0', self.mac, str(path)]

    def meet(self, arguments):
        """Each flow once, answered, so that connection tracking knows it as established."""
        w = self.w
        for space in (w.inet, w.lan):
            child = w.spawn(space, PROGRAMS / 'bench_packets', 'echo', *PORTS, stdout=subprocess.PIPE, text=True)
            assert child.stdout.readline().strip() == 'ready'
            self.children.append(child)
        for _ in range(2):  # the first packets of all wait for neighbours
            subprocess.run([str(PROGRAMS / 'bench_packets'), 'once', '400', *arguments], check=True)
        for child in self.children:
            child.terminate()
            child.wait(5)
        self.children = []

    def sink(self, on):
        for space in (self.w.inet, self.w.lan):
            self.w.sh(space, 'nft add table inet sink; nft add chain inet sink first "{ type filter hook prerouting priority raw; }"; nft add rule inet sink first meta l4proto udp drop'
                      if on else 'nft delete table inet sink')

    def arrived(self):
        return sum(int(self.w.sh(space, f'cat /sys/class/net/{device}/statistics/rx_packets')) for space, device in ((self.w.inet, 'cell0'), (self.w.lan, 'eth0')))

    def unanswered(self, family):
        """Share of the flows that connection tracking holds which never saw an answer."""
        known = [line for line in self.w.sh(self.w.cellns, 'cat /proc/net/nf_conntrack').splitlines() if line.startswith(f'ipv{family}')]
        return sum('UNREPLIED' in line for line in known) / max(1, len(known))


def measure(ways, family, many, addresses):
    """Nanoseconds a packet of each way, one value a round; they take turns. Fails when packets do not arrive: a dropped packet is cheaper."""
    args = {}
    for way in ways:
        args[way.name] = way.arguments(flows(addresses[way.name][family], family, many), f'{family}-{"many" if many else "few"}')
        way.meet(args[way.name])
        assert way.name == 'empty' or way.unanswered(family) < 0.02, f'{way.name}: {way.unanswered(family):.2f} of the flows are not established'
        way.sink(True)
    before = {way.name: way.arrived() for way in ways}
    done = subprocess.run([str(PROGRAMS / 'bench_packets'), 'send', str(SLICE), str(ROUNDS + 1), *[a for way in ways for a in args[way.name]]], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    costs, sent = {way.name: [] for way in ways}, dict.fromkeys(before, 0)
    for line in done.stdout.splitlines():
        name, packets, ns, *warm = line.split()
        sent[name] += int(packets)
        if not warm:
            costs[name].append(int(ns) / int(packets))
    for way in ways:
        came = way.arrived() - before[way.name]
        assert came >= 0.999 * sent[way.name], f'{way.name}: of {sent[way.name]} packets {came} arrived'
        way.sink(False)
    return costs


def tcp(ways, addresses, seconds=1, rounds=15):
    """Gbit/s, one value a round, of one TCP stream by iperf3 from the first device to the internet, packets of 1420 bytes, no offload."""
    for way in ways:
        w = way.w
        w.sh(way.near, f'ip addr add {addresses[way.name][4][0]}/32 dev peer0; ip link set peer0 mtu 1420 gso_max_segs 1;'
                       f'ip neigh replace 169.254.7.1 lladdr {way.mac} dev peer0 nud permanent;'
                       f'ip route add default via 169.254.7.1 dev peer0 onlink src {addresses[way.name][4][0]}')
        w.spawn(w.inet, 'iperf3', '-s', '-p', '9000', stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda w=w: ':9000' in w.sh(w.inet, 'ss -Hltn'), what='iperf3')
    speeds = {way.name: [] for way in ways}
    for i in range(rounds + 1):
        for way in ways if i % 2 == 0 else reversed(ways):
            report = json.loads(way.w.sh(way.near, f'iperf3 -c 198.51.100.10 -p 9000 -t {seconds} -J'))
            if i > 0:
                speeds[way.name].append(report['end']['sum_received']['bits_per_second'] / 1e9)
    return speeds


LABELS = {'few': f'cell, {FEW} devices', 'many': f'cell, {MANY} devices, {CLASSES} classes', 'empty': 'empty ruleset, no connection tracking', 'gateway': 'masquerading and nothing else',
          'nft-few': f'iptables-nft, {FEW} devices', 'nft-many': f'iptables-nft, one rule a device, {MANY}', 'nft-quick': f'iptables-nft, {MANY}, established accepted first (a looser policy)',
          'legacy-few': f'iptables-legacy, {FEW} devices', 'legacy-many': f'iptables-legacy, one rule a device, {MANY}'}


def build(stack, base):
    """All ways, and each one's addresses by family."""
    ways, addresses = {}, {}
    for name in LABELS:
        os.makedirs(f'{base}/{name}')
        way = ways[name] = Way(stack.enter_context(World(f'{base}/{name}')), name)
        count = FEW if name.endswith('few') else MANY
        four, six = way.load(count) if name in ('few', 'many') else (addresses['few' if name.endswith('few') else 'many'][f] for f in (4, 6))
        addresses[name] = {4: four, 6: six}
        way.wire()
        w = way.w
        if name == 'gateway':
            w.sh(w.cellns, 'nft -f -', stdin=masquerade(w.dev))
        elif '-' in name:
            tool, kind = name.split('-')
            for family, command in ((4, 'iptables'), (6, 'ip6tables')):
                w.sh(w.cellns, f'{command}-{tool}-restore', stdin=iptables(w.dev, addresses[name][family], family, kind == 'quick'), timeout=300)
    return ways, addresses


def show(f, title, rounds, unit, goal, note=lambda value: ''):
    """Medians; the ratio is the median of the rounds' own ratios, whose two values were measured one after the other."""
    few = statistics.median(rounds['few'])
    for name, values in rounds.items():
        value = statistics.median(values)
        if name == 'few':
            f.add(f'{title}: {LABELS[name]}', value, unit, what=note(value))
        else:
            f.add(f'{title}: {LABELS[name]}', value, unit, few, note(value), goal if name == 'many' else '', statistics.median(a / b for a, b in zip(values, rounds['few'])))


def main(out):
    f = Figures(f'packets: processor time of one forwarded packet (whole way), against the cell with {FEW} devices')
    with tempfile.TemporaryDirectory(prefix='pic-bench-') as base, contextlib.ExitStack() as stack:
        ways, addresses = build(stack, base)
        for family in (4, 6):
            for many in (False, True):
                costs = measure(list(ways.values()), family, many, addresses)
                show(f, f'IPv{family}, {"12000 flows" if many else "10 flows"}', costs, 'ns', '<= 1.05x', lambda ns: f'{1e6 / ns:.0f} kpackets/s a processor')
        speeds = tcp([ways[n] for n in ('few', 'many', 'gateway', 'empty')], addresses)
        show(f, 'IPv4, one TCP stream by iperf3', speeds, 'Gbit/s', '')
    f.done(out)


main(sys.argv[1])
