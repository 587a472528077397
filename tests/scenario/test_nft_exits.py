"""What table `inet pic` means to packets of devices with an exit, and to what is inside an exit's namespace: the golden text, veths called
picx1 and picx2 made by hand, routes as backend/route makes them. Every probe in both families; the outer wire is listened to all the time."""
import json
import re
import struct
import subprocess
import time

import pytest
from conftest import needs_root
from test_nft_rules import A, B, C, CELL, CLASS_A, GOLDEN, HOST, LAN2, NAS, PORTS, WEB, Rules, grant, table
from world import HERE, PYTHON

pytestmark = needs_root
EXIT_A, OPEN_A = '0x00231010', '0x00231011'         # class 23, exit 1; and with failopen
EXIT_2 = '0x00231020'
LINK1, LINK2 = ('169.254.96.5', 'fd70:6963:78::1:1'), ('169.254.96.9', 'fd70:6963:78::2:1')     # the cell's ends
END1, END2 = ('169.254.96.6', 'fd70:6963:78::1:2'), ('169.254.96.10', 'fd70:6963:78::2:2')      # the exits'
FAR = ('203.0.113.7', '2001:db8:1::7')              # the far end of exit 1's carrier
OUTER = ('203.0.113.1', '2001:db8:1::1')
ALL = ['wide4 0x00230000 . 0.0.0.0-255.255.255.255', 'wide6 0x00230000 . ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
       'wide4 0x00240000 . 0.0.0.0-255.255.255.255', 'wide6 0x00240000 . ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']
LOCAL = ['local4 ipv4 . 10.1.0.0-10.1.255.255', 'local4 ipv4 . 192.168.0.0-192.168.255.255', 'local4 ipv4 . 169.254.0.0-169.254.255.255',
         'local6 ipv6 . fd12::-fd12::ffff:ffff', 'local6 ipv6 . fd34::-fd34::ffff', 'local6 ipv6 . fd77::-fd77::ffff']
WAYS = ['ways 0x00001010 . "picx1"', 'ways 0x00001020 . "picx2"']
RESOLVERS = [f'resolvers4 0x000010{n}0 : {e[0]} . 53' for n, e in ((1, END1), (2, END2))] + \
            [f'resolvers6 0x000010{n}0 : {e[1]} . 53' for n, e in ((1, END1), (2, END2))]
SPACES = ['spaces "picx1" : 0x00002010', 'spaces "picx2" : 0x00002020']
CARRIERS = [f'carriers4 0x00002010 . {FAR[0]} . udp . 445', f'carriers6 0x00002010 . {FAR[1]} . udp . 445',
            f'carriers4 0x00002010 . {FAR[0]} . tcp . 8080', f'carriers6 0x00002010 . {FAR[1]} . tcp . 8080']
EXITS = LOCAL + WAYS + RESOLVERS + SPACES + CARRIERS
TOKEN = [(t, p, n) for t in (WEB, ) for p, n in (('tcp', 445), ('udp', 445), ('tcp', 443), ('udp', 123), ('icmp', 0))]


