"""The suite's own world: each far end serves a stock client, the sender sends all it says, and the watcher sees what leaves. If these fail,
zeros elsewhere mean nothing."""
import pathlib
import struct
import subprocess
import sys

import ends
import pytest
import scenarios
from net import CELL4, KINDS, MOVED6, TCP_KINDS, Net, needs_root, target, wait_for

pytestmark = needs_root
BOTH = [(kind, family) for kind in KINDS for family in (4, 6)]


@pytest.fixture(scope='module')
def w(tmp_path_factory):
    with Net(tmp_path_factory.mktemp('leaks'), dual=True) as net:
        net.build()
        ends.make(net, *ends.TYPES)
        net.watch_all()
        net.sh(net.cellns, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.src_valid_mark=1')
        yield net


def whoami(w, *curl, url='http://198.51.100.10/'):
    return w.sh(w.cellns, f'curl -sS --max-time 5 {" ".join(curl)} {url}').strip()


def outside(w, since, until):
    return [r for r in w.rows('wan', since, until) if r.cls not in ('link', 'carrier', 'own', 'answer')]


# far ends, with the programs that anybody would use

@pytest.fixture(scope='module')
def wg(w):
    """A stock WireGuard client in the cell's place, for marked packets."""
    end, dev = w.ends['wg'], w.device('cw')
    w.spawn(w.cellns, 'wireguard-go', '-f', dev, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: pathlib.Path(f'/var/run/wireguard/{dev}.sock').exists(), what='wireguard-go')
    lines = [line for line in end.conf().splitlines() if not line.startswith(('Address', 'DNS'))]
    w.sh(w.cellns, f'wg setconf {dev} /dev/stdin; wg set {dev} fwmark 0x99', stdin='\n'.join(lines) + '\n')
    w.sh(w.cellns, f'ip addr add 10.64.1.2/32 dev {dev}; ip addr add fd64:1::2/128 dev {dev} nodad; ip link set {dev} mtu 1420 up;'
         f'for f in -4 -6; do ip $f route add default dev {dev} table 101; ip $f route add unreachable default metric 4278198272 table 101;'
         'ip $f rule add fwmark 0x1 table 101 prio 100; done')
    return dev


def test_wireguard_end(w, wg):
    w.sh(w.cellns, 'nft -f -', stdin='table inet t { chain o { type route hook output priority -150; ip daddr 198.51.100.11 meta mark set 1;'
                                     'ip6 daddr 2001:db8:51::b meta mark set 1; }\n'
         'chain n { type nat hook postrouting priority 100; oifname "' + wg + '" masquerade; }\n}')
    assert whoami(w, url='http://198.51.100.11/') == w.ends['wg'].address4
    assert whoami(w, url='http://[2001:db8:51::b]/') in w.ends['wg'].egress
    assert whoami(w) == CELL4[0]
    w.sh(w.cellns, 'nft delete table inet t')


@pytest.mark.parametrize('family', [4, 6])
def test_openvpn_end(w, family):
    end = w.ends['ovpn']
    conf, secret = w.tmp / f'o{family}.ovpn', w.tmp / 'o.secret'
    secret.write_text('customer\npassword\n')
    secret.chmod(0o600)
    conf.write_text(end.conf(family).replace('auth-user-pass\n', f'auth-user-pass {secret}\n').replace('dev tun\n', 'dev tuncli\n'))
    log = w.tmp / f'o{family}.log'
    child = w.spawn(w.cellns, 'openvpn', '--config', conf, '--route-nopull', '--route', '198.51.100.12', stdout=open(log, 'w'), stderr=subprocess.STDOUT)
    wait_for(lambda: 'Initialization Sequence Completed' in log.read_text(), 15, f'openvpn client: {log}')
    assert whoami(w, url='http://198.51.100.12/') == end.address4
    assert 'dhcp-option DNS 10.65.0.1' in log.read_text()
    child.terminate()
    child.wait(5)


@pytest.mark.parametrize('family', [4, 6])
def test_ssh_end(w, family):
    end = w.ends['ssh']
    known = w.tmp / f'known{family}'
    known.write_text(f'{end.address4},{end.address6} {end.host_key}\n')
    host = end.address4 if family == 4 else end.address6
    child = w.spawn(w.cellns, 'ssh', '-N', '-D', f'127.0.0.1:108{family}', '-i', end.key, '-o', f'UserKnownHostsFile={known}', '-o', 'StrictHostKeyChecking=yes',
                    '-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes', f'root@{host}', stderr=open(w.tmp / f'ssh{family}.log', 'w'))
    wait_for(lambda: f':108{family}' in w.sh(w.cellns, 'ss -Hltn'), 10, 'ssh -D')
    for url in ('http://198.51.100.10/', 'http://[2001:db8:51::a]/'):
        assert whoami(w, '--socks5', f'127.0.0.1:108{family}', url=url) in end.egress
    child.terminate()
    child.wait(5)


@pytest.mark.parametrize('family', [4, 6])
@pytest.mark.parametrize('name,option', [('socks', '--socks5'), ('http', '--proxytunnel --proxy')])
def test_proxy_ends(w, family, name, option):
    end = w.ends[name]
    login = f'--proxy-user {ends.USER}:{ends.PASSWORD}'
    for url in ('http://198.51.100.10/', 'http://[2001:db8:51::a]/'):
        assert whoami(w, login, option, end.at(family), url=f"'{url}'") in end.egress
    assert w.sh(w.cellns, f'curl -sS --max-time 5 --proxy-user x:y {option} {end.at(family)} http://198.51.100.10/', check=False).returncode != 0


def test_faults_of_an_end(w):
    end = w.ends['socks']
    for fault, code in ((end.black_hole, 28), (end.refuse, 7)):  # curl: timed out, connection refused
        fault()
        done = w.sh(w.cellns, f'curl -sS --max-time 1 --proxy-user {ends.USER}:{ends.PASSWORD} --socks5 {end.at(4)} http://198.51.100.10/', check=False)
        end.heal()
        assert done.returncode == code, done.stderr
    assert whoami(w, f'--proxy-user {ends.USER}:{ends.PASSWORD} --socks5', end.at(4)) == end.address4


@pytest.mark.parametrize('cut', [(200,), (1, 40, 41, 42, 43, 90), (2, 80)])
def test_questions_behind_each_other_are_all_answered(w, cut):
    """As resolvers send them when several wait for one connection (RFC 7766, 6.2.1), and however the network cuts them."""
    ask = """
import socket, struct, sys, time
def question(n):
    q = struct.pack('>6H', n, 0x100, 1, 0, 0, 0) + b'\\x05many%d\\x07example\\0' % n + struct.pack('>2H', 1, 1)
    return struct.pack('>H', len(q)) + q
all, at = b''.join(map(question, (1, 2, 3))), 0
s = socket.create_connection(('198.51.100.53', 53), 5)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for cut in map(int, sys.argv[1:]):
    s.sendall(all[at:cut])
    at = cut
    time.sleep(0.02)
s.sendall(all[at:])
f, got = s.makefile('rb'), []
for _ in range(3):
    got.append(struct.unpack('>H', f.read(struct.unpack('>H', f.read(2))[0])[:2])[0])
print(got)
"""
    assert w.sh(w.cellns, f"timeout 9 {sys.executable} - {' '.join(map(str, cut))}", stdin=ask).strip() == '[1, 2, 3]'


def test_foreign_sources_and_strange_packets_are_told(w):
    since = w.flush()
    w.sh(w.cellns, 'ip addr add 10.20.9.9/32 dev lo; ping -c1 -W1 -I 10.20.9.9 198.51.100.10 || true; ping -c1 -W1 198.51.100.10 || true')
    classes = {r.cls for r in outside(w, since, w.flush()) if r.device == -1}
    assert classes == {'source', 'strange'}


# sender and watcher: a hand-made router in the cell's place

@pytest.fixture(scope='module')
def talking(w, wg):
    """Device 1 goes direct, device 2 has the exit: by source address, as nobody should do it for good."""
    w.sh(w.lan, 'true')
    for device in (1, 2):
        space = w.space(f'd{device}')
        w.wire(space, 'eth0', [f'192.168.77.{20 + device}/24', f'fd77::{20 + device}/64'], w.lan, f'd{device}', [])
        w.sh(w.lan, f'ip link set d{device} master br0')
        w.sh(space, 'ip route add default via 192.168.77.1; ip -6 route add default via fd77::1')
    w.sh(w.cellns, 'nft -f -', stdin='table inet t { chain p { type filter hook prerouting priority -150; ip saddr 192.168.77.22 meta mark set 1;'
         'ip6 saddr fd77::22 meta mark set 1; }\nchain n { type nat hook postrouting priority 100; oifname { "wan0", "wan1", "' + wg + '" } masquerade; }\n}')
    for device in (1, 2):
        w.talk(f'{w.tag}-d{device}', device, target(device) if device == 2 else ('198.51.100.53', '2001:db8:51::53'))
    return w


def test_sender_sends_all_kinds_and_is_answered(talking):
    w = talking
    wait_for(lambda: all(n > 5 for d in (1, 2) for n in w.counters(d)['answered'].values()), 10, 'answers')
    since = w.flush()
    before = w.counters(2)['sent']
    wait_for(lambda: w.flush() > since + 2)
    after = w.counters(2)['sent']
    assert all(after[k] - before[k] >= 3 for k in BOTH), (before, after)


def test_nothing_of_an_exits_device_is_outside_its_carrier(talking):
    w = talking
    since = w.flush()
    wait_for(lambda: w.flush() > since + 2)
    rows = outside(w, since, w.flush())
    assert [r for r in rows if r.device != 1] == []
    seen = {(r.kind, r.family) for r in rows if r.device == 1 and r.cls in ('clear', 'name')}
    assert seen == set(BOTH), 'the control device is seen, each kind of packet'
    assert [r for r in w.rows('wan', since) if r.cls == 'carrier' and r.where == 'wg']
    web = [r for r in w.rows('web', since) if r.device == 2]
    assert {r.where for r in web} <= w.ends['wg'].egress
    assert {(r.kind, r.family) for r in web} == set(BOTH)


def test_the_watcher_sees_each_kind_of_leak(talking, wg):
    """The floor of the exit's table is taken away, then the device: the kernel falls through to the main table."""
    w = talking
    since = w.flush()
    for f in ('-4', '-6'):
        w.sh(w.cellns, f'ip {f} route del unreachable default metric 4278198272 table 101')
    assert [r for r in outside(w, since, w.flush()) if r.device == 2] == []
    since = w.flush()
    w.sh(w.cellns, f'ip link del {wg}')
    w.sh(w.cellns, 'conntrack -F')
    wait_for(lambda: {(r.kind, r.family) for r in outside(w, since, 1e18) if r.device == 2 and r.cls in ('clear', 'name')} == set(BOTH), 5, 'each kind leaks')
    assert [r for r in outside(w, since, 1e18) if r.device == 2 and r.cls == 'target'], 'also what carries no marker, as the start of a connection'
    assert {r.where for r in w.rows('web', since) if r.device == 2} >= {CELL4[0], '2001:db8:1::1'}


def test_each_question_of_a_packet_is_seen(talking):
    """A resolver puts what several devices ask behind each other: the first one does not hide the rest, of whatever kind."""
    w = talking
    names = [b'\x20' + f'd1706943e57b{device:02x}{kind << 1:02x}{n:016x}'.encode() + b'\x04leak\x07example\x00' for n, (device, kind) in enumerate([(91, 10), (92, 9), (91, 12)])]
    text = b''.join(struct.pack('>7H', 12 + len(q) + 4, n, 0x100, 1, 0, 0, 0) + q + struct.pack('>2H', 1, 1) for n, q in enumerate(names, 1))
    since = w.flush()
    w.sh(w.cellns, f'timeout 9 {sys.executable} -c "import socket; s = socket.create_connection((\'198.51.100.53\', 53), 5); s.sendall(bytes.fromhex(\'{text.hex()}\')); s.recv(999)"')
    wanted = {(91, 'DNS_CELL_TCP'), (92, 'DNS_CELL'), (91, 'DNS_PUBLIC_TCP')}
    assert {(r.device, r.kind) for r in w.rows('web', since, w.flush()) if r.device > 90} == wanted
    assert {(r.device, r.kind) for r in w.rows('wan', since, w.flush()) if r.device > 90 and r.cls == 'name'} == wanted


def test_both_wires_are_watched(talking):
    w = talking
    since = w.flush()
    w.sh(w.inet, 'ip link set cell0 down')
    wait_for(lambda: {r.device for r in outside(w, since, 1e18) if r.wire == 'cell1'} == {1, 2}, 5, 'the second wire carries it')
    w.sh(w.inet, 'ip link set cell0 up')


def test_tor_end(w):
    """By now its directories have voted."""
    end, home = w.ends['tor'], w.tmp / 'torcli'
    home.mkdir(mode=0o700)
    (w.tmp / 'torrc').write_text(end.torrc + f'DataDirectory {home}\nSocksPort 127.0.0.1:9050\n')
    child = w.spawn(w.cellns, 'tor', '-f', w.tmp / 'torrc', stdout=open(w.tmp / 'tor.log', 'w'))
    wait_for(lambda: 'Bootstrapped 100%' in (w.tmp / 'tor.log').read_text(), 90, 'tor')
    for url in ('http://198.51.100.10/', 'http://[2001:db8:51::a]/'):
        assert wait_for(lambda url=url: w.sh(w.cellns, f'curl -sS --max-time 9 --socks5-hostname 127.0.0.1:9050 {url}', check=False).stdout.strip(), 40) in end.egress
    child.terminate()
    child.wait(9)


def test_nothing_was_lost_on_the_way_to_the_watcher(w):
    assert sum(r.packets for r in w.rows('wan') + w.rows('web') if r.cls == 'dropped') == 0


def test_kinds_are_those_of_the_header():
    text = (pathlib.Path(__file__).parent / 'marker.h').read_text()
    listed = [line.strip().split('(')[1].split(')')[0] for line in text.splitlines() if line.startswith('        X(')]
    assert listed == KINDS and TCP_KINDS < set(KINDS)


def test_each_line_of_the_list_is_tried_in_each_world():
    worlds = scenarios.WORLDS
    for line, phases in scenarios.ISSUE.items():
        for world in (worlds['far'] + worlds['hands'], worlds['v6'], worlds['dual']):
            assert set(phases) & set(world), line
    by_v4 = set(worlds['far'] + worlds['hands'])
    assert by_v4 | {scenarios.wire_lost, scenarios.frozen} == set(scenarios.ALL), 'each by IPv4'
    assert by_v4 - set(worlds['tor']) == {scenarios.name_changed}, 'and with Tor'
    assert sum(map(len, worlds.values())) >= 100
    for world, phases in worlds.items():
        assert len(set(phases)) == len(phases) and set(scenarios.SAMPLE[world]) <= set(phases)


def test_an_address_given_up_is_the_links(w):
    """The router still has the cell for the neighbour of an address that the cell gave up, and asks it: the refusal is between the two."""
    mac = w.sh(w.cellns, 'ip -o link show wan0').split('link/ether ')[1].split()[0]
    refusals = w.capture(w.cellns, 'wan0', 'icmp6 and ip6[40] = 1 and src net fe80::/10 and dst net fe80::/10')
    w.sh(w.inet, f'ip -6 neigh replace {MOVED6} lladdr {mac} dev cell0 nud stale')
    since = w.flush()
    w.sh(w.webns, f'ping -6 -c 10 -i 1 -W 1 {MOVED6} || true')
    assert refusals.stop(), 'the host refuses the question'
    # what device 1 sends is the control's: a hand-made masquerade lets a segment of no known connection out as it came
    assert not [r for r in w.rows('wan', since, w.flush()) if r.cls in ('source', 'strange') and r.device != 1]
