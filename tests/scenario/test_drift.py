"""What others change on this machine: put right and told; or, where the cell says so, told and left alone, but what keeps packets out comes back. What of
others acts before us is named."""
import json
import pathlib

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        w.pic('peer', 'add', 'anna', '--access', 'lan', '--subnets', '192.168.50.0/24')
        yield w


def harms(w):
    """kind -> (what somebody does, in which namespace of ours; what tells that it was done)"""
    a = w.pic.json('peer', 'show', 'anna')
    unbound = pathlib.Path(w.pic.dir) / 'run/dns/unbound.pid'
    return {
        'nft.peer4': f'nft delete element inet pic peers4 {{ {a["address4"]} }}',
        'wg.peer': f'wg set {w.dev} peer {a["public_key"]} remove',
        'route.route': f'ip route del 192.168.50.0/24 dev {w.dev}',
        'route.addr': f'ip addr del 10.20.0.1/16 dev {w.dev}',
        'route.link': f'ip link set {w.dev} down',
        'route.sysctl': 'sysctl -qw net.ipv4.ip_forward=0',
        'dns.server': f'read pid rest < {unbound}; kill -9 $pid',
    }


def rows(w, verb):
    return [json.loads(line) for line in w.pic('--json', 'history', '--verb', verb, '--lines', '1000').splitlines()]


def kinds(drift):
    return {s['kind'] for s in drift['steps']}


def test_repaired_and_told(world):
    w = world
    assert w.pic.json('drift') == {'revision': w.pic.json('status')['revision'], 'steps': [], 'foreign': [], 'repair': True, 'repaired': 0}
    w.pic('drift', '--exit-code')
    assert rows(w, 'repair') == []
    last = [json.loads(line) for line in w.pic('--json', 'events').splitlines()][-1]['seq']
    for kind, harm in harms(w).items():
        before = len(rows(w, 'repair'))
        w.sh(w.cellns, harm)
        if kind == 'wg.peer':  # wireguard-go tells nobody: found when somebody looks, each minute or asked
            wait_for(lambda: kind in kinds(w.pic.json('drift')), 10, f'{kind} in pic drift')
            assert w.pic.run('drift', '--exit-code').returncode == 3
            w.pic('drift', '--repair')
        wait_for(lambda: len(rows(w, 'repair')) > before, 20, f'a row of the repair after {harm}')
        wait_for(lambda: w.pic.json('drift')['steps'] == [], 20, f'repair after {harm}')
        row = rows(w, 'repair')[0]
        assert row['actor'] == ('root' if kind == 'wg.peer' else 'agent') and row['text'].startswith('repaired what others changed: '), row
        assert kind.split('.')[0] in row['text'], row
    told = [json.loads(line) for line in w.pic('--json', 'events', '--after', str(last)).splitlines()]
    assert [e['verb'] for e in told].count('repair') >= len(harms(w))
    w.pic('audit', 'verify')


def test_table_and_fight(world):
    """The whole table, a rule, and somebody who does it again and again: the journal stays small, the log has all."""
    w = world
    for _ in range(8):
        w.sh(w.cellns, 'nft flush ruleset')
        wait_for(lambda: 'chain forward' in w.sh(w.cellns, 'nft list table inet pic', check=False).stdout, 10, 'the table', nap=0.01)
    assert 1 <= len(rows(w, 'repair')) <= 2
    wait_for(lambda: w.pic('log', 'agent', '--lines', '500').count('repaired with') >= 8, 10, 'each in the log')


