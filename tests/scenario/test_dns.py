"""What the name server answers and counts, as `pic dns` tells it, with a real agent and unbound: whose word an answer is agrees with what a device is told."""
import json
import shutil

import pytest
from conftest import needs_root
from world import World

pytestmark = needs_root


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('dns')) as w:
        w.scene()
        w.start()
        w.a = w.peer('anna')
        w.pic('dns', 'record', 'add', 'nas', '--addresses', '192.168.77.10')
        w.pic('dns', 'record', 'add', '*.dev', '--txt', 'a "b"')
        w.pic('dns', 'forward', 'add', 'corp.example', '--servers', '192.168.77.66')
        yield w


def query(w, *words):
    done = w.pic.run('--json', 'dns', 'query', *words)
    return done.returncode, json.loads(done.stdout)


def test_whose_word(world):
    w = world
    for words, source, wanted in ((('nas',), 'record', ['192.168.77.10']), (('anna.home.internal', '--as', 'anna'), 'device', [w.a.address4]), (('cell', 'AAAA'), 'cell', ['fd20::1']),
                                  (('192.168.77.10',), 'record', ['nas.home.internal.']), (('x.dev.home.internal', 'TXT'), 'record', ['"a \\"b\\""'])):
        status, told = query(w, *words)
        assert (status, told['from'], [a['data'] for a in told['answers']], told['status']) == (0, source, wanted, 'NOERROR'), told
        assert told['server'] == '10.20.0.1 5300' and told['signed'] == 'no'
        asked = w.a.sh(f"dig +short @10.20.0.1 {told['name']} {told['type']}").split('\n')
        assert [line for line in asked if line] == wanted
    status, told = query(w, 'nobody')
    assert (status, told['from'], told['status']) == (0, 'nothing', 'NXDOMAIN')
    text = w.pic('dns', 'query', 'nas', '--as', 'anna')
    assert 'nas.home.internal. A, as anna' in text and "the owner's record nas" in text and 'NOERROR' in text


KINDS = [  # asked by a client that is not of this project: name, type, what it is told
    ('nas', 'A', ['192.168.77.10']), ('nas', 'AAAA', ['fd77::10']), ('www', 'CNAME', ['nas.home.internal.']), ('www', 'A', ['192.168.77.10']),
    ('www', 'AAAA', ['fd77::10']), ('mailed', 'MX', ['10 nas.home.internal.', '20 anna.home.internal.']), ('_sip._tcp', 'SRV', ['0 5 5060 nas.home.internal.']),
    ('mailed', 'TXT', ['"second"', '"v=spf1 -all"']), ('any.wild', 'A', ['192.168.77.11']), ('deep.any.wild', 'AAAA', ['fd77::11']), ('anna', 'A', ['ANNA4']), ('anna', 'AAAA', ['ANNA6']),
    ('cell', 'A', ['10.20.0.1']), ('cell', 'AAAA', ['fd20::1']), ('-x 192.168.77.10', '', ['nas.home.internal.']), ('-x fd77::10', '', ['nas.home.internal.']),
    ('-x ANNA4', '', ['anna.home.internal.']), ('-x ANNA6', '', ['anna.home.internal.']), ('-x 10.20.0.1', '', ['home.internal.']), ('-x fd20::1', '', ['home.internal.']), ('@', 'A', ['10.20.0.1']), ('@', 'AAAA', ['fd20::1']),
    ('nas', 'MX', []), ('nobody', 'A', []),
]


def test_every_kind_of_record(world):
    w = world
    if not shutil.which('kdig'):
        pytest.skip('kdig is not here')
    w.pic('dns', 'record', 'set', 'nas', '--addresses', '192.168.77.10,fd77::10')
    w.pic('dns', 'record', 'add', 'www', '--cname', 'nas')
    w.pic('dns', 'record', 'add', 'mailed', '--mx', '10 nas,20 anna', '--txt', '"v=spf1 -all","second"')
    w.pic('dns', 'record', 'add', '_sip._tcp', '--srv', '0 5 5060 nas')
    w.pic('dns', 'record', 'add', '*.wild', '--addresses', '192.168.77.11,fd77::11')
    ask = []
    for name, kind, _ in KINDS:
        name = name.replace('ANNA4', w.a.address4).replace('ANNA6', w.a.address6)
        ask.append(name if name.startswith('-x') else f'{name}.home.internal {kind}'.removeprefix('@.'))
    for way in ('@10.20.0.1', '@fd20::1', '@10.20.0.1 +tcp', '@fd20::1 +tcp'):
        told = w.a.sh('; echo ==; '.join(f'kdig {way} +short +timeout=3 +retry=0 {q}' for q in ask)).split('==\n')
        for (name, kind, wanted), got in zip(KINDS, told, strict=True):
            wanted = [x.replace('ANNA4', w.a.address4).replace('ANNA6', w.a.address6) for x in wanted]
            assert sorted(got.split('\n')[:-1] if got else []) == sorted(wanted), (way, name, kind)
        head = w.a.sh(f'kdig {way} nobody.home.internal A; kdig {way} nas.home.internal MX')
        assert head.count('status: NXDOMAIN') == 1 and head.count('status: NOERROR') == 1 and head.count('SOA') >= 2, head


