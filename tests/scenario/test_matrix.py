"""Who reaches what: for each grant, allowed traffic passes and its neighbours do not, both families, for devices whose AllowedIPs
say "everything" by hand. Shown by probes and by what the far hosts logged and the outer wires carried."""
import time

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root
NAS4, NAS6, LAN4, LAN6 = '192.168.77.10', 'fd77::10', '192.168.77.11', 'fd77::11'
WEB4, WEB6 = '198.51.100.10', '2001:db8:51::10'


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('matrix')) as w:
        w.scene()
        w.start()
        w.a, w.b, w.c = w.peer('anna'), w.peer('bob'), w.peer('carl')
        # the cell's own port 80 is the front's
        w.logs = {name: w.serve(space, [445, 446, 8080] + [80] * (name != 'cell'), name) for name, space in
                  (('lan', w.lan), ('inet', w.inet), ('bob', w.b.space), ('carl', w.c.space), ('cell', w.cellns))}
        yield w


def addresses(w):
    return {'nas': (NAS4, NAS6), 'lan2': (LAN4, LAN6), 'web': (WEB4, WEB6), 'bob': (w.b.address4, w.b.address6),
            'carl': (w.c.address4, w.c.address6), 'cell': ('10.20.0.1', 'fd20::1'), 'celllan': ('192.168.77.1', 'fd77::1')}


# Everything that is tried each time: target, protocol, port. Each in both families.
TRIED = [(t, p, n) for t in ('nas', 'lan2', 'web', 'bob', 'carl', 'cell', 'celllan')
         for p, n in (('tcp', 445), ('tcp', 446), ('tcp', 8080), ('udp', 445), ('udp', 446), ('icmp', 0))]
ALWAYS = {('cell', 'icmp', 0)}


def everything(target):
    return {(t, p, n) for t, p, n in TRIED if t == target}


GRANTS = {
    '': set(),
    'internet': everything('web'),
    'lan': everything('nas') | everything('lan2'),
    'peers': everything('bob') | everything('carl'),
    'peer:bob': everything('bob'),
    'group:kids': everything('carl'),
    f'{NAS4}:tcp/445,[{NAS6}]:tcp/445': {('nas', 'tcp', 445)},
    f'{NAS4}:udp/445,[{NAS6}]:udp/445': {('nas', 'udp', 445)},
    f'{NAS4}:tcp/445-446,[{NAS6}]:tcp/445-446': {('nas', 'tcp', 445), ('nas', 'tcp', 446)},
    f'{NAS4}:icmp,[{NAS6}]:icmp': {('nas', 'icmp', 0)},
    f'{NAS4}:tcp,[{NAS6}]:tcp': {('nas', 'tcp', 445), ('nas', 'tcp', 446), ('nas', 'tcp', 8080)},
    '192.168.77.0/24,[fd77::]/64': everything('nas') | everything('lan2') | everything('celllan'),
    '192.168.77.1:tcp/445,[fd77::1]:tcp/445': {('celllan', 'tcp', 445)},
    '10.20.0.1:tcp/8080,[fd20::1]:tcp/8080': {('cell', 'tcp', 8080)},
    f'internet,{NAS4},[{NAS6}],{NAS4}:tcp/445': everything('web') | everything('nas'),
}


def passes(w, peer):
    """The set of (target, protocol, port, family) that answers."""
    where = addresses(w)
    probes = [(p, where[t][f], n) for t, p, n in TRIED for f in (0, 1)]
    answers = peer.probe(probes, timeout=0.8)
    return {(t, p, n, (4, 6)[f]) for (t, p, n, f), good in zip([(t, p, n, f) for t, p, n in TRIED for f in (0, 1)], answers) if good}


@pytest.mark.parametrize('grants', GRANTS, ids=lambda g: g or 'nothing')
def test_grant(world, grants):
    w = world
    if 'group:kids' in grants:
        w.pic('group', 'add', 'kids')
        w.pic('peer', 'set', 'carl', '--groups', 'kids')
    w.pic('peer', 'set', 'anna', '--access', grants)
    expected = {(*x, f) for x in GRANTS[grants] | ALWAYS for f in (4, 6)}
    assert passes(w, w.a) == expected


@pytest.mark.parametrize('family', (4, 6))
def test_one_family_only(world, family):
    """A grant to one family's address opens nothing of the other."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', NAS4 if family == 4 else f'[{NAS6}]')
    assert passes(w, w.a) == {(*x, family) for x in everything('nas')} | {(*x, f) for x in ALWAYS for f in (4, 6)}


def test_group_grants(world):
    """What a group may, its members may; who leaves it, may not."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', '')
    w.pic('group', 'add', 'readers', '--access', f'{NAS4}:tcp/445,[{NAS6}]:tcp/445')
    w.pic('peer', 'set', 'anna', '--groups', 'readers')
    always = {(*x, f) for x in ALWAYS for f in (4, 6)}
    assert passes(w, w.a) == {('nas', 'tcp', 445, 4), ('nas', 'tcp', 445, 6)} | always
    w.pic('peer', 'set', 'anna', '--groups', '')
    assert passes(w, w.a) == always


