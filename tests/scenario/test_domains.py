"""A public name from the command line to a provider's stand-in and to a device's question: published, changed with the address, failing and told, led into the tunnel."""
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import pytest
from conftest import TOP, needs_root
from world import World, wait_for

pytestmark = needs_root


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('domains')) as w:
        w.scene()
        w.web = w.tmp / 'web'
        w.web.mkdir()
        (w.web / 'ip').write_text('198.51.100.7')
        w.spawn(w.cellns, sys.executable, TOP / 'tests/fixtures/providers.py', w.web, 120)
        wait_for(lambda: (w.web / 'port').exists(), 10, 'the providers')
        w.port = (w.web / 'port').read_text()
        w.start()
        w.a = w.peer('anna')
        w.pic('cell', 'set', '--address-services', f'http://127.0.0.1:{w.port}/ip')
        yield w


def asked(w, name, kind='A'):
    return w.a.sh(f'dig +short +time=1 +tries=1 @10.20.0.1 {name} {kind}', check=False).stdout.split()


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b''


def log(w):
    return (w.web / 'log').read_text()


def status(w):
    done = w.pic.run('domain', 'status', '--json')
    assert done.stdout, done.stderr + (w.tmp / 'picd.out').read_text()[-2000:]
    return json.loads(done.stdout)


def test_published_and_led_inside(world):
    w = world
    (w.tmp / 'token').write_text('good-token\n')
    w.pic('domain', 'add', 'home.duckdns.org', '--mode', 'duckdns', '--server', f'127.0.0.1:{w.port}', '--token-file', w.tmp / 'token')
    wait_for(lambda: status(w)['domains'][0]['state'] == 'published', 10, 'the name is published')
    found = status(w)
    assert found['domains'][0]['ipv4'] == found['ipv4'] and found['domains'][0]['said'].startswith('OK')
    assert 'token=good-token' in log(w) and 'good-token' not in json.dumps(found)
    for name in ('home.duckdns.org', 'cloud.home.duckdns.org'):
        assert asked(w, name) == ['10.20.0.1'] and asked(w, name, 'AAAA') == ['fd20::1']
    brief = w.pic.json('status')['domains']
    assert [(d['name'], d['state'], d['changes']) for d in brief] == [('home.duckdns.org', 'published', 1)] and brief[0]['published'] and brief[0]['next'], brief
    assert 'domains   home.duckdns.org: published' in w.pic('status')
    text = w.pic('ddns', 'publish')
    assert 'home.duckdns.org  duckdns: published' in text and 'NOCHANGE' in text
    assert 'home.duckdns.org leads to 203.0.113.1, 2001:db8:1::1' in w.pic('domain', 'history', 'home.duckdns.org')


def test_refused_and_told(world):
    w = world
    (w.tmp / 'token').write_text('worn-token')
    w.pic('domain', 'set', 'home.duckdns.org', '--token-file', w.tmp / 'token')
    wait_for(lambda: status(w)['domains'][0]['state'] == 'refused', 10, 'the token is refused')
    done = w.pic.run('domain', 'publish', 'home.duckdns.org')
    assert done.returncode == 1 and 'the token is wrong' in done.stdout and 'worn-token' not in done.stdout + done.stderr
    assert any('is not published' in f['what'] for f in json.loads(w.pic.run('doctor', '--json').stdout)['findings'])
    tried = log(w).count('/update')
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    w.start()
    time.sleep(3)
    assert log(w).count('/update') == tried, 'a restart makes nobody try again'
    assert status(w)['domains'][0]['state'] == 'refused'


def test_off_again(world):
    w = world
    w.pic('domain', 'set', 'home.duckdns.org', '--mode', 'http01', '--unset', 'token', '--unset', 'server')
    assert status(w)['domains'][0]['state'] == 'off' and asked(w, 'home.duckdns.org') == ['10.20.0.1']
    assert asked(w, 'cloud.home.duckdns.org') != ['10.20.0.1'], 'http01 has the name alone'
    done = w.pic.run('domain', 'publish')
    assert done.returncode == 1 and 'publishes nothing' in done.stderr
    w.pic('domain', 'remove', 'home.duckdns.org')
    assert asked(w, 'home.duckdns.org') != ['10.20.0.1'] and w.pic.json('drift')['steps'] == []


