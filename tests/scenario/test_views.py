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
    for name in ('nas', 'NaS', 'site', 'www', 'post', '_sip._tcp', 'cam', 'x.dev'):
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
    assert (query['from'], query['status'], query['asked']) == ('hidden', 'NXDOMAIN', False) and 'names_shown' in query['why']
    assert world.pic.json('dns', 'query', 'nas', '--as', 'nas')['from'] == 'device'
    assert world.pic.json('drift')['steps'] == []


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