def test_spoofed_sources(world):
    """A device that uses another device's address, the cell's, or a stranger's reaches nothing, also where that address may."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'lan,internet,peers')
    w.pic('peer', 'set', 'bob', '--access', 'lan,internet,peers')
    before = {name: log.read_text() for name, log in w.logs.items()}
    probes = []
    for source4, source6 in ((w.b.address4, w.b.address6), ('10.20.0.1', 'fd20::1'), ('10.20.200.200', 'fd20::9999'), ('192.0.2.7', '2001:db8:9::7')):
        for t4, t6 in ((NAS4, NAS6), (WEB4, WEB6), (w.c.address4, w.c.address6)):
            probes += [(p, t4, 445, source4) for p in ('tcp', 'udp')] + [(p, t6, 445, source6) for p in ('tcp', 'udp')]
    assert w.a.probe(probes) == [False] * len(probes)
    for name, log in w.logs.items():
        assert log.read_text() == before[name], f'{name} heard from a spoofed source'
    w.pic('peer', 'set', 'bob', '--access', '')


def test_outside_cannot_reach_in(world):
    """Neither lan nor internet hosts reach devices or the cell's tunnel addresses, nor with a source inside the cell's networks."""
    w = world
    for space, via4, via6 in ((w.lan, '192.168.77.1', 'fd77::1'), (w.inet, '203.0.113.1', '2001:db8:1::1')):
        w.sh(space, f'ip route replace 10.20.0.0/16 via {via4}; ip -6 route replace fd20::/48 via {via6}')
        probes = [(p, a, n) for a in (w.b.address4, w.b.address6, '10.20.0.1', 'fd20::1') for p, n in (('tcp', 445), ('udp', 445), ('icmp', 0), ('udp', 53), ('tcp', 53))]
        probes += [(p, w.b.address4, n, '10.20.0.2') for p, n in (('tcp', 445), ('udp', 445))]
        probes += [(p, w.b.address6, n, 'fd20::2') for p, n in (('tcp', 445), ('udp', 445))]
        assert w.probe(space, probes) == [False] * len(probes)


@pytest.mark.parametrize('family', (4, 6))
def test_right_taken_back_ends_the_flow(world, family):
    """An established TCP flow towards the device, and its conntrack entry, die with the right that carried them."""
    w = world
    far, near = (NAS4, w.a.address4) if family == 4 else (NAS6, w.a.address6)
    w.pic('peer', 'set', 'anna', '--access', f'{NAS4},[{NAS6}]')
    out, port = w.tmp / f'stream{family}', 9440 + family
    w.spawn(w.lan, 'sh', '-c', f'while :; do date +%s.%N; sleep 0.05; done | nc -{family} -l -p {port}')
    time.sleep(0.3)
    w.spawn(w.a.space, 'sh', '-c', f'nc -d {far} {port} > {out}')
    wait_for(lambda: out.exists() and out.stat().st_size > 100, what='stream')
    assert near in w.sh(w.cellns, f'conntrack -L -f ipv{family} 2>/dev/null | grep dport={port}')
    w.pic('peer', 'set', 'anna', '--access', '')
    time.sleep(0.2)
    size = out.stat().st_size
    cap = w.capture(w.cellns, w.dev, f'host {near} and tcp port {port} and src host {far}')
    time.sleep(1)
    assert cap.stop() == [], 'packets still go to the device after the right went'
    assert out.stat().st_size == size
    assert 'ESTABLISHED' not in w.sh(w.cellns, f'conntrack -L -f ipv{family} 2>/dev/null | grep dport={port} || true')


def test_disabled_and_removed(world):
    """A disabled device gets no handshake and no rule; a removed one too; enabling brings it back."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'lan')
    assert w.a.probe([('tcp', NAS4, 445), ('tcp', NAS6, 445)]) == [True, True]
    w.pic('peer', 'disable', 'anna')
    assert w.a.probe([('tcp', NAS4, 445), ('tcp', NAS6, 445), ('icmp', '10.20.0.1', 0)]) == [False] * 3
    assert 'anna' not in w.sh(w.cellns, f'nft list table inet pic') and w.a.address4 not in w.sh(w.cellns, 'nft list table inet pic')
    w.pic('peer', 'enable', 'anna')
    wait_for(lambda: w.a.probe([('tcp', NAS4, 445), ('tcp', NAS6, 445)]) == [True, True], 40, 'enabled again')  # WireGuard itself takes 15 s to see that its session is gone


def test_masquerade_and_nothing_inside_leaks(world):
    """On the internet's wire only the cell's own address is seen, in both families: no packet with an inner source."""
    w = world
    w.pic('peer', 'set', 'anna', '--access', 'internet')
    cap = w.capture(w.cellns, 'wan0', 'net 10.20.0.0/16 or net fd20::/48')
    assert w.a.probe([('tcp', WEB4, 80), ('tcp', WEB6, 80), ('udp', WEB4, 445), ('udp', WEB6, 445)]) == [True] * 4
    assert cap.stop() == []
    assert '203.0.113.1' in w.logs['inet'].read_text() and '2001:db8:1::1' in w.logs['inet'].read_text()


def test_names(world):
    """A device finds names: its own, others', the cell's, in both families and in reverse; unknown ones do not exist."""
    w = world

    def dig(*what):
        return w.a.sh('dig +short +time=3 +tries=1 ' + ' '.join(what)).strip()
    for server in ('10.20.0.1', 'fd20::1'):
        assert dig(f'@{server}', 'bob.home.internal', 'A') == w.b.address4
        assert dig(f'@{server}', 'bob.home.internal', 'AAAA') == w.b.address6
        assert dig(f'@{server}', '+tcp', 'home.internal', 'A') == '10.20.0.1'
        assert dig(f'@{server}', 'home.internal', 'AAAA') == 'fd20::1'
        assert dig(f'@{server}', '-x', w.b.address4) == 'bob.home.internal.'
        assert dig(f'@{server}', '-x', w.b.address6) == 'bob.home.internal.'
        assert 'NXDOMAIN' in w.a.sh(f'dig +time=3 +tries=1 @{server} nobody.home.internal')
