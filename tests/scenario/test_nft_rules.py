"""What table `inet pic` means to packets, without WireGuard and without the agent: the text that the backend writes (golden/nft), a veth
that is called pic0, two devices behind it, a lan, an internet. Every probe in both families."""
import concurrent.futures
import pathlib
import subprocess

import pytest
from conftest import needs_root
from world import World

pytestmark = needs_root
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / 'golden/nft'
A, B, C = ('10.1.0.2', 'fd12::2'), ('10.1.0.3', 'fd12::3'), ('192.168.9.5', 'fd34::5')   # C is behind A
CELL, NAS, LAN2, HOST = ('10.1.0.1', 'fd12::1'), ('192.168.77.10', 'fd77::10'), ('192.168.77.11', 'fd77::11'), ('192.168.77.1', 'fd77::1')
WEB = ('198.51.100.10', '2001:db8:51::10')
PORTS = [53, 80, 443, 123, 445, 446, 8080]
CLASS_A, CLASS_B = '0x00230000', '0x00240000'


def table():
    """The golden table without its sample elements."""
    lines, skip = [], False
    for line in (GOLDEN / 'table.nft').read_text().splitlines():
        if 'elements = {' in line:
            line, skip = line.split('; elements')[0], True
        elif skip:
            skip = not line.rstrip().endswith('}')
            continue
        lines.append(line)
    return '\n'.join(lines) + '\n'


class Rules(World):
    def build(self):
        self.cellns, self.hub, self.lan, self.inet = [self.space(n) for n in ('cell', 'hub', 'lan', 'inet')]
        self.a, self.b = self.space('a'), self.space('b')
        self.wire(self.cellns, 'pic0', ['10.1.0.1/16', 'fd12::1/48'], self.hub, 'tun', [])
        self.wire(self.cellns, 'lan0', ['192.168.77.1/24', 'fd77::1/64'], self.lan, 'eth0', ['192.168.77.10/24', 'fd77::10/64'])
        self.sh(self.lan, 'ip addr add 192.168.77.11/24 dev eth0; ip addr add fd77::11/64 dev eth0 nodad')
        self.wire(self.cellns, 'wan0', ['203.0.113.1/24', '2001:db8:1::1/64'], self.inet, 'eth0', ['203.0.113.254/24', '2001:db8:1::fe/64'])
        self.sh(self.inet, 'ip addr add 198.51.100.10/32 dev lo; ip addr add 2001:db8:51::10/128 dev lo nodad')
        self.sh(self.cellns, 'ip route add default via 203.0.113.254; ip -6 route add default via 2001:db8:1::fe;'
                             'ip route add 192.168.9.0/24 dev pic0; ip -6 route add fd34::/64 dev pic0')
        # as with a tunnel device: no ARP and no neighbour discovery, whatever is sent arrives
        for space, name in ((self.cellns, 'pic0'), (self.hub, 'tun')):
            self.sh(space, f'ip link set {name} address 02:00:00:00:00:77 arp off')
        # the hub stands for WireGuard: what comes from a device goes to the cell, what comes from the cell to the device
        for n, (space, name, more) in enumerate(((self.a, 'deva', [A, C]), (self.b, 'devb', [B]))):
            self.wire(self.hub, name, [f'100.64.{n}.1/30', f'fd99:{n}::1/64'], space, 'eth0', [f'100.64.{n}.2/30', f'fd99:{n}::2/64'])
            for v4, v6 in more:
                self.sh(space, f'ip addr add {v4}/32 dev lo; ip addr add {v6}/128 dev lo nodad')
                self.sh(self.hub, f'ip route add {v4} via 100.64.{n}.2; ip -6 route add {v6} via fd99:{n}::2')
            self.sh(self.hub, f'ip rule add iif {name} lookup 100; ip -6 rule add iif {name} lookup 100')
            self.sh(space, f'ip route add default via 100.64.{n}.1 src {more[0][0]}; ip -6 route add default via fd99:{n}::1 src {more[0][1]}')
        self.sh(self.hub, 'ip route add default dev tun table 100; ip -6 route add default dev tun table 100')
        for space in (self.cellns, self.hub):
            self.sh(space, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0;'
                           'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done')
        self.logs = {n: self.serve(s, PORTS, n) for n, s in (('lan', self.lan), ('inet', self.inet), ('b', self.b))}
        self.logs['cell'] = self.serve(self.cellns, PORTS + [5300], 'cell')
        return self

    def nft(self, text, check=True):
        return self.sh(self.cellns, 'nft -f -', stdin=text, check=check)

    def fresh(self, *elements):
        """The table anew with elements "set key…", devices A (with C behind it) and B known, no flow left."""
        known = [f'peers4 {A[0]} : {CLASS_A}', f'peers6 {A[1]} : {CLASS_A}', f'peers4 {B[0]} : {CLASS_B}', f'peers6 {B[1]} : {CLASS_B}',
                 f'subnets4 ipv4 . 192.168.9.0/24 : {CLASS_A}', f'subnets6 ipv6 . fd34::/64 : {CLASS_A}']
        adds = ''.join('add element inet pic {} {{ {} }}\n'.format(*e.split(' ', 1)) for e in known + list(elements))
        self.nft(table() + adds)
        subprocess.run(['ip', 'netns', 'exec', self.cellns, 'conntrack', '-F'], capture_output=True)

    def both(self, space, proto, target, port=0, source=(None, None)):
        """Answers (IPv4, IPv6)."""
        return tuple(self.probe(space, [(proto, target[i], port, source[i]) for i in (0, 1)], timeout=0.5))

    def passes(self, space, tries, source=(None, None)):
        """The tries of [(target, proto, port)] that are answered in both families; one family alone is an error."""
        probes = [(p, t[i], n, source[i]) for t, p, n in tries for i in (0, 1)]
        got = self.probe(space, probes, timeout=0.6)
        for i, one in enumerate(tries):
            assert got[2 * i] == got[2 * i + 1], f'{one}: IPv4 {got[2 * i]}, IPv6 {got[2 * i + 1]}'
        return {one for i, one in enumerate(tries) if got[2 * i]}


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Rules(tmp_path_factory.mktemp('rules')) as world:
        yield world.build()