def test_left_alone(world):
    w = world
    w.serve(w.lan, [80], 'lan')
    anna = w.peer('berta', '--access', 'internet', allowed='0.0.0.0/0, ::/0')
    w.pic('cell', 'set', '--repair', 'no')
    all_harms = harms(w)
    for kind, harm in all_harms.items():
        if kind in ('route.addr', 'route.link', 'route.sysctl', 'dns.server'):  # probes need the device; names come below
            continue
        w.sh(w.cellns, harm)
        wait_for(lambda: kind in kinds(w.pic.json('drift')), 10, f'{kind} in pic drift')
    drift = w.pic.json('drift')
    assert {'nft.peer4', 'wg.peer', 'route.route'} <= kinds(drift) and drift['repair'] is False
    assert w.pic.run('drift', '--exit-code').returncode == 3
    # a look by itself may have come between two of them: the next one, a second later, tells of all
    wait_for(lambda: (w.pic.json('status')['drift'] or {'count': 0})['count'] == 3, 70, 'all of it in status')
    assert any(f['area'] == 'drift' for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'])
    assert 'left alone' in rows(w, 'drift')[0]['text'] and rows(w, 'repair') == []
    # packets stay out: of one with rights elsewhere only, and when the table is flushed
    blocked = [['tcp', '192.168.77.10', 80]]
    assert anna.probe(blocked) == [False]
    w.sh(w.cellns, 'nft flush ruleset')
    assert anna.probe(blocked) == [False]
    wait_for(lambda: 'chain forward' in w.sh(w.cellns, 'nft list table inet pic', check=False).stdout, 2, 'the table', nap=0.01)
    assert anna.probe(blocked) == [False]
    drift = wait_for(lambda: (lambda d: d if 'nft.shape' not in kinds(d) else None)(w.pic.json('drift')), 5, 'the rules again')
    assert 'wg.peer' in kinds(drift) and 'nft.peer4' not in kinds(drift), 'the table comes back whole, the rest is left'
    # a right that somebody puts in by hand is taken away
    a = w.pic.json('peer', 'show', 'berta')
    w.sh(w.cellns, f'nft delete element inet pic peers4 {{ {a["address4"]} }}; nft add element inet pic peers4 {{ {a["address4"]} : 0x00ff0000 }}')
    wait_for(lambda: '0x00ff0000' not in w.sh(w.cellns, 'nft list map inet pic peers4'), 5, 'the foreign right is gone')
    # a change applies, the rest stays left alone
    w.pic('peer', 'add', 'carl', '--access', 'lan')
    assert w.pic.json('peer', 'show', 'carl')['address4'] in w.sh(w.cellns, 'nft list map inet pic peers4')
    assert 'wg.peer' in kinds(w.pic.json('drift'))
    # until somebody asks
    done = w.pic.json('drift', '--repair')
    assert done['repaired'] > 0
    assert w.pic.json('drift')['steps'] == [] and w.pic.json('status')['drift'] is None
    assert rows(w, 'repair')[0]['actor'] == 'root'
    # or it stands in the way of a change
    w.sh(w.cellns, all_harms['dns.server'])
    wait_for(lambda: w.pic.json('status')['drift'], 10, 'drift in status')
    w.pic('peer', 'add', 'dora')
    assert w.pic.json('drift')['steps'] == [] and w.pic.json('status')['drift'] is None
    # or the cell says otherwise
    w.sh(w.cellns, f'ip link set {w.dev} down')
    wait_for(lambda: w.pic.json('status')['drift'], 10, 'drift in status')
    w.pic('cell', 'set', '--repair', 'yes')
    wait_for(lambda: 'UP' in w.sh(w.cellns, f'ip link show {w.dev}'), 10, 'the link up')


STRANGERS = {
    'marks between our chains': 'nft add table inet s; nft add chain inet s m "{ type filter hook forward priority -5; }"; nft add rule inet s m meta mark set 7',
    'marks of flows': 'nft add table ip s; nft add chain ip s m "{ type filter hook postrouting priority 5; }"; nft add rule ip s m ct mark set 7',
    'connection tracking': 'nft add table inet s; nft add chain inet s r "{ type filter hook prerouting priority -300; }"; nft add rule inet s r notrack',
    'sends what our devices ask for elsewhere': 'nft add table ip s; nft add chain ip s d "{ type nat hook prerouting priority -100; }";'
                                               'nft add rule ip s d iifname DEV tcp dport 80 dnat to 198.51.100.1',
    'comes from outside to devices of ours': 'nft add table ip s; nft add chain ip s d "{ type nat hook prerouting priority -100; }";'
                                            'nft add rule ip s d iifname wan0 tcp dport 80 dnat to 10.20.0.9',
    'drops by policy': 'nft add table inet s; nft add chain inet s f "{ type filter hook forward priority 10; policy drop; }"',
    'go that way': 'ip route add default via 203.0.113.254 table 77; ip rule add pref 50 lookup 77',
    'go that way ': 'ip -6 route add default via 2001:db8:1::fe table 77; ip -6 rule add pref 50 fwmark 0x10000/0xff0000 lookup 77',
    'drops packets': 'ip rule add pref 50 iif DEV prohibit',
}
INFOS = {
    'ours still judges': 'nft add table inet s; nft add chain inet s a "{ type filter hook forward priority -5; }"; nft add rule inet s a tcp dport 1 accept',
    'may send what our devices': 'nft add table ip s; nft add chain ip s d "{ type nat hook prerouting priority -100; }"; nft add rule ip s d tcp dport 80 redirect to :81',
}
CLEAN = ('set +e; nft delete table inet s; nft delete table ip s; ip rule del pref 50; ip -6 rule del pref 50; ip route flush table 77; ip -6 route flush table 77;'
         'ip rule del pref 49; ip -6 rule del pref 49; true')


def test_foreign(world):
    w = world
    for part, does in {**STRANGERS, **INFOS}.items():
        w.sh(w.cellns, 'set -e; ' + does.replace('DEV', w.dev))
        foreign = w.pic.json('drift')['foreign']
        assert len(foreign) == 1 and part.strip() in foreign[0]['what'], (does, foreign)
        weak = part in STRANGERS
        assert foreign[0]['level'] == ('warning' if weak else 'info')
        assert w.pic.run('drift', '--exit-code').returncode == (3 if weak else 0)
        findings = json.loads(w.pic.run('--json', 'doctor').stdout)['findings']
        assert [f['what'] for f in findings if f in foreign] == ([foreign[0]['what']] if weak else []), 'doctor says it in the same words, once'
        w.sh(w.cellns, CLEAN, check=False)
        assert w.pic.json('drift')['foreign'] == []
    assert w.pic.json('drift')['steps'] == []


def test_without_agent(world):
    """Looked at from here; repaired is it only by an agent."""
    w = world
    w.picd.terminate()
    w.picd.wait(10)
    drift = w.pic.json('drift')
    assert 'wg.device' in kinds(drift) or 'wg.peer' in kinds(drift) or drift['steps'] == [], drift
    w.sh(w.cellns, 'ip route del 192.168.50.0/24; true', check=False)
    w.pic.refused('drift', '--repair', code='NOAGENT')
