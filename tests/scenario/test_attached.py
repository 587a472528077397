"""Networks that the cell's machine is attached to are lan, whatever their addresses, and never internet: a LAN with global addresses of both families
stays closed for who has `internet` alone, also when it comes, moves or goes while the cell runs."""
import json
import time

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root
NAS4, NAS6 = '198.18.5.10', '2001:db8:5::10'  # on the LAN, of global addresses
NEXT4, NEXT6 = '198.18.6.10', '2001:db8:6::10'  # there too, in networks that come later
WEB4, WEB6 = '198.51.100.10', '2001:db8:51::10'  # beyond the router
WAN4 = '203.0.113.254'  # the router itself
PORT = 445


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('attached')) as w:
        w.scene()
        w.sh(w.cellns, 'ip addr add 198.18.5.1/24 dev lan0; ip addr add 2001:db8:5::1/64 dev lan0 nodad')
        w.sh(w.lan, f'ip addr add {NAS4}/24 dev eth0; ip addr add {NAS6}/64 dev eth0 nodad;'
                    f'ip addr add {NEXT4}/24 dev eth0; ip addr add {NEXT6}/64 dev eth0 nodad')
        # until those networks come they are somewhere else: hosts of the internet
        w.sh(w.inet, f'ip addr add {NEXT4}/32 dev lo; ip addr add {NEXT6}/128 dev lo nodad')
        w.start()
        w.a = w.peer('anna')
        w.logs = {'lan': w.serve(w.lan, [PORT, PORT + 1], 'lan'), 'inet': w.serve(w.inet, [PORT, PORT + 1], 'inet')}
        yield w


def reach(w, *places, port=PORT):
    """Of (name, v4, v6) those that answer, with the family."""
    probes, names = [], []
    for name, v4, v6 in places:
        for family, address in ((4, v4), (6, v6)):
            for proto in ('tcp', 'udp', 'icmp'):
                probes.append((proto, address, port if proto != 'icmp' else 0))
                names.append((name, family))
    answers = w.a.probe(probes, timeout=0.8)
    got = {}
    for name, answer in zip(names, answers):
        got.setdefault(name, set()).add(answer)
    assert all(len(x) == 1 for x in got.values()), f'protocols differ: {list(zip(probes, answers))}'
    return {name for name, x in got.items() if x == {True}}


NAS, NEXT, WEB = ('nas', NAS4, NAS6), ('next', NEXT4, NEXT6), ('web', WEB4, WEB6)


def both(*names):
    return {(n, f) for n in names for f in (4, 6)}


@pytest.mark.parametrize('access, names', (('', ()), ('internet', ('web', 'next')), ('lan', ('nas',)), ('internet,lan', ('nas', 'web', 'next')),
                                           (f'internet,{NAS4},[{NAS6}]', ('web', 'next', 'nas'))))
def test_grants(world, access, names):
    w = world
    w.pic('peer', 'set', 'anna', '--access', access)
    assert reach(w, NAS, NEXT, WEB) == both(*names)


def test_one_port(world):
    """What was granted of it by address holds, and no more."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', f'internet,{NAS4}:tcp/{PORT},[{NAS6}]:tcp/{PORT}')
    assert w.a.probe([('tcp', NAS4, PORT), ('tcp', NAS6, PORT), ('tcp', NAS4, PORT + 1), ('tcp', NAS6, PORT + 1), ('udp', NAS4, PORT), ('udp', NAS6, PORT)]) \
        == [True, True, False, False, False, False]


def test_why_says_it(world):
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    for to, net in ((f'{NAS4}:{PORT}', '198.18.5.0/24'), (f'[{NAS6}]:{PORT}', '2001:db8:5::/64'), (WAN4, '203.0.113.0/24')):
        answer = json.loads(w.pic.run('--json', 'why', 'anna', to).stdout)
        assert not answer['allowed'] and answer['reason'].startswith(f'{net} is a network of this machine: it belongs to lan'), answer
    assert w.pic.json('why', 'anna', f'[{WEB6}]:443')['allowed']
    w.pic('peer', 'set', 'anna', '--access', 'lan')
    assert w.pic.json('why', 'anna', f'[{NAS6}]:443')['reason'].endswith('2001:db8:5::/64 is a network of this machine: it belongs to lan')


def after(w, change, *places):
    """Who of these is reached a moment after the machine's network changed."""
    w.sh(w.cellns, change)
    time.sleep(0.3)
    return reach(w, *places)


