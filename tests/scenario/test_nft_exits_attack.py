"""Who wants a marked packet out by the wrong wire: a device that makes packets by hand, and a namespace whose programs were taken over. Each packet
carries a number; it is looked for on all wires, also inside errors that quote it."""
import json
import re
import socket
import struct
import subprocess
import time

import pytest
from conftest import needs_root
from test_attack import checksum, icmp_error, packet
from test_nft_exits import (CARRIERS, END1, END2, EXIT_2, EXIT_A, FAR, LINK1, LINK2, OPEN_A, OUTER, Exits, set_mark)
from test_nft_rules import A, B, CELL, HOST, NAS, WEB, grant
from world import PYTHON

pytestmark = needs_root
OTHER = ('203.0.113.8', '2001:db8:1::8')            # somebody else in the internet


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Exits(tmp_path_factory.mktemp('attack')) as world:
        world.build()
        world.sh(world.inet, f'ip addr add {OTHER[0]}/24 dev eth0; ip addr add {OTHER[1]}/64 dev eth0 nodad')
        # whatever might help an attacker is on
        world.sh(world.cellns, 'for f in /proc/sys/net/ipv4/conf/*/accept_source_route; do echo 1 > $f; done;'
                               'for f in /proc/sys/net/ipv6/conf/*/accept_source_route; do echo 1 > $f; done;'
                               'for f in /proc/sys/net/ipv4/conf/*/accept_redirects /proc/sys/net/ipv6/conf/*/accept_redirects; do echo 1 > $f; done;'
                               'for f in /proc/sys/net/ipv6/conf/*/accept_ra; do echo 2 > $f; done;'
                               'for f in /proc/sys/net/ipv6/conf/*/seg6_enabled; do echo 1 > $f; done')
        yield world


def throw(w, space, device, packets, mac='02:00:00:00:00:77'):
    code = ('import json,socket,sys\ns=socket.socket(socket.AF_PACKET,socket.SOCK_DGRAM)\nm=bytes.fromhex(sys.argv[2].replace(":",""))\n'
            'for h in json.load(sys.stdin):\n p=bytes.fromhex(h); s.sendto(p,(sys.argv[1],0x800 if p[0]>>4==4 else 0x86dd,0,0,m))')
    w.sh(space, f"{PYTHON} -c '{code}' {device} {mac}", stdin=json.dumps([p.hex() for p in packets]))


class Wires:
    """Listens to all of them; stop() answers the numbers heard on each."""

    def __init__(self, w):
        self.w = w
        self.ears = {n: w.hear(s, d) for n, s, d in (('wan', w.inet, 'eth0'), ('lan', w.lan, 'eth0'), ('x1', w.x1, 'cell0'), ('x2', w.x2, 'cell0'))}

    def stop(self):
        time.sleep(0.4)
        return {n: set(self.w.heard(child, 0)['marks']) for n, child in self.ears.items()}


def mark(n):
    return b'why?' + struct.pack('!I', n)


def udp(source, target, sport, dport, payload):
    body = struct.pack('!HHHH', sport, dport, 8 + len(payload), 0) + payload
    if ':' in source:
        ends = socket.inet_pton(10, source) + socket.inet_pton(10, target)
        body = body[:6] + struct.pack('!H', checksum(ends + struct.pack('!II', len(body), 17) + body) or 0xffff) + body[8:]
    return body


def tcp(flags, dport, payload, sport=5555):
    return struct.pack('!HHIIBBHHH', sport, dport, 7, 9, 0x50, flags, 1000, 0, 0) + payload


