"""What ways out cost: moving one device, moving all, with 50 connections and 10,000 devices; and a stream through a marked exit beside the same two tunnels
without any rule. In namespaces of its own; wireguard-go (kernels without WireGuard only)."""
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from bare import PROGRAMS, numbers
from figures import Figures, percentile
from world import World, wait_for

SIZE = int(os.environ.get('PIC_BENCH_MANY', '10000'))
EXITS = int(os.environ.get('PIC_BENCH_EXITS', '50'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '12'))
PORT = 51900
WEB = '198.51.100.10'


def tool(*command, stdin=None):
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout.strip()


class Far:
    """The far end of all connections: one wireguard-go in the internet's namespace, a peer for each."""

    def __init__(self, w, count):
        self.w, self.dev, self.keys = w, w.device('pf'), []
        w.spawn(w.inet, 'wireguard-go', '-f', self.dev, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(f'/var/run/wireguard/{self.dev}.sock'), what='wireguard-go')
        private = tool('wg', 'genkey')
        self.public = tool('wg', 'pubkey', stdin=private)
        lines = ['[Interface]', f'PrivateKey = {private}', f'ListenPort = {PORT}']
        for i in range(count):
            key = tool('wg', 'genkey')
            self.keys.append(key)
            lines += ['[Peer]', f'PublicKey = {tool("wg", "pubkey", stdin=key)}', f'AllowedIPs = 10.64.1.{i + 2}/32']
        w.sh(w.inet, f'wg setconf {self.dev} /dev/stdin; ip addr add 10.64.1.1/24 dev {self.dev}; ip link set {self.dev} mtu 1420 up',
             stdin='\n'.join(lines) + '\n')
        conf = w.tmp / 'far.conf'  # what probes ask
        conf.write_text(f'server:\n username: ""\n chroot: ""\n pidfile: ""\n use-syslog: no\n do-daemonize: no\n interface: 10.64.1.1\n access-control: 0.0.0.0/0 allow\n'
                        ' local-zone: "." static\n local-data: ". NS ns.example."\nremote-control:\n control-enable: no\n')
        w.spawn(w.inet, 'unbound', '-d', '-c', conf, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def profile(self, i):
        return (f'[Interface]\nPrivateKey = {self.keys[i]}\nAddress = 10.64.1.{i + 2}/32\nDNS = 10.64.1.1\n'
                f'[Peer]\nPublicKey = {self.public}\nEndpoint = 203.0.113.254:{PORT}\nAllowedIPs = 0.0.0.0/0\nPersistentKeepalive = 25\n')


def document(count):
    lines = ['groups:', '  all: {access: internet}', 'peers:'] + [f'  d{i}: {{groups: [all]}}' for i in range(count)]
    return '\n'.join(lines) + '\n'


def moves(f, w, far):
    (w.tmp / 'cell.yaml').write_text(document(SIZE))
    w.pic('apply', '--file', w.tmp / 'cell.yaml', timeout=300)
    for i in range(EXITS):
        (w.tmp / 'exit.conf').write_text(far.profile(i))
        w.pic('connection', 'import', w.tmp / 'exit.conf', f'x{i}')
    w.start(wait=False)
    numbers(w.cellns, PROGRAMS / 'bench_pic', 'ready', w.pic.dir)
    wait_for(lambda: all(c['status']['state'] == 'up' for c in w.pic.json('connection', 'list')), 60, f'{EXITS} exits')
    one = numbers(w.cellns, PROGRAMS / 'bench_pic', 'set', w.pic.dir, 10 * ROUNDS, 'peer', 'd7', 'exit', 'x1', 'x2')
    f.add(f'{SIZE} devices, {EXITS} connections: one device moved, median of {len(one)}', percentile(one, 0.5) / 1000, 'ms', goal='<= 10')
    f.add('the same, p99', percentile(one, 0.99) / 1000, 'ms', goal='<= 10')
    everybody = numbers(w.cellns, PROGRAMS / 'bench_pic', 'set', w.pic.dir, ROUNDS, 'group', 'all', 'exit', 'x1', 'x2')
    batch = 'add table inet b; add map inet b m { type ipv4_addr : mark; };' + ''.join(
        f'add element inet b m {{ 10.{i >> 16}.{i >> 8 & 255}.{i & 255} : {i} }};' for i in range(SIZE))
    bare = w.space('batch')
    (w.tmp / 'batch.nft').write_text(batch.replace(';', '\n'))
    began = time.monotonic()
    w.sh(bare, f'nft -f {w.tmp}/batch.nft')
    f.add(f'all {SIZE} moved in one transaction, median of {len(everybody)}', percentile(everybody, 0.5) / 1000, 'ms',
          (time.monotonic() - began) * 1000, f'nft -f with {SIZE} elements', '<= 500')


def iperf(w, device, seconds, *options):
    server = w.spawn(w.inet, 'iperf3', '-s', '-1', '-B', WEB, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: w.sh(w.inet, f'ss -Hltn src {WEB}:5201'), what='iperf3')
    out = json.loads(device.sh(' '.join(('iperf3', '-J', '-c', WEB, '-t', str(seconds), *options)), timeout=seconds + 20))
    server.wait(10)
    return out['end']


def stream(w, device, seconds):
    return iperf(w, device, seconds)['sum_received']['bits_per_second'] / 1e6


def datagrams(w, device, seconds):
    end = iperf(w, device, seconds, '-u', '-b', '0', '-l', '100')['sum']
    return (end['packets'] - end['lost_packets']) / end['seconds']


class ByHand:
    """The same two tunnels in one namespace, as a person makes them: wg, a rule for the mark, masquerading."""

    def __init__(self, w, far, key):
        self.w, self.space, self.inner, self.outer = w, w.space('hand'), w.device('ph'), w.device('pg')
        w.wire(self.space, 'wan0', ['203.0.114.1/24'], w.inet, 'hand0', ['203.0.114.254/24'])
        for dev in (self.inner, self.outer):
            w.spawn(self.space, 'wireguard-go', '-f', dev, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for(lambda dev=dev: os.path.exists(f'/var/run/wireguard/{dev}.sock'), what='wireguard-go')
        mine, theirs = tool('wg', 'genkey'), tool('wg', 'genkey')
        self.conf = f'[Interface]\nPrivateKey = {mine}\nListenPort = 51820\n[Peer]\nPublicKey = {tool("wg", "pubkey", stdin=theirs)}\nAllowedIPs = 10.99.0.2/32\n'
        w.sh(self.space, f'wg setconf {self.inner} /dev/stdin; ip addr add 10.99.0.1/24 dev {self.inner}; ip link set {self.inner} mtu 1420 up', stdin=self.conf)
        w.sh(self.space, f'wg setconf {self.outer} /dev/stdin; ip addr add 10.64.1.{EXITS + 2}/32 dev {self.outer}; ip link set {self.outer} mtu 1420 up',
             stdin=f'[Interface]\nPrivateKey = {key}\n[Peer]\nPublicKey = {far.public}\nEndpoint = 203.0.114.254:{PORT}\nAllowedIPs = 0.0.0.0/0\n')
        w.sh(self.space, f'sysctl -qw net.ipv4.ip_forward=1; ip route add default via 203.0.114.254; ip rule add iif {self.inner} table 77;'
                         f'ip route add default dev {self.outer} table 77;'
                         f'nft add table ip n; nft "add chain ip n p {{ type nat hook postrouting priority 100; }}"; nft add rule ip n p oifname {self.outer} masquerade')
        self.device = w.space('handdev')
        self.tun = w.device('pi')
        w.wire(self.device, 'eth0', ['100.64.200.2/30'], w.inet, 'hand1', ['100.64.200.1/30'])
        w.sh(self.space, 'ip route add 100.64.0.0/10 via 203.0.114.254')
        w.spawn(self.device, 'wireguard-go', '-f', self.tun, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(f'/var/run/wireguard/{self.tun}.sock'), what='wireguard-go')
        w.sh(self.device, f'wg setconf {self.tun} /dev/stdin; ip route add 203.0.114.0/24 via 100.64.200.1; ip addr add 10.99.0.2/32 dev {self.tun};'
                          f'ip link set {self.tun} mtu 1420 up; ip route add default dev {self.tun} src 10.99.0.2',
             stdin=f'[Interface]\nPrivateKey = {theirs}\n[Peer]\nPublicKey = {tool("wg", "pubkey", stdin=mine)}\nEndpoint = 203.0.114.1:51820\nAllowedIPs = 0.0.0.0/0\n')

    def sh(self, command, **kw):
        return self.w.sh(self.device, command, **kw)


class Bare:
    """The same tunnels, namespaces and cable with none of our rules: one masquerading each at the outer wire and at the tunnel. The agent is stopped meanwhile, or it would mend that."""

    def __init__(self, w):
        self.w, self.agent, self.inside = w, w.agent_pid(), ('nsenter', f'--net={w.pic.dir}/run/exit/1/ns', 'sh', '-ec')
        self.saved = w.sh(w.cellns, 'nft -s list table inet pic'), tool(*self.inside, 'nft -s list table inet exit')
        self.masquerade = 'nft add table ip n; nft "add chain ip n p { type nat hook postrouting priority 100; }"; nft add rule ip n p oifname %s masquerade'

    def __enter__(self):
        self.w.sh(self.w.cellns, f'nft delete table inet pic; ip rule add pref 50 iif {self.w.dev} lookup 1001; {self.masquerade % "wan0"}; conntrack -F 2>/dev/null')
        tool(*self.inside, f'nft delete table inet exit; ip route add 10.20.0.0/16 via 169.254.96.5 dev cell0; {self.masquerade % "tun0"}; conntrack -F 2>/dev/null')

    def __exit__(self, *unused):
        self.w.sh(self.w.cellns, 'nft delete table ip n; ip rule del pref 50; nft -f -; conntrack -F 2>/dev/null', stdin=self.saved[0])
        tool(*self.inside, 'nft delete table ip n; ip route del 10.20.0.0/16; nft -f -; conntrack -F 2>/dev/null', stdin=self.saved[1])


def takes_turns(f, w, anna, hand, bare, what, unit, one, rounds):
    """Each round: ours, the same without our rules, by hand; a ratio is the median of those of neighbours in time."""
    ours, without, theirs = [], [], []
    for _ in range(rounds):
        ours.append(one(w, anna, 2))
        with bare:
            without.append(one(w, anna, 2))
        theirs.append(one(w, hand, 2))
    for other, name, goal in ((without, 'the same tunnels and namespaces, no rule of ours', '>= 0.97x'), (theirs, 'by hand: two tunnels in one namespace', '')):
        f.add(what, statistics.median(ours), unit, statistics.median(other), name, goal, statistics.median(a / b for a, b in zip(ours, other)))


def throughput(f, w, far):
    (w.tmp / 'exit.conf').write_text(far.profile(0))
    w.pic('connection', 'import', w.tmp / 'exit.conf', 'x0')
    w.start()
    anna = w.peer('anna', '--access', 'internet', '--exit', 'x0')
    hand = ByHand(w, far, far.keys[EXITS])
    wait_for(lambda: 'up' in [c['status']['state'] for c in w.pic.json('connection', 'list')], 30, 'the exit')
    bare = Bare(w)
    os.kill(bare.agent, signal.SIGSTOP)
    try:
        takes_turns(f, w, anna, hand, bare, 'one TCP stream through a marked exit', 'Mbit/s', stream, 9)
        takes_turns(f, w, anna, hand, bare, 'UDP packets of 100 bytes that arrive', '1/s', datagrams, 3)
    finally:
        os.kill(bare.agent, signal.SIGCONT)


def main(out):
    f = Figures('Ways out')
    for what in (throughput, moves):
        with tempfile.TemporaryDirectory(prefix='pic-bench-') as base, World(base) as w:
            w.scene()
            what(f, w, Far(w, EXITS + 1))
    f.done(out)


main(sys.argv[1])
