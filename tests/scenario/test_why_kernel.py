"""`why` is what the kernel does: random cells, random packets of both families, written into the cell's device; for each one the library's judge says
whether it may pass, and the wires, the device and the host's sockets say whether it did. Not one disagreement."""
import json
import os
import random
import socket
import struct
import subprocess

import pytest
from conftest import BIN, needs_root
from test_attack import checksum, packet
from world import HERE, PYTHON, World, wait_for

pytestmark = needs_root
CELLS, PACKETS = 3, 36000  # 108,000 in all
NUMBERS = {'tcp': 6, 'udp': 17}


def grants(dice):
    """A list of rights, both families, with neighbours that are easily mistaken."""
    def port():
        return dice.choice((53, 80, 443, 445, 1000, 65535, dice.randrange(1, 65536)))

    def one():
        kind = dice.randrange(9)
        if kind < 3:
            return ('internet', 'lan', 'peers')[kind]
        if kind == 3:
            return f'peer:p{dice.randrange(14)}'
        if kind == 4:
            return f'group:g{dice.randrange(3)}'
        low = port()
        service = dice.choice(('', f':tcp/{low}', f':udp/{low}', f':tcp/{low}-{min(65535, low + dice.randrange(400))}', ':icmp', ':tcp', ':udp'))
        if kind == 5:
            return f'192.168.77.{dice.choice((10, 11, 12, 200))}{service}'
        if kind == 6:
            return f'[fd77::{dice.choice((10, 11, 12, 200))}]{service}'
        if kind == 7:
            return dice.choice(('192.168.77.0/28', '198.51.100.0/25', '10.20.0.0/28', '172.16.0.0/12', '198.51.100.8/29', '203.0.113.0/25', '198.18.5.8/29')) + service
        return dice.choice(('[fd77::]/124', '[2001:db8:51::]/64', '[fd20::]/120', '[2001:db8:51::10]/127', '[2001:db8:5::]/124', '[2001:db8:1::]/65')) + service
    return ','.join(sorted({one() for _ in range(dice.randrange(5))}))


def document(dice):
    groups = ''.join(f'  g{i}: {{access: "{grants(dice)}"}}\n' for i in range(3))
    peers = ''
    for i in range(14):
        more = dice.choice(('', '', '', ', enabled: no', ', expires: 2020-01-01T00:00:00Z'))
        peers += f'  p{i}: {{access: "{grants(dice)}", groups: "{dice.choice(("", "g0", "g1,g2", "g2"))}"{more}}}\n'
    return f'groups:\n{groups}peers:\n{peers}'


def destinations(dice, peers):
    """Addresses at and beside every edge of what may be granted, and of the machine's own networks, some with global addresses; none of the host's own but
    the cell's."""
    four = ['10.20.0.1', '192.168.77.10', '192.168.77.11', '192.168.77.12', '192.168.77.13', '192.168.77.15', '192.168.77.16', '192.168.77.200',
            '198.51.100.0', '198.51.100.7', '198.51.100.8', '198.51.100.15', '198.51.100.16', '198.51.100.127', '198.51.100.128', '10.20.0.15', '10.20.0.16',
            '10.19.255.255', '10.21.0.0', '172.15.255.255', '172.16.0.0', '172.31.255.255', '172.32.0.0', '100.64.0.1', '169.253.255.255', '9.255.255.255',
            '11.0.0.0', '192.167.255.255', '192.169.0.0', '223.255.255.254', '1.1.1.1', '203.0.112.255', '203.0.113.2', '203.0.113.127', '203.0.113.128', '203.0.113.254', '203.0.114.0',
            '198.18.4.255', '198.18.5.2', '198.18.5.8', '198.18.5.254', '198.18.6.0', '198.18.7.7', '198.18.7.8', '100.70.1.1', '100.71.0.0'] + [p['address4'] for p in peers]
    six = ['fd20::1', 'fd77::10', 'fd77::11', 'fd77::12', 'fd77::f', 'fd77::200', '2001:db8:51::10', '2001:db8:51::11', '2001:db8:51::12', '2001:db8:51:1::1',
           'fd20::ff', 'fd20::100', 'fd1f:ffff::1', 'fd21::1', 'fc00::1', 'fdff::1', '2000::1', '3fff::1', '4000::1', '2606:4700::1111', '2001:db8:0:ffff::1', '2001:db8:1::2',
           '2001:db8:1:0:8000::1', '2001:db8:4:ffff::1', '2001:db8:5::2', '2001:db8:5::f', '2001:db8:5::10', '2001:db8:5:0:ffff::1', '2001:db8:5:1::1'] + [p['address6'] for p in peers]
    return dice.choice(four + six)


