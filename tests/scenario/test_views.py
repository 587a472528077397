"""Names by rights (names_shown granted): what a device may not reach it is told no name of, forwards, backwards, by aliases, wildcards and every type, by UDP and TCP, both families; a right given or taken counts at once."""
import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('views')) as w:
        w.scene()
        w.start()
        w.a, w.nas, w.site = w.peer('anna', '--access', 'internet'), w.peer('nas'), w.peer('site', '--subnets', '192.168.9.0/24')
        w.pic('dns', 'record', 'add', 'www', '--cname', 'nas')
        w.pic('dns', 'record', 'add', 'post', '--mx', '10 nas')
        w.pic('dns', 'record', 'add', '_sip._tcp', '--srv', '0 5 5060 nas')
        w.pic('dns', 'record', 'add', 'out', '--addresses', '192.0.2.10')
        w.pic('dns', 'record', 'add', 'cam', '--addresses', '192.168.9.8')
        w.pic('dns', 'record', 'add', '*.dev', '--addresses', w.pic.json('peer', 'show', 'nas')['address4'])
        w.pic('service', 'add', 'album', '--target', 'http://192.168.77.10:8080')
        w.pic('dns', 'record', 'add', 'photos', '--cname', 'album')
        w.pic('cell', 'set', '--names-shown', 'granted')
        wait_for(lambda: told(w.a, 'nas')[0] == 'NXDOMAIN', seconds=3, what='hidden')
        yield w


def told(device, name, *words, at='10.20.0.1'):
    """(status, answers, authority as told, without the name asked for)"""
    whole = name if name.startswith('-x') else f'{name}.home.internal'
    text = device.sh(f'dig +time=2 +tries=1 +noall +comments +answer +authority {" ".join(words)} @{at} {whole}', check=False).stdout
    lines = [line.split() for line in text.splitlines() if line and line[0] != ';']
    answers = sorted(x[4:] for x in lines if x[3] not in ('SOA', 'NS'))
    soa = [x[:1] + x[3:] for x in lines if x[3] == 'SOA']
    return text.split('status: ')[1].split(',')[0] if 'status: ' in text else 'nothing', answers, soa


def test_hidden_is_as_missing(world):
    missing = told(world.a, 'nobody')
    assert missing[0] == 'NXDOMAIN' and not missing[1]
    for name in ('nas', 'NaS', 'site', 'www', 'post', '_sip._tcp', 'cam', 'x.dev', 'album', 'photos'):
        for words in ((), ('+tcp',), ('AAAA',), ('-t', 'ANY', '+notcp')):
            assert told(world.a, name, *words) == missing, (name, words)
    for type in ('MX', 'SRV', 'HTTPS', 'TXT'):
        assert told(world.a, 'nas', '-t', type) == missing
        assert told(world.a, 'nas', '-t', type, at='fd20::1') == missing
    four, six = (world.pic.json('peer', 'show', 'nas')[x] for x in ('address4', 'address6'))
    for address, nobody in ((four, '10.20.9.9'), (six, 'fd20::9:9')):
        assert told(world.a, f'-x {address}') == told(world.a, f'-x {nobody}')


def test_what_is_told(world):
    for name in ('anna', 'cell', 'out'):
        assert told(world.a, name)[0] == 'NOERROR' and told(world.a, name)[1], name
    assert told(world.site, 'cam')[1] == [['192.168.9.8']]
    assert told(world.nas, 'www') == told(world.nas, 'nas')
    query = world.pic.json('dns', 'query', 'nas', '--as', 'anna')
    assert world.pic.json('status')['names_shown'] == 'granted' and 'no others: pic dns query' in world.pic('status')
    assert (query['from'], query['status'], query['asked']) == ('hidden', 'NXDOMAIN', False) and 'names_shown' in query['why']
    assert world.pic.json('dns', 'query', 'nas', '--as', 'nas')['from'] == 'device'
    assert world.pic.json('drift')['steps'] == []


