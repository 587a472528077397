"""No internet: the outer wire is out before the machine starts. Devices at home connect, have names, the right time and a certificate that they
trust; one more device is added; and the machine starts again."""
import os
import signal
import time

from conftest import needs_root
from world import Device, World, wait_for


class AtHome(Device):
    """It reaches the cell by the lan, and nothing else."""

    def __init__(self, world, name, number):
        self.world, self.name, self.space = world, name, world.space(name)
        world.wire(self.space, 'eth0', [f'192.168.78.{4 * number + 2}/30'], world.lan, f'home{number}', [f'192.168.78.{4 * number + 1}/30'])
        world.sh(self.space, f'ip route add 192.168.77.0/24 via 192.168.78.{4 * number + 1}')
        self.config = world.pic('peer', 'config', name)
        self.values = dict(line.split(' = ', 1) for line in self.config.splitlines() if ' = ' in line)
        self.address4, self.address6 = [a.strip().split('/')[0] for a in self.values['Address'].split(',')]
        self.tun = world.device('pp')
        self.up('10.20.0.0/16, fd20::/48')

    def anew(self):
        """A handshake now: WireGuard by itself makes one when answers have stayed away for 15 s."""
        self.sh(f'c=$(wg showconf {self.tun}); wg set {self.tun} peer $(wg show {self.tun} peers) remove; echo "$c" | wg addconf {self.tun} /dev/stdin;'
                'ping -c1 -W3 10.20.0.1')


def add(w, name, number):
    w.pic('peer', 'add', name, '--access', 'peers')
    return AtHome(w, name, number)


def works(w, device, other, away=True):
    """Names of both kinds and both ways, the time, and a certificate that the root says is right; by the tunnel."""
    for server in ('10.20.0.1', 'fd20::1'):
        assert device.sh(f'dig +short {other.name}.home.internal @{server}').split() == [other.address4]
        assert device.sh(f'dig +short AAAA {other.name}.home.internal @{server}').split() == [other.address6]
        assert device.sh(f'dig +short -x {other.address4} @{server}').split() == [f'{other.name}.home.internal.']
        assert device.sh(f'dig +short nas.home.internal @{server}').split() == ['10.20.0.77']
        assert w.sh(device.space, f"chronyd -Q -t 3 'server {server} iburst maxsamples 1'", check=False).returncode == 0
    device.sh(f'ping -c1 -W3 {other.address4}; ping -c1 -W3 {other.address6}')
    if not away:
        return
    began = time.monotonic()
    assert 'SERVFAIL' in device.sh('dig +tries=1 +timeout=5 example.com @10.20.0.1'), 'told at once that there is no internet'
    assert time.monotonic() - began < 1.5


@needs_root
def test_no_internet(tmp_path):
    with World(tmp_path) as w:
        w.scene(endpoint='192.168.77.1:51820')
        w.sh(w.inet, 'ip link set cell0 down')
        w.sh(w.cellns, 'ip route del default; ip -6 route del default', check=False)
        w.sh(w.cellns, 'ip route add 192.168.78.0/24 via 192.168.77.10')
        w.sh(w.lan, 'sysctl -qw net.ipv4.ip_forward=1')
        w.pic('dns', 'record', 'add', 'nas', '--addresses', '10.20.0.77')
        w.start()
        anna, bert = add(w, 'anna', 1), add(w, 'bert', 2)
        bert.sh('ping -c1 -W3 10.20.0.1')
        works(w, anna, bert)
        w.pic('cert', 'issue', 'nas.home.internal')
        root, leaf = w.tmp / 'root.pem', w.tmp / 'leaf.pem'
        root.write_text(w.pic('cert', 'root'))
        leaf.write_text(w.pic('cert', 'export', 'nas.home.internal'))
        assert 'OK' in anna.sh(f'openssl verify -CAfile {root} -verify_hostname nas.home.internal {leaf}')

        w.pic('down')  # the machine starts anew, the wire still out
        w.picd.wait(20)
        w.start()
        anna.anew()
        bert.anew()
        works(w, bert, anna)
        cora = add(w, 'cora', 3)
        cora.sh('ping -c1 -W3 10.20.0.1')
        works(w, cora, anna)

        os.kill(w.agent_pid(), signal.SIGKILL)
        w.picd.wait(5)
        works(w, anna, cora)
        w.start()

        w.sh(w.inet, 'ip link set cell0 up')  # and the internet comes
        w.sh(w.cellns, 'ip route add default via 203.0.113.254')
        w.pic('peer', 'set', 'cora', '--access', 'peers,internet')
        log = w.serve(w.inet, [7000])
        wait_for(lambda: w.probe(w.cellns, [('tcp', '198.51.100.10', 7000)]) == [True], 10, f'the world is there: {log}')
        cora.sh(f'wg set {cora.tun} peer $(wg show {cora.tun} peers) allowed-ips 0.0.0.0/0,::/0')
        assert cora.probe([('tcp', '198.51.100.10', 7000)]) == [True]
        works(w, anna, cora, away=False)