def body(proto, family, source, target, port, number):
    tail = b'why?' + struct.pack('!I', number)
    if proto == 'icmp':
        kind = 8 if family == 4 else 128
        data = struct.pack('!BBHHH', kind, 0, 0, number & 0xffff, 1) + tail
        return (1 if family == 4 else 58), (data[:2] + struct.pack('!H', checksum(data)) + data[4:] if family == 4 else data)
    here = 20000 + number % 40000
    if proto == 'udp':
        data = struct.pack('!HHHH', here, port, 8 + len(tail), 0) + tail
    else:
        data = struct.pack('!HHIIBBHHH', here, port, number, 0, 0x50, 2, 8192, 0, 0) + tail
    ends = socket.inet_pton(socket.AF_INET if family == 4 else socket.AF_INET6, source) + socket.inet_pton(
        socket.AF_INET if family == 4 else socket.AF_INET6, target)
    pseudo = ends + struct.pack('!II' if family == 6 else '!HH', *((len(data), NUMBERS[proto]) if family == 6 else (NUMBERS[proto], len(data))))
    at = 6 if proto == 'udp' else 16
    return NUMBERS[proto], data[:at] + struct.pack('!H', checksum(pseudo + data) or 0xffff) + data[at + 2:]


def tries(dice, peers, count):
    """[(peer, family, question, packet)]"""
    out = []
    while len(out) < count:
        to = destinations(dice, peers)
        family = 6 if ':' in to else 4
        peer = dice.choice(peers)
        source = peer[f'address{family}']
        if source == to:
            continue
        proto = dice.choice(('tcp', 'tcp', 'udp', 'udp', 'icmp'))
        port = dice.choice((53, 80, 443, 445, 446, 444, 123, 999, 1000, 1001, 65535, 65534, dice.randrange(1, 65536)))
        number, payload = body(proto, family, source, to, port, len(out))
        where = f'[{to}]' if family == 6 else to
        out.append((peer['name'], family, f'{where}:icmp' if proto == 'icmp' else f'{where}:{proto}/{port}', packet(source, to, number, payload)))
    return out


def leave_the_table(w):
    """The agent and its children are killed; what the kernel holds stays, but for the device, whose place we take."""
    for pid in subprocess.run(['ip', 'netns', 'pids', w.cellns], capture_output=True, text=True, check=True).stdout.split():
        os.kill(int(pid), 9)  # in a namespace that we made
    w.picd.wait(5)
    wait_for(lambda: w.sh(w.cellns, f'ip link show {w.dev}', check=False).returncode != 0, what='the device to go')


def inject(w, packets):
    """As it would be with hosts everywhere: no ARP, a route for everything."""
    commands = (f'ip addr add 10.20.0.1/16 dev {w.dev}; ip addr add fd20::1/48 dev {w.dev} nodad; ip link set {w.dev} up;'
                'for d in lan0 wan0; do ip link set $d arp off; done;'
                'ip neigh flush all; ip -6 neigh flush all;'
                'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;'
                'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done')
    child = subprocess.Popen(['ip', 'netns', 'exec', w.cellns, PYTHON, str(HERE / 'inject.py'), w.dev, commands, 'lan0', 'wan0'], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    out, _ = child.communicate('\n'.join(p.hex() for p in packets), timeout=300)
    lines = out.splitlines()
    assert child.returncode == 0 and lines[0] == 'ready', out[:200]
    return set(map(int, lines[1].split()))


@pytest.mark.parametrize('seed', range(CELLS))
def test_why_is_what_the_kernel_does(tmp_path, seed):
    dice = random.Random(7000 + seed)
    with World(tmp_path) as w:
        w.scene()
        w.sh(w.cellns, 'ip link set lan0 up; ip route add fd77::/64 dev lan0 2>/dev/null || true;'
                         'ip addr add 198.18.5.1/24 dev lan0; ip addr add 2001:db8:5::1/64 dev lan0 nodad;'
                         'ip route add 198.18.7.7/32 dev lan0; ip route add 100.70.0.0/16 dev lan0; ip route add 0.0.0.0/1 dev lan0')
        (tmp_path / 'cell.yaml').write_text(document(dice))
        w.pic('apply', '--file', tmp_path / 'cell.yaml')
        w.start()
        leave_the_table(w)
        peers = w.pic.json('peer', 'list')
        asked = tries(dice, peers, PACKETS)
        judge = subprocess.run([str(BIN.parent / 'tests/t_why_many'), w.pic.dir], input='\n'.join(f'{p} {f} {q}' for p, f, q, _ in asked),
                               capture_output=True, text=True, timeout=120)
        assert judge.returncode == 0 and len(judge.stdout) == len(asked), judge.stderr
        passed = inject(w, [p for _, _, _, p in asked])
        wrong = [(p, f, q, f'why {judge.stdout[i]}', f'kernel {int(i in passed)}') for i, (p, f, q, _) in enumerate(asked)
                 if (judge.stdout[i] == '1') != (i in passed)]
        rights = {p['name']: (p['access'], p['groups']) for p in peers}
        assert wrong == [], json.dumps([(x, rights[x[0]]) for x in wrong[:10]], indent=1) + f'\n{len(wrong)} of {len(asked)}'
        allowed = judge.stdout.count('1')
        assert len(asked) / 20 < allowed < len(asked) * 19 / 20, f'{allowed} allowed: too one-sided to mean much'
        print(f'seed {seed}: {len(asked)} packets, {allowed} passed, no disagreement')
