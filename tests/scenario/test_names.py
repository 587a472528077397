"""Names of the owner's: whole, from the command line to a device's question, with a real agent and unbound; nothing is started anew for a record."""
import os
import pathlib
import time

import pytest
from conftest import needs_root
from world import World

pytestmark = needs_root


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    resolv = pathlib.Path('/etc/resolv.conf').read_bytes() if os.path.exists('/etc/resolv.conf') else None
    with World(tmp_path_factory.mktemp('names')) as w:
        w.scene()
        w.start()
        w.a = w.peer('anna')
        yield w
    assert resolv is None or pathlib.Path('/etc/resolv.conf').read_bytes() == resolv  # the machine asks whom it asked before


def asked(w, name, kind='A', at='10.20.0.1'):
    """What the device is told, in the order of letters; the status where there is nothing."""
    text = w.a.sh(f'dig +time=3 +tries=1 @{at} {name} {kind}')
    answers = sorted(' '.join(line.split()[4:]) for line in text.splitlines() if line and not line.startswith(';') and line.split()[3] == kind)
    return answers or text.split('status: ')[1].split(',')[0]


def test_every_type(world):
    w = world
    unbound = pathlib.Path(w.pic.dir) / 'run/dns/unbound.pid'
    before = unbound.read_text()
    w.pic('begin')
    w.pic('dns', 'record', 'add', 'nas', '--addresses', '192.168.77.10,fd77::10', '--ttl', '300')
    w.pic('dns', 'record', 'add', 'files', '--cname', 'nas')
    w.pic('dns', 'record', 'add', 'phone', '--cname', 'anna')
    w.pic('dns', 'record', 'add', '_sip._tcp', '--srv', '0 5 5060 nas')
    w.pic('dns', 'record', 'add', '@', '--mx', '10 nas,20 mail.example.org.')
    w.pic('dns', 'record', 'add', '*.dev', '--cname', 'files')
    w.pic('dns', 'record', 'add', 'one.dev', '--txt', 'x' * 300)
    w.pic('commit')
    for at in ('10.20.0.1', 'fd20::1'):
        assert asked(w, 'nas.home.internal', at=at) == ['192.168.77.10'] and asked(w, 'nas.home.internal', 'AAAA', at) == ['fd77::10']
    assert asked(w, 'files.home.internal') == ['192.168.77.10'] and asked(w, 'files.home.internal', 'CNAME') == ['nas.home.internal.']
    assert asked(w, 'phone.home.internal') == [w.a.address4]
    assert asked(w, '_sip._tcp.home.internal', 'SRV') == ['0 5 5060 nas.home.internal.']
    assert asked(w, 'home.internal', 'MX') == ['10 nas.home.internal.', '20 mail.example.org.'] and asked(w, 'home.internal') == ['10.20.0.1']
    assert asked(w, 'what.ever.dev.home.internal', 'AAAA') == ['fd77::10'] and asked(w, 'one.dev.home.internal', 'AAAA') == 'NOERROR'
    assert asked(w, 'one.dev.home.internal', 'TXT') == [f'"{"x" * 255}" "{"x" * 45}"']
    assert asked(w, '10.77.168.192.in-addr.arpa', 'PTR') == ['nas.home.internal.']
    w.pic('dns', 'record', 'set', 'nas', '--addresses', '192.168.77.11')
    assert asked(w, 'files.home.internal') == ['192.168.77.11'] and asked(w, 'a.dev.home.internal') == ['192.168.77.11']
    assert asked(w, '10.77.168.192.in-addr.arpa', 'PTR') == 'NXDOMAIN'
    w.pic('undo')
    assert asked(w, 'files.home.internal') == ['192.168.77.10']
    assert w.pic.json('drift')['steps'] == [] and w.pic.json('plan')['steps'] == []
    assert unbound.read_text() == before


def test_a_device_and_a_record_are_not_the_same(world):
    w = world
    assert w.pic.run('dns', 'record', 'add', 'anna', '--txt', 'x').returncode == 1
    assert w.pic.run('peer', 'add', 'nas').returncode == 1
    w.pic('peer', 'add', 'bob')
    w.pic('dns', 'record', 'add', 'pad', '--cname', 'bob')
    assert asked(w, 'pad.home.internal') == [w.pic.json('peer', 'show', 'bob')['address4']]
    w.pic('peer', 'disable', 'bob')
    assert asked(w, 'pad.home.internal', 'CNAME') == ['bob.home.internal.'] and asked(w, 'bob.home.internal') == 'NXDOMAIN'
    w.pic('peer', 'set', 'bob', '--enabled', 'yes', '--address4', '10.20.0.77')
    assert asked(w, 'pad.home.internal') == ['10.20.0.77']  # the alias follows