def test_alias_of_a_service(world):
    """It has the service's address beside its name; who may not use the service is told neither."""
    world.pic('peer', 'set', 'anna', '--access', 'service:album')
    wait_for(lambda: told(world.a, 'photos')[0] == 'NOERROR', seconds=2, what='granted')
    address = world.pic.json('service', 'show', 'album')['address4']
    assert told(world.a, 'album')[1] == [[address]] and [address] in told(world.a, 'photos')[1]
    world.pic('peer', 'set', 'anna', '--access', 'peers')
    wait_for(lambda: told(world.a, 'nas')[0] == 'NOERROR', seconds=2, what='peers')
    assert told(world.a, 'photos') == told(world.a, 'nobody')
    world.pic('peer', 'set', 'anna', '--access', 'internet')
    wait_for(lambda: told(world.a, 'nas')[0] == 'NXDOMAIN', seconds=2, what='taken')


def test_wildcard_of_all_names(world):
    """Hidden, it is as if it was not there, also for names that are hidden themselves."""
    missing = told(world.a, 'nobody')
    world.pic('dns', 'record', 'add', '*', '--addresses', world.pic.json('peer', 'show', 'nas')['address4'])
    wait_for(lambda: told(world.nas, 'nobody')[1], seconds=3, what='the wildcard')
    for name in ('nobody', 'nas', 'x.dev', 'a.b.c', 'photos'):
        for words in ((), ('+tcp',), ('TXT',)):
            assert told(world.a, name, *words) == missing, (name, words)
    assert told(world.a, 'cell')[1] and told(world.a, 'out')[1]
    world.pic('dns', 'record', 'set', '*', '--unset', 'addresses', '--cname', 'nas')  # an alias says more when it is asked for nothing
    wait_for(lambda: any('CNAME' in x for x in map(str, told(world.nas, 'nobody', 'CNAME')[1])) or told(world.nas, 'nobody')[1], seconds=3, what='the alias')
    for name in ('nobody', 'photos'):
        assert told(world.a, name) == missing, name
    world.pic('dns', 'record', 'remove', '*')


def test_by_an_exit(world):
    """A device whose names come by an exit, or that is led nowhere, is told no other names of the cell."""
    w = world
    missing = told(w.a, 'nobody')
    w.pic('connection', 'add', 'shut', '--type', 'block')
    w.pic('connection', 'add', 'far', '--type', 'proxy', '--protocol', 'socks5', '--endpoint', '203.0.113.254:1080')
    for way in ('shut', 'far'):
        w.pic('peer', 'set', 'anna', '--exit', way)
        wait_for(lambda: told(w.a, 'cell')[1], seconds=5, what=way)
        for name in ('nas', 'www', 'cam', 'x.dev', 'photos'):
            assert told(w.a, name)[:2] == missing[:2], (way, name)
        w.pic('peer', 'set', 'anna', '--access', 'internet,peer:nas')
        wait_for(lambda: told(w.a, 'nas')[1], seconds=3, what='given')
        assert told(w.a, 'site')[:2] == missing[:2]
        w.pic('peer', 'set', 'anna', '--access', 'internet')
        wait_for(lambda: not told(w.a, 'nas')[1], seconds=3, what='taken')
    w.pic('peer', 'set', 'anna', '--exit', 'direct')


def test_rights_count_at_once(world):
    world.pic('peer', 'set', 'anna', '--access', 'peer:nas')
    wait_for(lambda: told(world.a, 'nas')[0] == 'NOERROR', seconds=2, what='given')
    assert all(told(world.a, name)[0] == 'NOERROR' for name in ('x.dev', 'www'))
    assert told(world.a, 'post', 'MX')[1] and told(world.a, '_sip._tcp', 'SRV')[1]
    assert told(world.a, 'site')[0] == 'NXDOMAIN'
    world.pic('peer', 'set', 'anna', '--access', 'internet')
    wait_for(lambda: told(world.a, 'nas')[0] == 'NXDOMAIN', seconds=2, what='taken')
    world.pic('cell', 'set', '--names-shown', 'all')
    wait_for(lambda: told(world.a, 'nas')[0] == 'NOERROR', seconds=3, what='all')