class Exits(Rules):
    def build(self):
        super().build()
        self.x1, self.x2 = self.space('x1'), self.space('x2')
        for n, (space, cell, end) in enumerate(((self.x1, LINK1, END1), (self.x2, LINK2, END2)), 1):
            self.wire(self.cellns, f'picx{n}', [f'{cell[0]}/30', f'{cell[1]}/112'], space, 'cell0', [f'{end[0]}/30', f'{end[1]}/112'])
            # the whole internet is inside
            self.sh(space, 'ip addr add 198.51.100.10/32 dev lo; ip addr add 2001:db8:51::10/128 dev lo nodad;'
                           f'ip route add default via {cell[0]}; ip -6 route add default via {cell[1]}')
            self.logs[f'x{n}'] = self.serve(space, PORTS + [853], f'x{n}')
        self.sh(self.inet, f'ip addr add {FAR[0]}/24 dev eth0; ip addr add {FAR[1]}/64 dev eth0 nodad')
        self.logs['names'] = self.serve(self.cellns, [5301, 853], 'names')
        for name, space in (('lan', self.lan), ('inet', self.inet), ('b', self.b)):
            self.serve(space, [853], f'{name}853')
        # strict where it may be (plan/derive_exit.c)
        self.sh(self.cellns, 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 2 > $f; done; echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter;'
                             'for d in wan0 lan0; do echo 1 > /proc/sys/net/ipv4/conf/$d/rp_filter; done;'
                             'sysctl -qw net.ipv4.conf.all.src_valid_mark=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0')
        self.route()
        return self

    def route(self):
        """As backend/route does."""
        self.sh(self.cellns, 'ip rule add pref 4000 fwmark 0x1000/0xf000 to 10.1.0.0/16 table main')
        for v in ('-4', '-6'):
            self.sh(self.cellns, f'''ip {v} rule add pref 3997 fwmark 0/0x1002 goto 4300
                                     ip {v} rule add pref 3998 fwmark 0x2/0x2 table main suppress_prefixlength 0
                                     ip {v} rule add pref 3999 fwmark 0x2/0x2 unreachable
                                     ip {v} rule add pref 4299 iif pic0 fwmark 0x1000/0xf000 unreachable
                                     ip {v} rule add pref 4300 iif pic0 fwmark 0/0xffff0000 unreachable''')
            for n, end in ((1, END1), (2, END2)):
                via = end[v == '-6']
                self.sh(self.cellns, f'''ip {v} rule add pref {4000 + n} fwmark {0x1000 + 16 * n:#x}/0x1ff0 table {1000 + n}
                                         ip {v} route add unreachable default metric 4278198272 table {1000 + n}
                                         ip {v} route add default via {via} dev picx{n} table {1000 + n}''')

    def unroute(self):
        """Somebody flushes policy routing by hand."""
        for v in ('-4', '-6'):
            self.sh(self.cellns, f'''for n in 3997 3998 3999 4000 4001 4002 4299 4300; do ip {v} rule del pref $n || :; done
                                     ip {v} route flush table 1001; ip {v} route flush table 1002''')

    def exits(self, mark, *more, but=(), mark_b='0x00240000'):
        """The table anew: A (and what is behind it) with this mark, everything about exits except the sets in `but`."""
        known = [f'peers4 {A[0]} : {mark}', f'peers6 {A[1]} : {mark}', f'peers4 {B[0]} : {mark_b}', f'peers6 {B[1]} : {mark_b}',
                 f'subnets4 ipv4 . 192.168.9.0/24 : {mark}', f'subnets6 ipv6 . fd34::/64 : {mark}']
        kept = [e for e in EXITS if not e.startswith(tuple(but))]
        self.nft(table() + ''.join('add element inet pic {} {{ {} }}\n'.format(*e.split(' ', 1)) for e in known + ALL + kept + list(more)))
        self.sh(self.cellns, 'conntrack -F', check=False)

    def count(self):
        return {name: len(log.read_text().splitlines()) for name, log in self.logs.items()}

    def who(self, before):
        """Who was asked since."""
        return {name for name, n in self.count().items() if n > before[name]}

    def hear(self, space, device):
        child = self.spawn(space, PYTHON, HERE / 'ears.py', device, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == 'ready\n'
        return child

    def heard(self, child, linger=0.3):
        time.sleep(linger)
        return json.loads(child.communicate(timeout=10)[0])

    def hears(self, work, linger=0.3):
        """The lines that the outer wire carries meanwhile, and what `work` answers."""
        ears = self.hear(self.inet, 'eth0')
        answer = work()
        return self.heard(ears, linger)['packets'], answer


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Exits(tmp_path_factory.mktemp('exits')) as world:
        yield world.build()


def change(v, name, old, new):
    return f'delete element inet pic {name}{v} {{ {old} }}\nadd element inet pic {name}{v} {{ {new} }}\n'


def set_mark(w, mark):
    """A device's exit changes, as one transaction. Nobody ends its flows: that is flows.c's."""
    w.nft(change(4, 'peers', A[0], f'{A[0]} : {mark}') + change(6, 'peers', A[1], f'{A[1]} : {mark}'))


def test_by_its_exit(w):
    """Everything of a device, and of what is behind it, leaves by its exit; another device's as before."""
    w.exits(EXIT_A)
    for source in ((None, None), C):
        before = w.count()
        packets, passed = w.hears(lambda: w.passes(w.a, TOKEN, source=source))
        assert passed == set(TOKEN) and packets == []
        assert w.who(before) == {'x1'}
    assert {line.split()[2] for line in w.logs['x1'].read_text().splitlines()} == set(LINK1)     # the namespace knows no device
    before = w.count()
    assert w.passes(w.b, TOKEN) == set(TOKEN) and w.who(before) == {'inet'}
    w.exits(EXIT_2, mark_b='0x00241010')
    before = w.count()
    assert w.passes(w.a, TOKEN) == set(TOKEN) and w.who(before) == {'x2'}
    before = w.count()
    assert w.passes(w.b, TOKEN) == set(TOKEN) and w.who(before) == {'x1'}


def test_a_group_leads_where_its_member_is(w):
    w.exits('0x00231030', 'ways 0x00001030 . "picx2"', 'resolvers4 0x00001030 : 169.254.96.10 . 53')
    for v, end in (('-4', END2[0]), ('-6', END2[1])):
        w.sh(w.cellns, f'ip {v} rule add pref 4003 fwmark 0x1030/0x1ff0 table 1003; ip {v} route add default via {end} dev picx2 table 1003')
    try:
        before = w.count()
        assert w.passes(w.a, TOKEN) == set(TOKEN) and w.who(before) == {'x2'}
        assert w.both(w.a, 'udp', CELL, 53) == (True, False)         # there is no resolver for IPv6: nobody is asked
        assert w.who(before) == {'x2'}
    finally:
        for v in ('-4', '-6'):
            w.sh(w.cellns, f'ip {v} rule del pref 4003; ip {v} route flush table 1003')


def test_near(w):
    """What is near stays near, by the rights there are, and answers come back."""
    w.exits(EXIT_A, *grant('reach', B))
    near = [(t, p, n) for t in (NAS, LAN2, B) for p, n in (('tcp', 445), ('udp', 446), ('icmp', 0))] + \
           [(CELL, p, n) for p, n in (('tcp', 80), ('udp', 123), ('icmp', 0))]
    before = w.count()
    packets, passed = w.hears(lambda: w.passes(w.a, near))
    assert passed == set(near) and packets == []
    assert w.who(before) == {'lan', 'b', 'cell'}
    assert w.passes(w.a, [(NAS, 'tcp', 445), (B, 'udp', 446)], source=C) == {(NAS, 'tcp', 445), (B, 'udp', 446)}
    assert w.both(w.cellns, 'tcp', A, 445) == (False, False)            # nobody listens; but
    assert w.both(w.cellns, 'icmp', A) == (True, True)
    w.exits('0x00230000', *grant('reach', B), *[e.replace(CLASS_A, '0x00240000') for e in grant('reach', A)], mark_b='0x00241010')
    assert w.both(w.a, 'tcp', B, 445) == (True, True)                   # of one with an exit
    code = ('import socket,sys\nfor h in sys.argv[1:]:\n s=socket.socket(10 if ":" in h else 2,2); s.bind(("",53)); s.settimeout(.5); s.connect((h,445)); '
            's.send(b"x")\n try: print(len(s.recv(9)))\n except OSError: pass')
    assert w.sh(w.a, f"{PYTHON} -c '{code}' {' '.join(B)}").split() == ['1', '1']       # to port 53, but no question


def test_by_right(w):
    """An exit is no right: what a device may not without one it may not with one; nor does it reach the resolver by other ports."""
    w.exits(EXIT_A)
    ears = w.hear(w.x1, 'cell0')
    w.passes(w.a, [(t, p, n) for t in (END1, END2, LINK2) for p, n in (('tcp', 445), ('udp', 446), ('icmp', 0))])
    assert w.heard(ears)['packets'] == []
    w.exits(EXIT_A, but=['local'])
    w.nft('flush set inet pic wide4\nflush set inet pic wide6\n')
    ears = w.hear(w.x1, 'cell0')
    packets, passed = w.hears(lambda: w.passes(w.a, TOKEN + [(CELL, 'udp', 53)]))
    assert passed == {(CELL, 'udp', 53)} and packets == []
    assert {line.split()[3] for line in w.heard(ears)['packets'] if line.split()[1] in LINK1} == {'53'}


def test_near_and_gone(w):
    """The lan's cable is out: what is for it does not follow the default route."""
    w.exits(EXIT_A)
    w.sh(w.cellns, 'ip link set lan0 down')
    try:
        packets, passed = w.hears(lambda: w.passes(w.a, [(NAS, 'udp', 445), (NAS, 'tcp', 445), (NAS, 'icmp', 0)]))
        assert passed == set() and packets == []
    finally:
        w.sh(w.cellns, 'ip link set lan0 up; ip addr replace fd77::1/64 dev lan0 nodad')
    assert w.both(w.a, 'udp', NAS, 445) == (True, True)


NAMES = [(t, p, 53) for t in (CELL, WEB, NAS, B, HOST) for p in ('udp', 'tcp')]


def test_names(w):
    """Whoever is asked for a name: it is the exit's resolver, or nobody."""
    w.exits(EXIT_A, *grant('reach', B))
    before = w.count()
    packets, passed = w.hears(lambda: w.passes(w.a, NAMES))
    assert passed == set(NAMES) and packets == []
    assert w.who(before) == {'x1'}
    # no resolver, or none that answers any more
    w.exits(EXIT_A, *grant('reach', B), but=['resolvers'])
    before = w.count()
    packets, passed = w.hears(lambda: w.passes(w.a, NAMES))
    assert passed == set() and packets == [] and w.who(before) == set()
    # closed: the cell's own names
    w.exits(EXIT_A, *grant('reach', B), 'resolvers4 0x00001010 : 10.1.0.1 . 5301', 'resolvers6 0x00001010 : fd12::1 . 5301', but=['resolvers'])
    before = w.count()
    packets, passed = w.hears(lambda: w.passes(w.a, NAMES))
    assert passed == set(NAMES) and packets == [] and w.who(before) == {'names'}
    assert w.passes(w.a, [(CELL, 'udp', 5301), (CELL, 'tcp', 5301)]) == set()       # not but by steering
    # a device without an exit asks whom it likes
    before = w.count()
    assert w.passes(w.b, [(CELL, 'udp', 53), (WEB, 'udp', 53)]) == {(CELL, 'udp', 53), (WEB, 'udp', 53)}
    assert w.who(before) == {'cell', 'inet'}


def test_all_names(w):
    """Where the cell's resolver knows the internet: devices that go directly are led there, and there is no other way; whoever has an exit is not, with every right to the cell,
    whatever it did before."""
    full = [(CELL, p, 5300) for p in ('udp', 'tcp')]
    ask = 'import socket,sys\nfor h in sys.argv[1:]:\n s=socket.socket(10 if ":" in h else 2,2); s.bind(("",5353)); s.settimeout(.5); s.connect((h,53)); s.send(b"x")\n try: s.recv(9); print(h)\n except OSError: pass'
    same = lambda: set(w.sh(w.a, f"{PYTHON} -c '{ask}' {' '.join(CELL)}").split())  # noqa: E731
    rights = grant('reach', CELL)
    w.exits('0x00230000', *rights)
    w.sh(w.cellns, 'conntrack -F 2>/dev/null')
    before = w.count()
    assert w.passes(w.a, NAMES[:2]) == set(NAMES[:2]) and w.who(before) == {'cell'}
    assert same() == set(CELL)
    flows = w.sh(w.cellns, 'conntrack -L 2>/dev/null; conntrack -L -f ipv6 2>/dev/null')
    assert 'dport=53 ' in flows and 'sport=5300 ' in flows and 'sport=53 ' not in flows
    assert w.passes(w.a, full) == set()
    w.exits(EXIT_A, *rights, but=['resolvers'])
    before = w.count()
    assert same() == set() and w.passes(w.a, full + NAMES[:2]) == set()  # a flow that was led there does not go on
    assert w.who(before) == set()


def refused(w, space, targets, port):
    """Those of the addresses where a TCP connection is refused, at the latest after the second SYN: over these wires an answer may come while the
    socket is still busy with sending, and then the kernel only notes it."""
    code = ('import socket,sys,time\nfor h in sys.argv[2:]:\n t=time.monotonic()\n try: socket.create_connection((h,int(sys.argv[1])),3)\n'
            ' except OSError: print(h if time.monotonic()-t<2 else "")')
    return set(w.sh(space, f"{PYTHON} -c '{code}' {port} {' '.join(targets)}").split())


def test_names_by_tls(w):
    """Port 853 is refused, so that who tries it asks by 53."""
    w.exits(EXIT_A, *grant('reach', B))
    targets = [*CELL, *WEB, *NAS, *HOST]
    before = w.count()
    packets, got = w.hears(lambda: refused(w, w.a, targets, 853))
    assert got == set(targets) and packets == [] and w.who(before) == set()
    code = ('import socket,sys\nfor h in sys.argv[1:]:\n s=socket.socket(10 if ":" in h else 2,2); s.settimeout(.5); s.connect((h,853)); s.send(b"x")\n'
            ' try: s.recv(9)\n except TimeoutError: pass\n except OSError: print(h)')
    assert set(w.sh(w.a, f"{PYTHON} -c '{code}' {' '.join(targets)}").split()) == set(targets)
    assert w.both(w.b, 'tcp', WEB, 853) == (True, True)


def test_names_that_nobody_tracks(w):
    """What is not tracked is not steered: then it is not answered."""
    w.exits(EXIT_A)
    w.nft('table inet raw { chain c { type filter hook prerouting priority raw; udp dport 53 notrack\n}\n}\n')
    try:
        before = w.count()
        packets, passed = w.hears(lambda: w.passes(w.a, [(t, 'udp', 53) for t in (CELL, WEB, NAS)]))
        assert passed == set() and packets == [] and w.who(before) == set()
    finally:
        w.nft('delete table inet raw\n')


def test_others_meddle(w):
    """Another table takes the exit's mark away, or translates what is near to what is not."""
    w.exits(EXIT_A)
    w.nft('table inet other { chain c { type filter hook prerouting priority mangle + 1; iifname "pic0" meta mark set meta mark & 0xffff0000\n}\n}\n')
    try:
        packets, passed = w.hears(lambda: w.passes(w.a, TOKEN))
        assert passed == set() and packets == []
    finally:
        w.nft('delete table inet other\n')
    w.unroute()
    w.nft('table inet other { chain c { type nat hook prerouting priority dstnat - 1;\n'
          f'iifname "pic0" udp dport 446 dnat ip to {WEB[0]}:446\niifname "pic0" udp dport 446 dnat ip6 to [{WEB[1]}]:446\n}}\n}}\n')
    try:
        packets, passed = w.hears(lambda: w.passes(w.a, [(NAS, 'udp', 446), (HOST, 'udp', 446)]))
        assert passed == set() and packets == []
    finally:
        w.nft('delete table inet other\n')
        w.route()


def test_guard(w):
    """Somebody flushes policy routing, or a route leads elsewhere: nothing leaves, and who asks is told at once."""
    w.exits(EXIT_A)
    w.unroute()
    try:
        before = w.count()
        packets, passed = w.hears(lambda: w.passes(w.a, TOKEN + NAMES[:4] + [(WEB, 'tcp', 853)]))
        assert passed <= set(NAMES) and packets == [] and w.who(before) <= {'x1'}     # its resolver is on the link
        assert refused(w, w.a, WEB, 443) == set(WEB)
        before = w.count()
        # by another exit
        for v, end in (('-4', END2[0]), ('-6', END2[1])):
            w.sh(w.cellns, f'ip {v} rule add pref 4001 fwmark 0x1010/0x1ff0 table 1001; ip {v} route add default via {end} dev picx2 table 1001')
        packets, passed = w.hears(lambda: w.passes(w.a, TOKEN))
        assert passed == set() and packets == [] and w.who(before) == set()
    finally:
        w.unroute()
        w.route()


def test_the_way_is_gone(w):
    """The device of the exit is down: the floor of its table holds. No way in the rules: the guard."""
    w.exits(EXIT_A)
    w.sh(w.cellns, 'ip link set picx1 down')
    try:
        assert refused(w, w.a, WEB, 443) == set(WEB)
        packets, passed = w.hears(lambda: w.passes(w.a, TOKEN + NAMES[:4]))
        assert passed == set() and packets == []
    finally:
        w.sh(w.cellns, f'ip link set picx1 up; ip addr replace {LINK1[1]}/112 dev picx1 nodad')
        w.unroute()
        w.route()
    w.exits(EXIT_A, but=['ways'])
    packets, passed = w.hears(lambda: w.passes(w.a, TOKEN + NAMES[:4]))
    assert passed == set() and packets == []


def test_failopen(w):
    """The exit is down: who chose it goes directly, in all respects; who did not stays closed."""
    w.exits(OPEN_A, 'open 0x00001011', mark_b='0x00241010')
    before = w.count()
    assert w.passes(w.a, TOKEN + [(CELL, 'udp', 53), (WEB, 'udp', 53)]) == set(TOKEN) | {(CELL, 'udp', 53), (WEB, 'udp', 53)}
    assert w.who(before) == {'inet', 'cell'}
    marks = set(re.findall(r'dport=445 .* mark=(\d+)', w.sh(w.cellns, 'conntrack -L 2>/dev/null; conntrack -L -f ipv6 2>/dev/null')))
    assert marks == {str(0x230011)}, marks
    assert w.both(w.a, 'udp', NAS, 445) == (True, True)
    before = w.count()
    w.passes(w.b, TOKEN)
    assert w.who(before) == {'x1'}
    w.exits(OPEN_A)                                     # it is up
    before = w.count()
    assert w.passes(w.a, TOKEN) == set(TOKEN) and w.who(before) == {'x1'}


def test_marks_of_flows(w):
    w.exits(EXIT_A, *grant('reach', B))
    w.passes(w.a, [(t, 'udp', n) for t, n in ((WEB, 445), (CELL, 53), (NAS, 446), (B, 446))])
    flows = {line.split(' use=')[0] for f in ('ipv4', 'ipv6') for line in w.sh(w.cellns, f'conntrack -L -f {f} 2>/dev/null').splitlines()}
    for port, mark in ((445, 0x231010), (53, 0x231010), (446, 0x230002)):
        got = [line for line in flows if f' dport={port} ' in line and 'udp' in line]
        assert len(got) == (4 if port == 446 else 2) and all(f'mark={mark}' in line.split() for line in got), got


TALK = ('import socket,sys\nS=[]\nfor h in sys.argv[2:]:\n s=socket.socket(10 if ":" in h else 2,2); s.settimeout(.4); s.connect((h,int(sys.argv[1]))); '
        's.send(b"1"); s.recv(9); S.append(s)\nprint("on",flush=True)\nfor l in sys.stdin:\n n=0\n for s in S:\n  for i in range(3):\n'
        '   try: s.send(b"more"); n+=len(s.recv(9))>0\n   except OSError: pass\n print(n,flush=True)')


def talk(w, space, port, *hosts):
    child = w.spawn(space, PYTHON, '-c', TALK, port, *hosts, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == 'on\n'
    return child


def more(child):
    child.stdin.write('\n')
    child.stdin.flush()
    return int(child.stdout.readline())


def test_flows_across_a_change(w):
    """A flow that began before its device got an exit does not go on outside, nor the other way round; what is near goes on. The kernel ends
    it when its device changes under it; names are not steered any more, and not answered."""
    w.exits('0x00230000')
    far, near, name = talk(w, w.a, 445, *WEB), talk(w, w.a, 445, *NAS), talk(w, w.a, 53, *CELL)
    set_mark(w, EXIT_A)
    before = w.count()
    packets, _ = w.hears(lambda: more(far))
    assert packets == [], 'its own flows end, and the next begin by the exit'
    assert w.who(before) <= {'x1'}
    assert more(near) == 6
    before = w.count()
    packets, answered = w.hears(lambda: more(name))
    assert answered == 0 and packets == [] and w.who(before) == set()
    # and back
    w.exits(EXIT_A)
    far, near, name = talk(w, w.a, 445, *WEB), talk(w, w.a, 445, *NAS), talk(w, w.a, 53, *CELL)
    set_mark(w, '0x00230000')
    before = w.count()
    packets, answered = w.hears(lambda: (more(far), more(name)))
    assert answered[1] == 0 and w.who(before) <= {'inet'}
    assert not [p for p in packets if '169.254.' in p or 'fd70:' in p]
    assert more(near) == 6
    # to another exit
    w.exits(EXIT_A)
    far = talk(w, w.a, 445, *WEB)
    set_mark(w, EXIT_2)
    before = w.count()
    packets, _ = w.hears(lambda: more(far))
    assert packets == [] and w.who(before) <= {'x2'}


def test_the_agents_questions(w):
    """A socket with an exit's mark: by that exit, or not at all."""
    w.exits(EXIT_A)
    ask = ('import socket,sys\nfor h in sys.argv[2:]:\n s=socket.socket(10 if ":" in h else 2,2); s.setsockopt(1,36,int(sys.argv[1],0)); s.settimeout(.5)\n'
           ' try: s.connect((h,53)); s.send(b"q"); print(h if s.recv(9) else "")\n except OSError: pass')
    run = f"{PYTHON} -c '{ask}' 0x1010 {' '.join(WEB)}"
    before = w.count()
    packets, got = w.hears(lambda: set(w.sh(w.cellns, run).split()))
    assert got == set(WEB) and packets == [] and w.who(before) == {'x1'}
    bound = run.replace('s.settimeout', 's.bind((sys.argv[2] if ":" in h else sys.argv[3],0)); s.settimeout').replace('sys.argv[2:]', 'sys.argv[4:]')
    assert set(w.sh(w.cellns, bound.replace('0x1010', f'0x1010 {HOST[1]} {HOST[0]}')).split()) == set(WEB)
    assert {line.split()[2] for line in w.logs['x1'].read_text().splitlines()[-2:]} == set(LINK1)
    w.unroute()
    try:
        packets, got = w.hears(lambda: set(w.sh(w.cellns, run).split()))
        assert got == set() and packets == []
    finally:
        w.route()
    w.exits(EXIT_A, but=['ways'])
    packets, got = w.hears(lambda: set(w.sh(w.cellns, run).split()))
    assert got == set() and packets == []
    # other programs' marks are nobody's business
    before = w.count()
    assert set(w.sh(w.cellns, run.replace('0x1010', '0xca6c')).split()) == set(WEB) and w.who(before) == {'inet'}


def test_segment_size(w):
    """What fits the exit is told to the far end (and to the device by the namespace, plan/policy_inside.c)."""
    w.exits(EXIT_A)
    w.sh(w.cellns, 'ip link set picx1 mtu 1300')
    try:
        for proto, address, less in (('ip', WEB[0], 40), ('ip6', WEB[1], 60)):
            capture = w.capture(w.x1, 'cell0', f'{proto} and tcp port 445')
            assert w.probe(w.a, [('tcp', address, 445)]) == [True]
            assert f'mss {1300 - less},' in [line for line in capture.stop() if 'mss' in line][0]
        # and an error from inside the exit reaches the device
        code = ('import socket,sys,time\ns=socket.socket(2,2); s.setsockopt(0,10,2); s.connect((sys.argv[1],445))\n'
                'for i in range(3):\n try: s.send(b"x"*1450); time.sleep(.2)\n except OSError as e: print(e.errno)')
        assert '90' in w.sh(w.a, f"{PYTHON} -c '{code}' {WEB[0]}").split()
    finally:
        w.sh(w.cellns, f'ip link set picx1 mtu 1500; ip addr replace {LINK1[1]}/112 dev picx1 nodad')


def test_without_a_table(w):
    """Somebody flushes the ruleset: until the agent has it back nobody marks packets, and those of devices go nowhere."""
    w.exits(EXIT_A)
    w.sh(w.cellns, 'nft flush ruleset')
    before = w.count()
    packets, passed = w.hears(lambda: (w.passes(w.a, TOKEN + [(NAS, 'udp', 445)]), w.passes(w.b, TOKEN), w.passes(w.x1, [(FAR, 'udp', 445)])))
    assert passed[:2] == (set(), set()) and w.who(before) <= {'inet'}
    # what an exit's programs send is open so long, without a translation that answers could come by
    assert {p.split()[1] for p in packets} <= set(END1)


def test_marks_of_others(w):
    """Flows of the host that others mark keep what others gave their packets."""
    w.exits(EXIT_A)
    w.nft('table inet other { chain out { type filter hook output priority mangle; udp dport 445 ct mark set 0x00240000\n}\n'
          'chain in { type filter hook prerouting priority mangle + 1; udp sport 445 meta mark 0x00240000 drop\n}\n}\n')
    try:
        assert w.both(w.cellns, 'udp', WEB, 445) == (True, True)
    finally:
        w.nft('delete table inet other\n')


def test_block(w):
    """What stands there before the agent runs drops what comes from and goes to exits, too."""
    w.exits(EXIT_A)
    assert w.both(w.a, 'udp', WEB, 445) == (True, True)
    w.nft((GOLDEN / 'block.nft').read_text())
    before = w.count()
    packets, passed = w.hears(lambda: w.passes(w.a, TOKEN))
    assert passed == set() and packets == [] and w.who(before) == set()
    packets, passed = w.hears(lambda: w.passes(w.x1, [(FAR, 'udp', 445), (FAR, 'tcp', 8080), (LINK1, 'udp', 53), (LINK1, 'icmp', 0)]))
    assert passed == set() and packets == [] and w.who(before) == set()
    assert w.passes(w.cellns, [(END1, 'udp', 445), (END1, 'icmp', 0)]) == set()
