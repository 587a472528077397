"""Beside others: Docker's rules, an unknown table that drops, missing programs, taken names and ports. Each is named, with a fix."""
import json
import os
import subprocess

import pytest
from conftest import BIN, Pic, needs_root
from world import World, wait_for

pytestmark = needs_root


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as w:
        yield w.scene()


def findings(w):
    return json.loads(w.pic.run('--json', 'doctor').stdout)['findings']


def test_docker_and_unknown_table(world):
    w = world
    w.start()
    w.sh(w.cellns, 'iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; iptables -P FORWARD DROP; iptables -A FORWARD -j DOCKER-USER')
    w.sh(w.cellns, 'nft -f -', stdin='table inet strangers {\n chain f {\n type filter hook forward priority 10; policy drop;\n }\n}\n')
    text = '\n'.join(f['what'] + ' | ' + f['fix'] for f in findings(w))
    assert 'strangers' in text and 'DOCKER-USER' in text and 'FORWARD' in text.upper(), text
    w.sh(w.cellns, 'nft delete table inet strangers; iptables -P FORWARD ACCEPT')
    assert 'strangers' not in '\n'.join(f['what'] for f in findings(w))


def test_device_name_taken(world):
    w = world
    w.sh(w.cellns, f'ip link add {w.dev} type veth peer name other0')
    w.start(wait=False)
    status = wait_for(lambda: (lambda s: s if s.get('error') else None)(w.pic.json('status')), 15, 'an error in status')
    assert w.dev in status['error']['message'] + str(status['error'].get('hint')), status['error']
    assert w.sh(w.cellns, f'ip link show {w.dev}'), 'the foreign device is still there'
    w.sh(w.cellns, f'ip link del {w.dev}')
    w.pic('status', '--wait', '20s')


def test_port_taken(world):
    w = world
    holder = w.spawn(w.cellns, '/usr/bin/python3', '-c', 'import socket,time\nfor f,a in ((2,"0.0.0.0"),(10,"::")):\n s=socket.socket(f,2)\n'
                     ' f==10 and s.setsockopt(41,26,1)\n s.bind((a,51820))\n globals()["s%d"%f]=s\nprint("ok",flush=True)\ntime.sleep(60)',
                     stdout=-1, text=True)
    assert holder.stdout.readline().strip() == 'ok'
    w.start(wait=False)
    status = wait_for(lambda: (lambda s: s if s.get('error') else None)(w.pic.json('status')), 15, 'an error in status')
    assert '51820' in str(status['error']), status['error']
    holder.kill()
    holder.wait()
    w.pic('status', '--wait', '70s', timeout=90)


def test_second_picd(world):
    w = world
    w.start()
    second = w.spawn(w.cellns, *w.picd.args[4:], stderr=-1, text=True)
    assert second.wait(10) == 1
    assert str(w.agent_pid()) in second.stderr.read()
    w.pic('status', '--wait', '5s')


def test_drift_is_repaired(world):
    """Somebody else's change to our table, our device, our names comes back by itself."""
    w = world
    w.start()
    w.pic('peer', 'add', 'anna', '--access', 'lan')
    a = w.pic.json('peer', 'show', 'anna')
    for harm in (f'nft delete element inet pic peers4 {{ {a["address4"]} }}', 'nft flush ruleset', f'ip addr del 10.20.0.1/16 dev {w.dev}',
                 f'wg set {w.dev} peer {a["public_key"]} remove', f'ip link set {w.dev} down', 'pkill -9 -f unbound.*' + w.tmp.name,
                 f'pkill -9 -f "wireguard-go -f {w.dev}"'):
        w.sh(w.cellns, harm, check=False)
        if harm.startswith('wg set'):
            w.pic('apply')  # userspace WireGuard tells nobody: found at the next look

        def good():
            return (a['address4'] in w.sh(w.cellns, 'nft list map inet pic peers4', check=False).stdout
                    and a['public_key'] in w.sh(w.cellns, f'wg show {w.dev} peers', check=False).stdout
                    and '10.20.0.1/16' in w.sh(w.cellns, f'ip addr show {w.dev}', check=False).stdout
                    and 'UP' in w.sh(w.cellns, f'ip link show {w.dev}', check=False).stdout
                    and a['address4'] in w.sh(w.cellns, 'dig +short +time=1 +tries=1 @10.20.0.1 anna.home.internal', check=False).stdout)
        wait_for(good, 20, f'repair after {harm}')


def test_down_leaves_nothing(world):
    w = world
    w.start()
    w.pic('peer', 'add', 'anna', '--subnets', '192.168.50.0/24')
    w.pic('down')
    w.picd.wait(10)
    assert w.sh(w.cellns, 'nft list tables').strip() == ''
    assert w.dev not in w.sh(w.cellns, 'ip link') and '192.168.50' not in w.sh(w.cellns, 'ip route show table all')
    assert w.sh(w.cellns, 'sysctl -n net.ipv4.ip_forward').strip() == '0' and w.sh(w.cellns, 'sysctl -n net.ipv6.conf.all.forwarding').strip() == '0'
    assert subprocess.run(['ip', 'netns', 'pids', w.cellns], capture_output=True, text=True).stdout.strip() == ''
    assert not os.path.exists(f'/var/run/wireguard/{w.dev}.sock')
    w.start()
    assert w.pic.json('peer', 'list')[0]['name'] == 'anna'


def test_programs_missing(world):
    """Without unbound, wireguard-go or libnftables: a clear error and the package to install; the block holds."""
    w = world
    # an empty file over the program, in a mount namespace of its own
    child = w.spawn(w.cellns, 'unshare', '-m', 'sh', '-c', f'mount --bind /dev/null /usr/sbin/unbound; exec {BIN}/picd --dir {w.pic.dir}',
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = wait_for(lambda: (lambda s: s if s.get('error') else None)(w.pic.json('status')), 15, 'an error in status')
    assert 'unbound' in str(status['error']), status['error']
    assert child.poll() is None, 'the agent still serves'


def test_no_capability(world):
    w = world
    done = w.sh(w.cellns, f'setpriv --bounding-set=-net_admin --inh-caps=-net_admin -- {BIN}/picd --dir {w.pic.dir}', check=False)
    assert done.returncode == 1 and 'CAP_NET_ADMIN' in done.stderr, done.stderr


def test_networks_of_the_host_are_refused(world, tmp_path):
    w = world
    other = Pic(tmp_path / 'other', world='real', netns=w.cellns)
    error = other.refused('init', '--name', 'other', '--net4', '192.168.0.0/16', code='CONFLICT')
    assert 'lan0' in error['message'] and '192.168.77' in error['message']
    error = other.refused('init', '--name', 'other', '--net6', '2001:db8:1::/48', code='CONFLICT')
    assert not (tmp_path / 'other').exists() or not os.listdir(tmp_path / 'other')