def test_a_real_name_server_and_a_program(world):
    """By the agent as it runs, with its privileges dropped: nsupdate to a BIND out there, and a program of root's."""
    w = world
    conf = w.tmp / 'named'
    conf.mkdir()
    key = 'key "home-key" { algorithm hmac-sha256; secret "K2tf3TRrmE7TJd+m2NPBuw=="; };\n'
    (w.tmp / 'key').write_text(key)
    (conf / 'conf').write_text(key + f'options {{ directory "{conf}"; listen-on port 53 {{ 203.0.113.254; }}; listen-on-v6 {{ none; }}; recursion no; pid-file none; session-keyfile none; }};\n'
                               f'controls {{ }};\nzone "example.org" {{ type master; file "{conf}/zone"; update-policy {{ grant home-key name home.example.org A AAAA; }}; }};\n')
    (conf / 'zone').write_text('$TTL 60\n@ SOA ns.example.org. root.example.org. 1 60 60 60 60\n@ NS ns\nns A 203.0.113.254\n')
    w.spawn(w.inet, 'named', '-f', '-n', '1', '-c', conf / 'conf', stderr=open(w.tmp / 'named.out', 'w'))
    outside = lambda kind: w.sh(w.inet, f'dig +short +time=1 +tries=1 @203.0.113.254 home.example.org {kind}', check=False).stdout.split()  # noqa: E731
    wait_for(lambda: '203' in w.sh(w.inet, 'dig +short +time=1 +tries=1 @203.0.113.254 ns.example.org', check=False).stdout, 10, 'named')
    w.pic('domain', 'add', 'home.example.org', '--mode', 'rfc2136', '--server', '203.0.113.254', '--key-file', w.tmp / 'key')
    wait_for(lambda: status(w)['domains'][0]['state'] not in ('waiting', 'publishing'), 10, 'an answer')
    assert status(w)['domains'][0]['state'] == 'published', status(w)
    assert outside('A') == ['203.0.113.1'] and outside('AAAA') == ['2001:db8:1::1']
    assert asked(w, 'home.example.org') == ['10.20.0.1'] and asked(w, 'home.example.org', 'AAAA') == ['fd20::1']
    w.sh(w.cellns, 'ip addr add 203.0.113.9/24 dev wan0; ip route replace default via 203.0.113.254 src 203.0.113.9')
    w.pic('domain', 'publish', 'home.example.org')
    assert outside('A') == ['203.0.113.9']
    assert not [p for p in pathlib.Path('/proc').glob('[0-9]*/cmdline') if b'K2tf3TRrmE7' in read(p)], 'the key stands in no command line'
    open_way = pathlib.Path(tempfile.mkdtemp(prefix='pic-test-'))  # it runs as a user that may come nowhere else
    script, said = open_way / 'script', open_way / 'said'
    script.write_text(f'#!/bin/sh\nread token\necho "$(id -u)" "$@" $token >{said}\n')
    said.touch()
    for path, mode in ((open_way, 0o755), (script, 0o755), (said, 0o666)):
        path.chmod(mode)
    (w.tmp / 'token').write_text('worn-token')
    w.pic('domain', 'set', 'home.example.org', '--mode', 'exec', '--script', script, '--unset', 'server', '--unset', 'key', '--token-file', w.tmp / 'token')
    wait_for(lambda: said.read_text() and status(w)['domains'][0]['state'] == 'published', 10, 'the program')
    assert said.read_text() == '60601 update home.example.org 203.0.113.9 2001:db8:1::1 worn-token\n'
    # a provider that takes its time is waited for, longer than for the agent's other answers (pic-http waits 10 s for those)
    script.write_text(f'#!/bin/sh\nread token\nsleep 1\necho slow >{said}\n')
    ask = f'import pic; pic.Context("{w.pic.dir}", agent=0.5).publish("home.example.org")'
    library = os.environ.get('PIC_LIBRARY', TOP / 'build/release/lib/libpic.so')
    w.sh(w.cellns, f"PYTHONPATH={TOP}/bindings/python PIC_LIBRARY={library} /usr/bin/python3 -c '{ask}'")
    assert said.read_text() == 'slow\n'
    w.pic('domain', 'remove', 'home.example.org')
    shutil.rmtree(open_way)


def test_port_80_is_somebody_elses(world):
    """http-01 beside a foreign web server: the plan says so before, doctor after, with its name; a mode with DNS has nothing to fear."""
    w = world
    told = lambda: [f for f in json.loads(w.pic.run('doctor', '--json').stdout)['findings'] if 'port 80' in f['what']]  # noqa: E731
    add = ('domain', 'add', 'web.example.org', '--mode', 'http01')
    assert 'port 80' not in w.pic(*add, '--plan')
    other = w.spawn(w.cellns, 'busybox', 'httpd', '-f', '-p', '203.0.113.1:80', '-h', w.web)
    wait_for(lambda: '203.0.113.1:80 ' in w.sh(w.cellns, 'ss -tln'), 10, 'the web server')
    assert f'warning: port 80 is held by busybox (process {other.pid})' in w.pic(*add, '--plan')
    assert [n['note'] for n in json.loads(w.pic(*add, '--plan', '--json'))['notes']] == ['port80']
    w.pic(*add)
    assert f'port 80 is held by busybox (process {other.pid}): a public CA that comes to prove web.example.org' in told()[0]['what'] and 'rfc2136' in told()[0]['fix']
    w.pic('domain', 'set', 'web.example.org', '--mode', 'exec', '--script', '/bin/true', '--ddns', 'no')
    assert not told(), 'proved by DNS'
    w.pic('domain', 'set', 'web.example.org', '--mode', 'http01', '--unset', 'script', '--unset', 'ddns')
    assert told()
    other.terminate()
    other.wait(5)
    assert not told()
    w.pic('domain', 'remove', 'web.example.org')