def test_silence_is_said(world):
    w = world
    status, told = query(w, 'www.corp.example')
    assert (status, told['from'], told['object'], told['status'], told['ms'] < 2500) == (1, 'forward', 'corp.example', 'SERVFAIL', True)
    w.pic('connection', 'add', 'never', '--type', 'block')
    w.pic('peer', 'set', 'anna', '--exit', 'never')
    status, told = query(w, 'www.example.org', '--as', 'anna')
    assert (status, told['from'], told['asked'], told['status']) == (0, 'closed', False, None)
    assert 'status: REFUSED' in w.sh(w.a.space, 'dig +time=2 +tries=1 @10.20.0.1 www.example.org', check=False).stdout
    assert query(w, 'nas', '--as', 'anna')[1]['status'] == 'NOERROR'
    w.pic('connection', 'add', 'far', '--type', 'proxy', '--protocol', 'socks5', '--endpoint', '192.0.2.9:1080')
    w.pic('peer', 'set', 'anna', '--exit', 'far')
    status, told = query(w, 'nas.home.internal', '--as', 'anna')
    assert (status, told['from']) == (0, 'record')
    status, told = query(w, 'www.example.org', '--as', 'anna')
    assert (status, told['from'], told['object'], told['asked']) == (1, 'exit', 'far', True)  # the far end is not there
    w.pic('peer', 'set', 'anna', '--exit', 'direct')
    w.pic('peer', 'add', 'bob', '--enabled', 'no')
    assert query(w, 'nas', '--as', 'bob')[1]['from'] == 'off'
    assert w.pic.run('dns', 'query', 'a..b').returncode == 1 and w.pic.run('dns', 'query', 'nas', 'NONSENSE').returncode == 1
    assert w.pic.run('dns', 'query', 'nas', '--as', 'nobody').returncode == 1


def test_counted_and_forgotten(world):
    w = world
    before = w.pic.json('dns', 'stats')
    assert before['answers'] and any(s['zone'] == 'corp.example' for s in before['servers'])
    for _ in range(3):
        w.a.sh('dig +short @10.20.0.1 nas.home.internal MX')
    after = w.pic.json('dns', 'stats')
    assert after['queries'] >= before['queries'] + 3 and after['types'].get('MX', 0) >= 3
    text = w.pic('dns', 'stats')
    assert 'queries' in text and '192.168.77.66 for corp.example' in text
    assert w.pic.json('dns', 'flush')['forgotten'] >= 0 and w.pic.json('dns', 'flush', 'corp.example')['forgotten'] == 0
    assert query(w, 'nas')[1]['status'] == 'NOERROR'


def test_written_down_and_told(world):
    w = world
    log = w.tmp / 'cell/log/queries.log'
    assert w.pic.json('status')['query_log'] is False and w.pic.json('dns', 'log') == {'on': False, 'lines': []}
    w.pic('cell', 'set', '--query-log', 'yes')
    w.a.sh('dig +short @10.20.0.1 nas.home.internal')
    told = w.pic.json('dns', 'log', 'anna')
    assert told['on'] and (told['lines'][-1]['peer'], told['lines'][-1]['name'], told['lines'][-1]['status']) == ('anna', 'nas.home.internal.', 'NOERROR')
    assert w.pic.json('status')['query_log'] is True and 'written down' in w.pic('status') and 'nas.home.internal.' in w.pic('dns', 'log')
    assert 'nas.home.internal' not in w.pic('log') and w.pic.json('dns', 'log', 'bob')['lines'] == []
    w.pic('undo')
    assert not log.exists() and w.pic.json('dns', 'log')['lines'] == [] and w.pic.json('plan')['steps'] == []