def grant(form, target, rest=''):
    return [f'{form}{v} {CLASS_A} . {target[i]}{rest}' for i, v in enumerate((4, 6))]


TRIED = [(t, p, n) for t in (NAS, LAN2, WEB, B, HOST) for p, n in (('tcp', 445), ('tcp', 446), ('udp', 445), ('icmp', 0))]


def of(target, *only):
    return {(t, p, n) for t, p, n in TRIED if t == target and (not only or (p, n) in only)}


ICMP = ('1', '58')
RIGHTS = {
    'none': ([], set()),
    'reach': (grant('reach', B), of(B)),
    'tcp 445': (grant('grants', NAS, ' . tcp . 445'), of(NAS, ('tcp', 445))),
    'udp 445': (grant('grants', NAS, ' . udp . 445'), of(NAS, ('udp', 445))),
    'ports': (grant('grants', NAS, ' . tcp . 400-446'), of(NAS, ('tcp', 445), ('tcp', 446))),
    'any protocol': (grant('grants', NAS, ' . 0-255 . 0-65535'), of(NAS)),
    'icmp': ([f'grants{v} {CLASS_A} . {NAS[i]} . {ICMP[i]} . 0-65535' for i, v in enumerate((4, 6))], of(NAS, ('icmp', 0))),
    'prefix': ([f'grants4 {CLASS_A} . 192.168.77.0/24 . 0-255 . 0-65535', f'grants6 {CLASS_A} . fd77::/64 . 0-255 . 0-65535'],
               of(NAS) | of(LAN2) | of(HOST)),
    'host port': (grant('grants', HOST, ' . tcp . 446'), of(HOST, ('tcp', 446))),
    # never the host, never another device, however wide
    'wide': ([f'wide4 {CLASS_A} . 0.0.0.0-255.255.255.255', f'wide6 {CLASS_A} . ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
             of(NAS) | of(LAN2) | of(WEB)),
    'wide web': ([f'wide4 {CLASS_A} . 198.51.0.0-198.52.255.255', f'wide6 {CLASS_A} . 2001:db8::-2001:db8:ffff::'], of(WEB)),
    'of another class': ([e.replace(CLASS_A, CLASS_B) for e in grant('grants', NAS, ' . 0-255 . 0-65535')], set()),
}


@pytest.mark.parametrize('name', RIGHTS)
def test_rights(w, name):
    elements, want = RIGHTS[name]
    w.fresh(*elements)
    with concurrent.futures.ThreadPoolExecutor() as side_by_side:
        own = side_by_side.submit(w.passes, w.a, TRIED)
        behind = side_by_side.submit(w.passes, w.a, TRIED, source=C)        # what is behind a device has its rights
        other = side_by_side.submit(w.passes, w.b, [t for t in TRIED if t[0] != B])
    assert own.result() == want
    assert behind.result() == want
    assert other.result() == (of(NAS) if name == 'of another class' else set())


def test_the_cell_itself(w):
    w.fresh()
    tried = [(CELL, p, n) for p in ('tcp', 'udp') for n in PORTS] + [(CELL, 'icmp', 0)]
    always = {(CELL, 'tcp', 53), (CELL, 'udp', 53), (CELL, 'udp', 123), (CELL, 'tcp', 80), (CELL, 'tcp', 443), (CELL, 'icmp', 0)}
    assert w.passes(w.a, tried) == always
    w.fresh(f'wide4 {CLASS_A} . 0.0.0.0-255.255.255.255', f'wide6 {CLASS_A} . ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')
    assert w.passes(w.a, tried) == always
    w.fresh(*grant('grants', CELL, ' . tcp . 8080'))
    assert w.passes(w.a, tried) == always | {(CELL, 'tcp', 8080)}
    # the cell reaches its devices
    assert w.both(w.cellns, 'tcp', B, 445) == (True, True)
    assert w.both(w.cellns, 'icmp', B) == (True, True)


def test_weak_host(w):
    """The tunnel's addresses do not answer on other links; the host's others do as before."""
    w.fresh()
    w.sh(w.lan, 'ip route replace 10.1.0.0/16 via 192.168.77.1; ip -6 route replace fd12::/48 via fd77::1')
    assert w.passes(w.lan, [(CELL, 'tcp', 53), (CELL, 'udp', 53), (CELL, 'icmp', 0), (B, 'tcp', 445), (B, 'icmp', 0)]) == set()
    assert w.both(w.lan, 'tcp', HOST, 8080) == (True, True)
    assert w.both(w.cellns, 'tcp', CELL, 8080) == (True, True)      # over lo


def logged(w, name, port):
    return [line for line in w.logs[name].read_text().splitlines() if line.split()[:2] == ['udp', str(port)]]


def test_spoofed_sources(w):
    """What cannot get an answer is looked for at its destination."""
    w.fresh(*grant('grants', NAS, ' . 0-255 . 0-65535'))
    before = len(logged(w, 'lan', 446)), len(logged(w, 'cell', 53) + logged(w, 'cell', 5300))
    unknown = ('10.1.77.7', 'fd12::7777')
    outside = ('192.168.77.77', 'fd77::77')
    for source in (unknown, outside, HOST, CELL):
        w.both(w.a, 'udp', NAS, 446, source)
        w.both(w.a, 'udp', CELL, 53, source)
    w.both(w.b, 'udp', NAS, 446)                        # B's own address has no right; nor does B get A's by asking
    assert (len(logged(w, 'lan', 446)), len(logged(w, 'cell', 53) + logged(w, 'cell', 5300))) == before
    # from outside with a device's address
    w.sh(w.lan, 'ip route replace 198.51.100.0/24 via 192.168.77.1; ip -6 route replace 2001:db8:51::/64 via fd77::1')
    before = len(logged(w, 'inet', 445)), len(logged(w, 'cell', 446))
    w.both(w.lan, 'udp', WEB, 445, A)
    w.both(w.lan, 'udp', HOST, 446, A)
    assert (len(logged(w, 'inet', 445)), len(logged(w, 'cell', 446))) == before
    # and with its own address it is nobody's business: it arrives
    w.both(w.lan, 'udp', WEB, 445)
    w.both(w.lan, 'udp', HOST, 446)
    assert (len(logged(w, 'inet', 445)), len(logged(w, 'cell', 446))) == (before[0] + 2, before[1] + 2)


def test_masquerade(w):
    """The lan sees the cell's address for devices and for what is behind them, and devices see each other's own."""
    w.fresh(*grant('grants', NAS, ' . 0-255 . 0-65535'), *grant('reach', B))
    for source in (A, C):
        assert w.both(w.a, 'udp', NAS, 8080, source) == (True, True)
        assert {line.split()[2] for line in logged(w, 'lan', 8080)[-2:]} == set(HOST)
        assert w.both(w.a, 'udp', B, 8080, source) == (True, True)
        assert {line.split()[2] for line in logged(w, 'b', 8080)[-2:]} == set(source)


def test_answers_only(w):
    """A right to reach is no right to be reached."""
    w.fresh(*grant('reach', B))
    assert w.passes(w.a, [(B, 'tcp', 445)]) == {(B, 'tcp', 445)}
    assert w.both(w.b, 'icmp', A) == (False, False)
    w.sh(w.lan, 'ip route replace 10.1.0.0/16 via 192.168.77.1; ip -6 route replace fd12::/48 via fd77::1')
    assert w.both(w.lan, 'icmp', A) == (False, False)


def test_large_datagrams_in_fragments(w):
    """Later fragments have no ports: they are judged with their first."""
    w.fresh(*grant('grants', NAS, ' . udp . 445'))
    send = 'import socket,sys; s=socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1);'\
           's.sendto(b"x"*6000, (sys.argv[1], int(sys.argv[2]))); print(len(s.recv(9000)))'
    for address in NAS:
        run = f"/usr/bin/python3 -c '{send}' {address}"
        assert w.sh(w.a, f'{run} 445').strip() == '2048'    # the server reads and answers so much
        assert w.sh(w.a, f'{run} 446', check=False).returncode != 0


def test_path_mtu(w):
    """SYNs through pic0 are clamped to what fits it, in both directions; the cell's "too big" comes through."""
    w.fresh(*grant('grants', NAS, ' . 0-255 . 0-65535'))
    w.sh(w.cellns, 'ip link set pic0 mtu 1300')
    try:
        for proto, address in (('ip', NAS[0]), ('ip6', NAS[1])):
            capture = w.capture(w.lan, 'eth0', f'{proto} and tcp port 445')
            assert w.probe(w.a, [('tcp', address, 445)]) == [True]
            lines = [line for line in capture.stop() if 'mss' in line]
            assert f'mss {1300 - (40 if proto == "ip" else 60)},' in lines[0], lines    # the SYN as the lan sees it
        capture = w.capture(w.a, 'eth0', 'tcp port 445 and tcp[tcpflags] & tcp-syn != 0')
        assert w.probe(w.a, [('tcp', NAS[0], 445)]) == [True]
        assert 'mss 1260,' in capture.stop()[1]             # the SYN-ACK as the device sees it
    finally:
        w.sh(w.cellns, 'ip link set pic0 mtu 1500')


def test_a_right_taken_back(w):
    """The device's own packets stop with the rule, at once; nothing new in either direction."""
    w.fresh(*grant('grants', NAS, ' . 0-255 . 0-65535'), *grant('reach', B))
    talk = ('import socket,sys,time; s=socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.3);'
            's.connect((sys.argv[1], 445)); s.send(b"1"); s.recv(9); print("up", flush=True); sys.stdin.readline(); s.send(b"2")\n'
            'try: s.recv(9); print("answered")\nexcept OSError: print("silent")')
    children = [w.spawn(w.a, '/usr/bin/python3', '-c', talk, address, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                for address in NAS + B]
    for child in children:
        assert child.stdout.readline() == 'up\n'
    w.nft(''.join(f'delete element inet pic grants{v} {{ {CLASS_A} . {NAS[i]} . 0-255 . 0-65535 }}\n'
                  f'delete element inet pic reach{v} {{ {CLASS_A} . {B[i]} }}\n' for i, v in enumerate((4, 6))))
    for child in children:
        assert child.communicate('go\n', timeout=5)[0] == 'silent\n'


def test_flow_marks(w):
    w.fresh(*grant('grants', NAS, ' . 0-255 . 0-65535'))
    if subprocess.run(['sh', '-c', 'command -v conntrack'], capture_output=True).returncode != 0:
        pytest.skip('no conntrack program')
    assert w.both(w.a, 'udp', NAS, 445) == (True, True)
    assert w.both(w.a, 'udp', NAS, 445, C) == (True, True)
    for family in ('ipv4', 'ipv6'):
        lines = [line for line in w.sh(w.cellns, f'conntrack -L -f {family} 2>/dev/null').splitlines() if 'dport=445' in line]
        assert len(lines) == 2 and all(f'mark={0x230000}' in line for line in lines), lines


def test_block(w):
    """What stands there before the agent runs: nothing to or from the device and the cell's networks; the host's other traffic as ever."""
    w.fresh(*grant('grants', NAS, ' . 0-255 . 0-65535'), *grant('reach', B))
    assert w.both(w.a, 'udp', NAS, 445) == (True, True)
    w.nft((GOLDEN / 'block.nft').read_text())
    assert w.passes(w.a, TRIED + [(CELL, 'udp', 53), (CELL, 'icmp', 0)]) == set()
    assert w.passes(w.lan, [(CELL, 'udp', 53), (B, 'tcp', 445)]) == set()
    assert w.both(w.cellns, 'icmp', B) == (False, False)
    assert w.both(w.lan, 'tcp', HOST, 8080) == (True, True)
    assert w.both(w.cellns, 'tcp', NAS, 445) == (True, True)
    assert w.both(w.cellns, 'tcp', CELL, 8080) == (True, True)