def with_options(p, options):
    """An IPv4 packet with options put in."""
    options += b'\0' * (-len(options) % 4)
    head = bytes([0x40 | (5 + len(options) // 4)]) + p[1:2] + struct.pack('!H', len(p) + len(options)) + p[4:10] + b'\0\0' + p[12:20] + options
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + p[20:]


def with_header(p, kind, header):
    """An IPv6 packet with an extension header put in; its first byte, the next header, is written here."""
    header = bytes([p[6]]) + header[1:]
    return p[:4] + struct.pack('!H', len(p) - 40 + len(header)) + bytes([kind]) + p[7:40] + header + p[40:]


def with_ttl(p, ttl):
    if p[0] >> 4 == 6:
        return p[:7] + bytes([ttl]) + p[8:]
    head = p[:8] + bytes([ttl]) + p[9:10] + b'\0\0' + p[12:20]
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + p[20:]


def fragments(p, *cuts, name=None):
    """An IPv4 or IPv6 packet in pieces that begin at 0 and at these multiples of 8 of its payload."""
    name = name or checksum(p)
    head, rest = (p[:20], p[20:]) if p[0] >> 4 == 4 else (p[:40], p[40:])
    out = []
    for i, at in enumerate((0, *cuts)):
        end = cuts[i] * 8 if i < len(cuts) else len(rest)
        piece, more_to_come = rest[at * 8:end], i < len(cuts)
        if p[0] >> 4 == 4:
            h = head[:2] + struct.pack('!HHH', 20 + len(piece), name, at | (0x2000 if more_to_come else 0)) + head[8:10] + b'\0\0' + head[12:]
            out.append(h[:10] + struct.pack('!H', checksum(h)) + h[12:] + piece)
        else:
            out.append(head[:4] + struct.pack('!H', 8 + len(piece)) + bytes([44]) + head[7:] +
                       struct.pack('!BBHI', head[6], 0, at << 3 | more_to_come, name) + piece)
    return out


FLOW = 4444         # source port of a flow that A has by its exit, to WEB port 445


def hostile(i):
    """(what, packets) of one family; each packet has a number of its own in it."""
    me, web, cell, nas, host, outer = A[i], WEB[i], CELL[i], NAS[i], HOST[i], OUTER[i]
    proto_icmp, made = (1, 58)[i], []
    number = [1000 * (i + 1)]

    def m():
        number[0] += 1
        return mark(number[0])

    def add(what, *packets):
        made.append((what, list(packets)))

    def to(target, dport=445, sport=6666, source=me):
        return packet(source, target, 17, udp(source, target, sport, dport, m()))

    def big():
        return packet(me, web, 17, udp(me, web, 6667, 445, m() * 30))

    add('plain', to(web))
    add('fragments', *fragments(big(), 8, 16))
    add('fragments the other way round', *fragments(big(), 8, 16)[::-1])
    add('a small first fragment', *fragments(big(), 1))
    add('a later fragment alone', fragments(big(), 8)[1])
    both = big(), big()
    add('fragments that overlap', fragments(both[0], 8, name=7)[0], fragments(both[1], 4, name=7)[1], fragments(both[0], 8, name=7)[1])
    add('a fragmented question', *fragments(packet(me, cell, 17, udp(me, cell, 6668, 53, m() * 30)), 1, 8))
    add('one fragment alone', fragments(to(web))[0])
    flow = packet(web, me, 17, struct.pack('!HHHH', 445, FLOW, 16, 0) + m())
    for target in (web, nas, host, outer, OTHER[i], FAR[i], LINK1[i], END1[i], END2[i], cell, B[i]):
        add(f'error about its flow, to {target}', icmp_error(me, target, flow))
        add(f'error about nothing, to {target}', icmp_error(me, target, packet(target, me, 17, struct.pack('!HHHH', 1, 2, 16, 0) + m())))
    add('error about a question', icmp_error(me, cell, packet(cell, me, 17, struct.pack('!HHHH', 53, 4445, 16, 0) + m())))
    for ttl in (1, 2):
        add(f'hop limit {ttl}', with_ttl(to(web), ttl))
        add(f'hop limit {ttl}, question', with_ttl(to(web, 53), ttl))
    for target in (('224.0.0.1', '224.0.0.251', '239.1.2.3', '255.255.255.255', '10.1.255.255', '192.168.77.255', '203.0.113.255', '198.51.100.255',
                    '0.0.0.0', '127.0.0.1', '10.1.0.0', '240.0.0.1', '169.254.1.1', '100.64.0.1', '172.16.0.1'),
                   ('ff02::1', 'ff02::fb', 'ff05::2', 'ff0e::1', '::', '::1', 'fe80::1', 'fec0::1', 'fd12::', '64:ff9b::c633:640a', '2002:c633:640a::1',
                    '::ffff:198.51.100.10'))[i]:
        add(f'to {target}', to(target), to(target, 53), packet(me, target, 6, tcp(2, 445, m())))
    for target in (LINK1[i], END1[i], LINK2[i], END2[i], outer, OTHER[i], FAR[i]):
        add(f'to {target}', to(target), to(target, 53), to(target, 5301), packet(me, target, 6, tcp(2, 8080, m())))
    for proto in (4, 41, 47, 50, 51, 132, 136, 253, 255):
        add(f'protocol {proto}', packet(me, web, proto, m() * 4))
    add('a packet in a packet', packet(me, cell, (4, 41)[i], to(web)), packet(me, outer, (4, 41)[i], to(web)))
    for flags in (0, 1, 4, 16, 18, 20, 41, 63):
        add(f'segment with flags {flags}', packet(me, web, 6, tcp(flags, 443, m())), packet(me, cell, 6, tcp(flags, 53, m())))
    add('port 0', packet(me, web, 6, tcp(2, 0, m())), to(web, 0))
    add('questions', to(cell, 53), to(web, 53), to(nas, 53), to(B[i], 53), to(host, 53), packet(me, cell, 6, tcp(2, 53, m())),
        packet(me, web, 6, tcp(2, 53, m())), to(cell, 53, 53), to(web, 853), to(cell, 853), packet(me, web, 6, tcp(2, 853, m())))
    add('an answer that nobody asked for', to(web, 6000, 53), to(OTHER[i], 6000, 53), packet(me, web, 6, tcp(16, 6000, m(), 53)))
    add('a ping, an odd one', packet(me, web, proto_icmp, struct.pack('!BBHI', (8, 128)[i], 0, 0, 7) + m()),
        packet(me, web, proto_icmp, struct.pack('!BBHI', 200, 0, 0, 7) + m()))
    for source in ('198.51.100.77', '2001:db8:51::77')[i], HOST[i], LINK1[i], END1[i], outer, ('10.1.9.9', 'fd12::9999')[i]:
        add(f'from {source}', to(web, source=source), to(cell, 53, source=source), to(FAR[i], source=source))
    if i == 0:
        for kind in (0x83, 0x89):
            for hops in ((web, ), (nas, web), (OTHER[0], web), ('203.0.113.254', )):
                route = bytes([kind, 3 + 4 * len(hops), 4]) + b''.join(map(socket.inet_aton, hops))
                for first in (cell, host, outer, LINK1[0]):
                    add(f'source route {kind:#x} by {first} to {hops}', with_options(to(first), b'\1' + route), with_options(to(first, 53), b'\1' + route))
        add('options', with_options(to(web), b'\7\7\4' + bytes(4)), with_options(to(web), b'\x94\4\0\0'), with_options(to(web), b'\x44\x0c\5\1' + bytes(8)),
            with_options(to(web), b'\xff\xff'))
        add('bad sums', to(web)[:10] + b'\1\1' + to(web)[12:], bytes([0x4f]) + to(web)[1:], bytes([0x44]) + to(web)[1:])
    else:
        for kind, header in ((0, b'\0\0\1\4\0\0\0\0'), (60, b'\0\0\1\4\0\0\0\0'), (0, b'\0\0\5\2\0\0\1\0'), (60, b'\0\0\xc2\4\0\0\0\0'), (44, bytes(8))):
            add(f'header {kind}', with_header(to(web), kind, header), with_header(to(cell, 53), kind, header), with_header(to(nas), kind, header),
                with_header(with_header(to(web, 53), 60, b'\0\0\1\4\0\0\0\0'), kind, header))
        for kind in (0, 2, 3, 4):
            for first in (cell, host, outer, LINK1[1]):
                header = bytes([0, 2, kind, 1]) + bytes(4) + socket.inet_pton(10, web)
                add(f'routing header {kind} by {first}', with_header(to(first), 43, header), with_header(to(first, 53), 43, header))
        add('no next header', packet(me, web, 59, m()))
        add('many headers', with_header(with_header(with_header(to(web, 53), 60, bytes(2) + b'\1\4' + bytes(4)), 60, bytes(2) + b'\1\4' + bytes(4)), 0,
                                        bytes(2) + b'\1\4' + bytes(4)))
        add('a length that lies', to(web)[:4] + b'\1\0' + to(web)[6:])
    return made


def numbers(packets):
    return {struct.unpack('!I', n)[0] for p in packets for n in re.findall(rb'why\?(....)', p, re.DOTALL)}


STATES = {
    'up': dict(),
    'routes flushed': dict(unroute=True),
    'no way': dict(but=['ways']),
    'no resolver': dict(but=['resolvers']),
    'nothing is near': dict(but=['local'], unroute=True),
    'another is open': dict(more=['open 0x00001021', 'open 0x00001010'][:1]),
    'another way too': dict(more=['ways 0x00001010 . "lan0"'], unroute=True),
}


@pytest.mark.parametrize('state', STATES)
def test_a_device_that_makes_packets(w, state):
    """None of them leaves by the outer wire, in any state; those for others than the lan go to the lan by no other way."""
    s = STATES[state]
    w.exits(EXIT_A, *grant('reach', B), *s.get('more', ()), but=s.get('but', ()))
    talk = f'import socket\nfor f,h in ((2,"{WEB[0]}"),(10,"{WEB[1]}")):\n s=socket.socket(f,2); s.bind(("",{FLOW})); s.connect((h,445)); s.send(b"x")'
    w.sh(w.a, f"{PYTHON} -c '{talk}'")
    if s.get('unroute'):
        w.unroute()
    try:
        wires = Wires(w)
        kinds = [one for i in (0, 1) for one in hostile(i)]
        throw(w, w.hub, 'tun', [p for _, packets in kinds for p in packets])
        heard = wires.stop()
    finally:
        if s.get('unroute'):
            w.route()
    names = {n: what for what, packets in kinds for n in numbers(packets)}
    out = {names.get(n, n) for n in heard['wan']}
    if s.get('unroute'):
        out -= {'to 169.254.1.1'}       # near, and nothing is left that keeps it from the default route (README, known)
    assert out == set(), out
    assert {names.get(n, n) for n in heard['x2']} == set()
    near = {names.get(n, n) for n in heard['lan']}
    assert not {n for n in near if not isinstance(n, str) or 'to' in n and '192.168.' not in n and 'fd77' not in n}, near
    if state == 'up':       # they are packets that a kernel takes
        by = {names.get(n) for n in heard['x1']}
        assert {'plain', 'fragments', 'fragments the other way round', 'hop limit 2', 'protocol 50', 'questions', 'options', 'header 60'} <= by, by


def test_the_same_without_an_exit(w):
    """What these ears hear when there is something to hear."""
    w.exits('0x00230000')
    wires = Wires(w)
    kinds = [one for i in (0, 1) for one in hostile(i)]
    throw(w, w.hub, 'tun', [p for _, packets in kinds for p in packets])
    heard = wires.stop()
    names = {n: what for what, packets in kinds for n in numbers(packets)}
    assert {'plain', 'fragments', 'hop limit 2', 'questions', 'protocol 50', 'header 60', 'options'} <= {names.get(n) for n in heard['wan']}
    assert heard['x1'] == heard['x2'] == set()


# --- from inside an exit ---------------------------------------------------------------------------------------------------------------------


def tries(*targets):
    return [(t, p, n) for t in targets for p, n in (('udp', 445), ('tcp', 445), ('udp', 53), ('tcp', 80), ('tcp', 8080), ('icmp', 0))]


def test_what_a_carrier_may(w):
    """Its far end, by its own address, by protocol and port; the cell's own names. Nothing else, nobody else."""
    w.exits(EXIT_A, *grant('reach', B))
    may = {(FAR, 'udp', 445), (FAR, 'tcp', 8080)}
    before = w.count()
    assert w.passes(w.x1, [*tries(FAR), (LINK1, 'udp', 53), (LINK1, 'tcp', 53)]) == may | {(LINK1, 'udp', 53), (LINK1, 'tcp', 53)}
    assert w.who(before) == {'inet', 'names'}
    assert {line.split()[2] for line in w.logs['inet'].read_text().splitlines()[before['inet']:]} == set(OUTER)
    before = w.count()
    others = [t for t in tries(OTHER, NAS, HOST, OUTER, A, B, CELL, LINK2, END2) if t[:2] != (LINK2, 'udp') and t[2] != 53]
    wires = w.hear(w.x2, 'cell0')
    packets, passed = w.hears(lambda: w.passes(w.x1, others + [(OUTER, 'tcp', 443), (LINK1, 'tcp', 5301), (LINK1, 'udp', 5301), (LINK1, 'tcp', 80),
                                                               (CELL, 'udp', 5301), (LINK1, 'icmp', 0), (HOST, 'udp', 53), (CELL, 'udp', 53)]))
    assert passed == set() and packets == [] and w.who(before) == set()
    assert w.heard(wires)['packets'] == []
    assert w.passes(w.x2, tries(FAR)) == set()          # another exit's
    # errors about what it sends reach it
    w.exits(EXIT_A, *[f'carriers{v} 0x00002010 . {FAR[i]} . udp . 447' for i, v in enumerate((4, 6))])
    code = ('import socket,sys\nfor h in sys.argv[1:]:\n s=socket.socket(10 if ":" in h else 2,2); s.settimeout(1); s.connect((h,447)); s.send(b"x")\n'
            ' try: s.recv(9)\n except ConnectionRefusedError: print(h)\n except OSError: pass')
    assert set(w.sh(w.x1, f"{PYTHON} -c '{code}' {' '.join(FAR)}").split()) == set(FAR)
    # nobody begins anything with what is inside
    before = w.count()
    for space, via in ((w.inet, OUTER), (w.lan, HOST)):
        w.sh(space, f'ip route replace 169.254.96.0/22 via {via[0]}; ip -6 route replace fd70:6963:78::/48 via {via[1]}')
        ears = w.hear(w.x1, 'cell0')
        assert w.passes(space, tries(END1)) == set()
        assert w.heard(ears)['packets'] == []
    assert w.passes(w.b, tries(END1, END2)) & set(tries(END1, END2)) == set()
    # nor keeps it when it loses its far end: its own packets stop with the rule
    w.exits(EXIT_A, but=['carriers'])
    packets, passed = w.hears(lambda: w.passes(w.x1, tries(FAR)))
    assert passed == set() and packets == []
    w.exits(EXIT_A, but=['spaces'])
    packets, passed = w.hears(lambda: w.passes(w.x1, [*tries(FAR), (LINK1, 'udp', 53)]))
    assert passed == set() and packets == []


def test_a_carrier_that_lies(w):
    """Sources that are not its own, to where it may go; and fragments, options, errors."""
    w.exits(EXIT_A)
    made, n = [], 0
    for i in (0, 1):
        for source in (A[i], B[i], CELL[i], HOST[i], OUTER[i], LINK1[i], LINK2[i], END2[i], WEB[i], ('198.51.100.77', '2001:db8:51::77')[i],
                       ('127.0.0.1', '::1')[i], ('0.0.0.0', 'fe80::1')[i]):
            n += 1
            made.append(packet(source, FAR[i], 17, udp(source, FAR[i], 777, 445, mark(n))))
        for target in (OTHER[i], A[i], B[i], CELL[i], NAS[i], END2[i], LINK2[i]):
            n += 1
            made += fragments(packet(END1[i], target, 17, udp(END1[i], target, 777, 445, mark(n) * 30)), 8)
            made.append(icmp_error(END1[i], target, packet(target, END1[i], 17, struct.pack('!HHHH', 445, 777, 16, 0) + mark(n))))
    for i in (0, 1):        # nobody tracks these, and nobody would translate them
        for flags in (0, 3, 6, 63):
            n += 1
            made.append(packet(END1[i], FAR[i], 6, tcp(flags, 8080, mark(n))))
    first = n
    for i in (0, 1):
        n += 1
        made.append(packet(END1[i], FAR[i], 17, udp(END1[i], FAR[i], 778, 445, mark(n))))
    mac = json.loads(w.sh(w.cellns, 'ip -j link show dev picx1'))[0]['address']
    host = w.hear(w.b, 'eth0')
    wires = Wires(w)
    throw(w, w.x1, 'cell0', made, mac)
    heard = wires.stop()
    assert heard['wan'] == set(range(first + 1, n + 1)) and heard['lan'] == heard['x2'] == set()
    assert w.heard(host)['marks'] == []


def test_a_carrier_that_writes_into_flows_of_others(w):
    """Answers and errors are taken only from the exit by which a flow leaves."""
    w.exits('0x00230000', mark_b=EXIT_2.replace('23', '24'))
    listen = ('import socket,sys\nS=[]\nfor f,h in ((2,"%s"),(10,"%s")):\n s=socket.socket(f,2); f==10 and s.setsockopt(41,26,1); s.bind(("",4446)); s.connect((h,445)); s.send(b"x"); s.recv(9); S.append(s)\n'
              'print("on",flush=True); sys.stdin.readline()\nfor s in S:\n s.settimeout(.1)\n try: print("got", s.recv(99)[:4])\n except OSError as e: print(type(e).__name__)' % WEB)
    victims = [w.spawn(s, PYTHON, '-c', listen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for s in (w.a, w.b)]
    assert [v.stdout.readline() for v in victims] == ['on\n'] * 2
    made = []
    for i in (0, 1):
        for to in (OUTER[i], LINK2[i], LINK1[i], A[i], B[i]):
            made.append(packet(WEB[i], to, 17, udp(WEB[i], to, 445, 4446, mark(1))))
            made.append(icmp_error(END1[i], to, packet(to, WEB[i], 17, struct.pack('!HHHH', 4446, 445, 16, 0) + mark(1))))
            made.append(icmp_error(WEB[i], to, packet(to, WEB[i], 17, struct.pack('!HHHH', 4446, 445, 16, 0) + mark(1))))
    mac = json.loads(w.sh(w.cellns, 'ip -j link show dev picx1'))[0]['address']
    throw(w, w.x1, 'cell0', made, mac)
    time.sleep(0.2)
    assert [v.communicate('\n', timeout=5)[0].split() for v in victims] == [['TimeoutError'] * 2] * 2


def test_a_carrier_that_talks_to_the_host(w):
    """Of what keeps links alive only questions for neighbours and their answers are heard: no router, no redirect, no listener."""
    w.exits(EXIT_A)

    def counters():
        names = ('Icmp6InRouterAdvertisements', 'Icmp6InRedirects', 'IcmpInMsgs', 'Icmp6InEchos', 'Icmp6InMLDv2Reports', 'IgmpInMsgs', 'UdpInDatagrams',
                 'Udp6InDatagrams')
        return [line for line in w.sh(w.cellns, 'nstat -asz').splitlines() if line.startswith(names)]

    def six(source, target, body):
        return with_ttl(packet(source, target, 58, body), 255)

    local = 'fe80::1'
    advert = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 9999, 9999, 0) + socket.inet_pton(10, '2001:db8:bad::')
    redirect = struct.pack('!BBHI', 137, 0, 0, 0) + socket.inet_pton(10, END1[1]) + socket.inet_pton(10, WEB[1])
    made = [six(local, 'ff02::1', advert), six(END1[1], LINK1[1], advert), six(local, LINK1[1], redirect), six(local, 'ff02::1', struct.pack('!BBHI', 128, 0, 0, 1)),
            six(END1[1], LINK1[1], struct.pack('!BBHI', 128, 0, 0, 1)), six(local, 'ff02::16', struct.pack('!BBHI', 143, 0, 0, 0)),
            packet(END1[0], LINK1[0], 1, struct.pack('!BBH', 5, 1, 0) + socket.inet_aton(END1[0]) + packet(LINK1[0], WEB[0], 17, bytes(8))),
            packet(END1[0], '224.0.0.1', 2, struct.pack('!BBHI', 0x11, 0, 0, 0)), packet(END1[0], '255.255.255.255', 17, udp(END1[0], '255.255.255.255', 9, 445, b'x')),
            packet(END1[0], '169.254.96.7', 17, udp(END1[0], '169.254.96.7', 9, 445, b'x')), six(END1[1], 'ff02::1', struct.pack('!BBHI', 128, 0, 0, 2))]
    mac = json.loads(w.sh(w.cellns, 'ip -j link show dev picx1'))[0]['address']
    time.sleep(1)
    before = counters()
    throw(w, w.x1, 'cell0', made, mac)
    throw(w, w.x1, 'cell0', [p for p in made if p[24] == 0xff or p[0] >> 4 == 4 and p[16] >= 224], '33:33:00:00:00:01')
    time.sleep(0.3)
    assert counters() == before
    assert '2001:db8:bad' not in w.sh(w.cellns, 'ip -6 addr; ip -6 route')
    w.sh(w.cellns, 'ip neigh flush dev picx1; ip -6 neigh flush dev picx1')
    assert w.both(w.x1, 'udp', FAR, 445) == (True, True)         # neighbours are found, in both directions