def test_names_in_somebodys_zone(world):
    """Whole answers for a name that is not the cell's, both families and each type, through reloads in which nothing known is lost; an alias follows; who else answers is told."""
    w = world
    unbound = (pathlib.Path(w.pic.dir) / 'run/dns/unbound.pid').read_text()
    w.pic('begin')
    w.pic('dns', 'record', 'add', 'nas.example.com.', '--addresses', '192.168.77.10,192.168.78.1,fd77::10', '--mx', '10 mail.example.com.', '--txt', "it's, so", '--ttl', '300')
    w.pic('dns', 'record', 'add', '_sip._tcp.example.com.', '--srv', '0 5 5060 nas')
    w.pic('dns', 'record', 'add', 'pad.example.com.', '--cname', 'bob')
    w.pic('commit')
    for at in ('10.20.0.1', 'fd20::1'):
        assert asked(w, 'NAS.example.com', at=at) == ['192.168.77.10', '192.168.78.1'] and asked(w, 'nas.example.com', 'AAAA', at) == ['fd77::10']
    assert asked(w, 'nas.example.com', 'MX') == ['10 mail.example.com.'] and asked(w, 'nas.example.com', 'TXT') == ['"it\'s, so"'] and asked(w, 'nas.example.com', 'SRV') == 'NOERROR'
    assert asked(w, '_sip._tcp.example.com', 'SRV') == ['0 5 5060 nas.home.internal.'] and asked(w, '1.78.168.192.in-addr.arpa', 'PTR') == ['nas.example.com.']
    assert asked(w, 'pad.example.com') == ['10.20.0.77']
    w.pic('peer', 'set', 'bob', '--address4', '10.20.0.78')
    assert asked(w, 'pad.example.com') == ['10.20.0.78']
    told = w.pic.json('dns', 'query', 'nas.example.com')
    assert (told['from'], told['object'], told['status']) == ('record', 'nas.example.com.', 'NOERROR')
    for command, field in ((['dns', 'forward', 'add', 'example.com', '--servers', '192.168.77.66'], 'name'), (['domain', 'add', 'example.com', '--mode', 'http01'], 'name'),
                           (['dns', 'record', 'add', 'x.home.internal.', '--txt', 'x'], 'name')):
        done = w.pic.run('--json', *command)
        assert done.returncode == 1 and f'"field":"{field}"' in done.stdout + done.stderr, (command, done.stdout, done.stderr)
    w.pic('dns', 'record', 'set', 'nas.example.com.', '--addresses', '192.168.77.11', '--unset', 'mx')
    assert asked(w, 'nas.example.com') == ['192.168.77.11'] and asked(w, 'nas.example.com', 'MX') == 'NOERROR'
    w.pic('undo')
    assert asked(w, 'nas.example.com', 'MX') == ['10 mail.example.com.'] and w.pic.json('plan')['steps'] == []
    assert (pathlib.Path(w.pic.dir) / 'run/dns/unbound.pid').read_text() == unbound


def test_zones_of_others(world):
    """Asked of their servers alone, through a reload in which nothing is lost; silent servers are told within a second."""
    w = world
    w.pic('dns', 'forward', 'add', 'corp.example', '--servers', '192.168.77.66,192.168.77.67')
    begin = time.monotonic()
    assert asked(w, 'www.corp.example') == 'SERVFAIL' and time.monotonic() - begin < 1.5
    assert asked(w, 'nas.home.internal') == ['192.168.77.10'] and asked(w, 'one.dev.home.internal', 'TXT')
    w.pic('dns', 'forward', 'remove', 'corp.example')
    assert w.pic.json('plan')['steps'] == []


def test_who_has_an_exit_is_told_them_too(world):
    """Own names and zones of others, by a server in the home network, and nothing of the internet while the exit is closed."""
    w = world
    w.sh(w.lan, f"""printf 'server:\\nusername: ""\\nchroot: ""\\npidfile: "{w.tmp}/corp.pid"\\nuse-syslog: no\\ninterface: 192.168.77.10\\naccess-control: 0.0.0.0/0 allow\\n"""
                f"""local-data: "www.corp.example. A 192.168.77.99"\\n' >{w.tmp}/corp.conf; unbound -c {w.tmp}/corp.conf""")
    try:
        w.pic('dns', 'forward', 'add', 'corp.example', '--servers', '192.168.77.10')
        assert asked(w, 'www.corp.example') == ['192.168.77.99']
        w.pic('connection', 'add', 'far', '--type', 'proxy', '--protocol', 'socks5', '--endpoint', '192.0.2.9:1080')
        w.pic('peer', 'set', 'anna', '--exit', 'far')
        assert asked(w, 'nas.home.internal') == ['192.168.77.10'] and asked(w, 'x.dev.home.internal') == ['192.168.77.10']
        assert asked(w, 'www.corp.example') == ['192.168.77.99']
        assert asked(w, 'nas.example.com') == ['192.168.77.10', '192.168.78.1'] and asked(w, 'nas.example.com', 'SRV') == 'NOERROR'
        assert 'status: NOERROR' not in w.sh(w.a.space, 'dig +time=1 +tries=1 @10.20.0.1 www.example.org', check=False).stdout
    finally:
        os.kill(int((w.tmp / 'corp.pid').read_text()), 15)