def test_a_network_comes_and_goes(world):
    """`ip addr add` on the host closes that network at once, `del` opens it (it is the internet's again); of both families."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    assert reach(w, NEXT, WEB) == both('next', 'web')
    assert after(w, 'ip addr add 198.18.6.1/24 dev lan0; ip addr add 2001:db8:6::1/64 dev lan0 nodad', NEXT, WEB) == both('web')
    w.pic('peer', 'set', 'anna', '--access', 'internet,lan')
    before = w.logs['lan'].read_text()
    assert reach(w, NEXT, WEB) == both('next', 'web')
    assert w.logs['lan'].read_text() != before  # it is the LAN's host that answers now
    w.pic('peer', 'set', 'anna', '--access', 'lan')
    assert reach(w, NEXT) == both('next')
    assert after(w, 'ip addr del 198.18.6.1/24 dev lan0; ip addr del 2001:db8:6::1/64 dev lan0', NEXT, NAS) == both('nas')
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    assert reach(w, NEXT, NAS) == both('next')


def test_a_route_comes_and_goes(world):
    """The same for a route without another hop; one behind a router is the internet's; halves of everything are nobody's network."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    assert after(w, 'ip route add 198.18.6.0/24 dev lan0; ip -6 route add 2001:db8:6::/64 dev lan0', NEXT, WEB) == both('web')
    assert after(w, 'ip route replace 198.18.6.0/24 via 203.0.113.254; ip -6 route del 2001:db8:6::/64 dev lan0', NEXT, WEB) == both('next', 'web')
    w.sh(w.cellns, 'ip route del 198.18.6.0/24')
    assert after(w, 'ip route add 0.0.0.0/1 dev lan0; ip route add 198.51.100.0/24 via 203.0.113.254;'
                                 'ip -6 route add 2000::/3 dev lan0; ip -6 route add 2001:db8:51::/64 via 2001:db8:1::fe', WEB, NAS) == both('web')
    said = w.pic.run('doctor').stdout
    assert '0.0.0.0/1 is directly at lan0, but too wide' in said and '2000::/3 is directly at lan0' in said, said
    w.sh(w.cellns, 'ip route del 0.0.0.0/1 dev lan0; ip -6 route del 2000::/3 dev lan0; ip route del 198.51.100.0/24; ip -6 route del 2001:db8:51::/64')
    assert reach(w, WEB, NEXT, NAS) == both('web', 'next')


@pytest.mark.parametrize('family', (4, 6))
def test_running_flows_end(world, family):
    """A stream to what becomes a network of this machine stops with the right to it, and its entry goes; another one, to the rest of the internet, loses
    nothing."""
    w = world
    far, web = (NEXT4, WEB4) if family == 4 else (NEXT6, WEB6)
    net, here = ('198.18.6.0/24', '198.18.6.1/24') if family == 4 else ('2001:db8:6::/64', '2001:db8:6::1/64')
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    outs = {}
    for i, to in enumerate((far, web)):
        port, outs[to] = 9500 + 10 * family + i, w.tmp / f'flow{family}{i}'
        w.spawn(w.inet, 'sh', '-c', f'while :; do date +%s.%N; sleep 0.05; done | nc -{family} -l {to} {port}')
        time.sleep(0.3)
        w.spawn(w.a.space, 'sh', '-c', f'nc -d {to} {port} > {outs[to]}')
    for out in outs.values():
        wait_for(lambda out=out: out.exists() and out.stat().st_size > 100, what='stream')

    def entries(port):
        return w.sh(w.cellns, f'conntrack -L -f ipv{family} 2>/dev/null | grep -c "ESTABLISHED.*dport={port}" || true').strip()
    assert [entries(9500 + 10 * family + i) for i in (0, 1)] == ['1', '1']
    # the far host's packets still come in by wan0, so only the rules can stop them
    w.sh(w.cellns, f'ip addr add {here} dev lan0' + (' nodad' if family == 6 else ''))
    time.sleep(0.3)
    sizes = {to: out.stat().st_size for to, out in outs.items()}
    assert [entries(9500 + 10 * family + i) for i in (0, 1)] == ['0', '1']
    time.sleep(0.7)
    assert outs[far].stat().st_size == sizes[far], f'{net}: packets still come'
    assert outs[web].stat().st_size > sizes[web], 'the other stream stopped'
    w.sh(w.cellns, f'ip addr del {here} dev lan0')


def test_the_agent_was_away(world):
    """What changed while no agent ran is right when it is ready."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    pid = w.agent_pid()
    w.picd.terminate()
    w.picd.wait(10)
    w.sh(w.cellns, 'ip addr add 198.18.6.1/24 dev lan0; ip addr add 2001:db8:6::1/64 dev lan0 nodad')
    w.start()
    assert w.agent_pid() != pid
    rules = w.sh(w.cellns, 'nft list table inet pic')
    assert '-198.18.4.255' in rules and '198.18.7.0-' in rules and '-2001:db8:4:ffff:ffff:ffff:ffff:ffff' in rules
    wait_for(lambda: reach(w, WEB) == both('web'), 30, 'the tunnel')
    assert reach(w, NEXT, NAS, WEB) == both('web')
    w.sh(w.cellns, 'ip addr del 198.18.6.1/24 dev lan0; ip addr del 2001:db8:6::1/64 dev lan0')
    wait_for(lambda: reach(w, NEXT) == both('next'), 3, 'open again')


def test_two_changes_at_once(world):
    """Networks that come and go while rights change: at the end, rules and wishes agree."""
    w = world
    flood = w.spawn(w.cellns, 'sh', '-c', 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); ip addr add 198.18.6.1/24 dev lan0; ip addr add 2001:db8:6::1/64 dev lan0 nodad;'
                                          'sleep 0.01; ip addr del 198.18.6.1/24 dev lan0; ip addr del 2001:db8:6::1/64 dev lan0; done;'
                                          'ip addr add 198.18.6.1/24 dev lan0; ip addr add 2001:db8:6::1/64 dev lan0 nodad')
    turn = 0
    while flood.poll() is None:
        turn += 1
        w.pic('peer', 'set', 'anna', '--access', ('internet', 'lan', 'internet,lan', '')[turn % 4])
    assert flood.returncode == 0 and turn > 3
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    time.sleep(0.5)
    assert reach(w, NEXT, NAS, WEB) == both('web')
    assert w.pic.json('plan')['steps'] == []
    w.sh(w.cellns, 'ip addr del 198.18.6.1/24 dev lan0; ip addr del 2001:db8:6::1/64 dev lan0')
    time.sleep(0.3)
    assert reach(w, NEXT, NAS, WEB) == both('web', 'next')
