"""A cell behind a home router, Debian's miniupnpd with nftables: the router is asked for its address and to lead the cell's port here, by NAT-PMP and by UPnP;
a device outside comes in by it; what the wish made goes with the wish. A router behind another one, and one that says nothing."""
import json
import shutil
import sys
import time

import pytest
from conftest import TOP, needs_root
from world import Device, World, wait_for

pytestmark = needs_root
CHAINS = '''table inet filter {
 chain forward { type filter hook forward priority 0; jump miniupnpd
 }
 chain miniupnpd {
 }
 chain prerouting { type nat hook prerouting priority -100; jump prerouting_miniupnpd
 }
 chain postrouting { type nat hook postrouting priority 100; oifname "out0" masquerade; jump postrouting_miniupnpd
 }
 chain prerouting_miniupnpd {
 }
 chain postrouting_miniupnpd {
 }
}
'''
# A router that knows NAT-PMP (RFC 6886) only as far as to tell its address.
TELLS = '''
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.168.66.1", 5351))
while True:
    q, who = s.recvfrom(100)
    s.sendto(bytes([0, 128 + q[1], 0, 0, 0, 0, 0, 9]) + socket.inet_aton(sys.argv[1]), who)
'''


def router(w, natpmp='yes', upnp='yes'):
    (w.tmp / 'router.conf').write_text(f'ext_ifname=out0\nlistening_ip=in0\nenable_natpmp={natpmp}\nenable_upnp={upnp}\nport=0\nhttp_port=5000\nsecure_mode=yes\n'
                                       'uuid=4a0b1bd6-61c4-4a0b-9a07-5a5a5a5a5a5a\nallow 1024-65535 192.168.66.0/24 1024-65535\ndeny 0-65535 0.0.0.0/0 0-65535\n')
    w.router = w.spawn(w.home, 'miniupnpd', '-d', '-P', w.tmp / 'router.pid', '-f', w.tmp / 'router.conf', stderr=open(w.tmp / 'router.log', 'w'))
    wait_for(lambda: 'istening' in (w.tmp / 'router.log').read_text(), 5, 'miniupnpd')


def replace(w, start):
    w.router.terminate()
    w.router.wait(5)
    w.router = None
    w.sh(w.home, 'nft flush chain inet filter miniupnpd; nft flush chain inet filter prerouting_miniupnpd')
    start()


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    if not all(shutil.which(p, path='/usr/sbin:/usr/bin') for p in ('miniupnpd', 'natpmpc', 'upnpc')):
        pytest.skip('miniupnpd, natpmpc or upnpc is not here')
    with World(tmp_path_factory.mktemp('router')) as w:
        w.scene(endpoint='11.0.0.7:51820')
        w.home = w.space('home')
        w.wire(w.home, 'in0', ['192.168.66.1/24'], w.cellns, 'up0', ['192.168.66.10/24'])
        w.wire(w.home, 'out0', ['11.0.0.7/24'], w.inet, 'home0', ['11.0.0.1/24'])
        w.sh(w.home, 'sysctl -qw net.ipv4.ip_forward=1; ip route add default via 11.0.0.1; nft -f -', stdin=CHAINS)
        w.sh(w.cellns, 'ip route replace default via 192.168.66.1; ip -6 route del default')
        web = w.tmp / 'web'
        web.mkdir()
        (web / 'ip').write_text('198.51.100.7')
        w.spawn(w.cellns, sys.executable, TOP / 'tests/fixtures/providers.py', web, 120)
        wait_for(lambda: (web / 'port').exists(), 10, 'the providers')
        w.port = (web / 'port').read_text()
        router(w)
        w.start()
        (w.tmp / 'token').write_text('good-token\n')
        w.pic('cell', 'set', '--address-services', '')
        w.pic('domain', 'add', 'home.duckdns.org', '--mode', 'duckdns', '--server', f'127.0.0.1:{w.port}', '--token-file', w.tmp / 'token', '--families', 'ipv4')
        yield w


def told(w):
    return json.loads(w.pic.run('domain', 'status', '--json').stdout)


def led(w):
    return [line for line in w.sh(w.home, 'nft list chain inet filter prerouting_miniupnpd').splitlines() if 'dnat' in line]


def findings(w):
    return [f['what'] for f in json.loads(w.pic.run('doctor', '--json').stdout)['findings']]


def test_its_address(world):
    w = world
    wait_for(lambda: told(w)['domains'][0]['state'] == 'published', 15, 'the name is published')
    found = told(w)
    assert (found['ipv4'], found['behind'], found['asked'], found['router']) == ('11.0.0.7', True, 'the router (NAT-PMP)', None)
    assert found['domains'][0]['ipv4'] == '11.0.0.7' and not led(w), 'its address is all that was asked for'
    assert any('devices get in by it when it leads UDP port 51820 here' in f for f in findings(w))
    replace(w, lambda: router(w, natpmp='no'))
    w.pic('domain', 'publish', timeout=30)
    assert told(w)['ipv4'] == '11.0.0.7' and told(w)['asked'] == 'the router (UPnP)'


def test_the_port(world):
    w = world
    w.pic('cell', 'set', '--router', 'map')
    state = lambda: w.pic.json('status')['router']  # noqa: E731
    wait_for(lambda: state()['state'] == 'led', 20, 'the port is led')
    assert state()['way'] == 'UPnP' and state()['address'] == '11.0.0.7' and len(led(w)) == 1 and 'dport 51820 dnat ip to 192.168.66.10:51820' in led(w)[0]
    assert 'router    192.168.66.1 leads UDP port 51820 here (UPnP), from 11.0.0.7' in w.pic('status')
    assert 'leads the cell\'s UDP port here, asked to by the cell' in w.pic('domain', 'status')
    assert not [f for f in findings(w) if 'UDP port' in f or 'router' in f]
    phone = Device(w, 'phone', '0.0.0.0/0, ::/0', config=w.pic('peer', 'add', 'phone') and w.pic('peer', 'config', 'phone'))
    unknown = lambda: [f for f in json.loads(w.pic.run('doctor', '--json').stdout)['findings'] if 'nobody knows whether port 51820' in f['what']]  # noqa: E731
    assert [(f['level'], f['act'], f['fix'].split('.')[0]) for f in unknown()] == [('info', None, 'The router says that it leads the port here')]
    w.sh(w.cellns, 'ip route del 100.64.0.0/10')  # by the router alone
    phone.sh(f'ip route add 11.0.0.0/24 via {phone.sh("ip route show 203.0.113.0/24").split()[2]}')
    assert 'Endpoint = 11.0.0.7:51820' in phone.config
    wait_for(lambda: phone.sh('dig +short +time=1 +tries=1 @10.20.0.1 cell.home.internal', check=False).stdout.split() == ['10.20.0.1'], 12, 'a device outside comes in')
    assert phone.handshake() > 0
    assert not unknown()  # it came from there
    replace(w, lambda: router(w))
    w.pic('cell', 'set', '--listen-port', '51999')
    wait_for(lambda: state()['state'] == 'led' and state()['port'] == 51999 and ['dport 51999' in x for x in led(w)] == [True], 25, f'the new port instead: {led(w)}')
    w.pic('cell', 'set', '--router', 'ask')
    wait_for(lambda: not led(w), 15, 'led no more')
    assert state() is None
    w.pic('cell', 'set', '--router', 'map', '--listen-port', '51820')
    wait_for(lambda: led(w), 20, 'led again')


def test_refused_and_silent(world):
    """What its owner does not allow; and one that says nothing, which nobody waits for."""
    w = world
    replace(w, lambda: router(w, natpmp='no'))  # asked so, it looks at each of 65,535 other ports first
    w.pic('cell', 'set', '--listen-port', '443')
    wait_for(lambda: w.pic.json('status')['router']['state'] == 'refused', 25, 'refused')
    assert not led(w) and 'UDP port 443 is not led here: the router says' in w.pic('status') and any('UDP port 443 is not led here' in f for f in findings(w))
    w.pic('cell', 'set', '--listen-port', '51820')

    def nobody():
        w.pic('domain', 'set', 'home.duckdns.org', '--note', 'again')  # looks at once
        until, longest = time.monotonic() + 3, 0
        while time.monotonic() < until:
            began = time.monotonic()
            w.pic('status')
            longest = max(longest, time.monotonic() - began)
        assert longest < 1, f'the agent waited {longest:.1f} s for a router that says nothing'
    replace(w, nobody)


def tells(w, address):
    w.router = w.spawn(w.home, sys.executable, '-c', TELLS, address)
    wait_for(lambda: ':5351' in w.sh(w.home, 'ss -uln'), 5, 'the router')
    w.pic('cell', 'set', '--router', 'no')
    w.pic('cell', 'set', '--router', 'ask')
    w.pic('domain', 'set', 'home.duckdns.org', '--note', address)
    w.pic.run('domain', 'publish', timeout=30)
    return told(w)


def test_behind_another(world):
    w = world
    w.pic('cell', 'set', '--address-services', f'http://127.0.0.1:{w.port}/ip')
    found = tells(w, '100.64.3.4')
    assert found['ipv4'] is None and 'is behind another one: its address is 100.64.3.4 (CGNAT)' in found['why'], found
    assert any('100.64.3.4' in f and 'nobody reaches the cell' in f for f in findings(w))
    replace(w, lambda: None)
    found = tells(w, '192.168.1.2')
    assert found['ipv4'] == '198.51.100.7' and found['above'] == '192.168.1.2', found
    assert any('is behind another one: its address is 192.168.1.2; both have to lead UDP port 51820' in f for f in findings(w))
    replace(w, lambda: router(w))


def test_taken_back(world):
    w = world
    w.pic('cell', 'set', '--router', 'map')
    wait_for(lambda: led(w), 20, 'led')
    w.pic('down', timeout=30)
    assert not led(w), 'a cell that is taken down asks for no port'
