"""Block lists, from the command line to a device's question, with a real agent, unbound and filter: files and the web, groups, exits, what dies, what is sent by who means harm."""
import json
import os
import pathlib
import subprocess
import time

import pytest
from conftest import needs_root
from world import World, wait_for

pytestmark = needs_root

UPSTREAM = '''server:
 username: ""
 chroot: ""
 pidfile: ""
 use-syslog: no
 do-daemonize: no
 interface: 198.51.100.10
 access-control: 0.0.0.0/0 allow
 local-zone: "." redirect
 local-data: ". A 192.0.2.77"
remote-control:
 control-enable: no
'''
SERVER = '''
import http.server, pathlib, sys
class One(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = pathlib.Path(sys.argv[1])
        tag = '"%d"' % path.stat().st_mtime_ns if path.exists() else ''
        if not path.exists():
            self.send_error(500)
        elif self.headers.get('If-None-Match') == tag:
            self.send_response(304); self.end_headers()
        else:
            data = path.read_bytes()
            self.send_response(200); self.send_header('ETag', tag); self.send_header('Content-Length', str(len(data))); self.end_headers()
            self.wfile.write(data)
        with open(sys.argv[1] + '.log', 'a') as log: log.write('x')
    def log_message(self, *a): pass
print('ready', flush=True)
http.server.HTTPServer(('127.0.0.1', 8099), One).serve_forever()
'''


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('blocks')) as w:
        w.scene(upstreams='198.51.100.10')
        w.spawn(w.inet, 'unbound', '-d', '-p', '-c', '/dev/stdin', stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdin.write(UPSTREAM)
        w.children[-1].stdin.close()
        w.start()
        w.pic('group', 'add', 'kids')
        w.a, w.b = w.peer('anna'), w.peer('bob', '--groups', 'kids')
        w.pic('dns', 'record', 'add', 'nas', '--addresses', '192.168.77.10')
        w.list = w.tmp / 'list.txt'
        yield w


def asked(device, name, *words, at='10.20.0.1'):
    """What a device is told: "blocked by LIST", or the status."""
    text = device.sh(f'dig +time=3 +tries=1 {" ".join(words)} @{at} {name}', check=False).stdout
    if 'EDE: 15 (Blocked): (' in text:
        assert 'status: NXDOMAIN' in text and 'blocked.invalid.' in text
        return 'blocked by ' + text.split('EDE: 15 (Blocked): (')[1].split(')')[0]
    return text.split('status: ')[1].split(',')[0] if 'status: ' in text else 'nothing'


def state(w, name):
    return next(x for x in json.loads(w.pic.run('--json', 'dns', 'block', 'status').stdout)['lists'] if x['name'] == name)


def filter_pid(w):
    try:
        return int((pathlib.Path(w.pic.dir) / 'run/dns/sieve.pid').read_text().split()[0])
    except FileNotFoundError:
        return 0


def test_nothing_stands_before_names_without_lists(world):
    w = world
    assert not (pathlib.Path(w.pic.dir) / 'run/dns/sieve.pid').exists() and asked(w.a, 'nas.home.internal') == 'NOERROR'
    told = w.pic.json('dns', 'block', 'status')
    assert told['filter'] is False and told['lists'] == []


def test_a_file_for_everybody(world):
    w = world
    w.list.write_text('# mine\n0.0.0.0 ads.example.com\n||track.example^\nno name in this\n*.below.example\nhome.internal\n')
    w.pic('dns', 'block', 'add', 'ads', '--source', w.list, '--allow', 'ok.track.example')
    wait_for(lambda: state(w, 'ads')['state'] == 'ok', what='the list')
    told = state(w, 'ads')
    assert (told['names'], told['skipped'], told['faults']) == (4, 1, [{'line': 4, 'what': 'more than a name'}])
    wait_for(lambda: asked(w.a, 'ads.example.com') == 'blocked by ads', what='the table')
    for at in ('10.20.0.1', 'fd20::1'):
        for over in ('+notcp', '+tcp'):
            for name, blocked in (('ads.example.com', True), ('x.ads.example.com', False), ('track.example', True), ('Deep.In.TRACK.example', True),
                                  ('ok.track.example', False), ('x.ok.track.example', False), ('below.example', False), ('x.below.example', True)):
                assert (asked(w.a, name, over, at=at) == 'blocked by ads') == blocked, (name, over, at)
            assert asked(w.a, 'nas.home.internal', over, at=at) == 'NOERROR'  # no list takes the cell's own names
            assert asked(w.a, 'ads.example.com', over, 'HTTPS', '+noedns', at=at) == 'NXDOMAIN'
    done = w.pic.run('dns', 'block', 'test', 'x.track.example', '--as', 'anna')
    assert done.returncode == 1 and 'blocks it' in done.stdout
    for family in ('4', '6'):
        why = w.pic.json('why', 'anna', 'ads.example.com:443', '--family', family)
        assert (why['allowed'], why['rule'], why['through']) == (False, 'block list ads', 'every device') and 'blocklist ads' in why['origin']['text'], why
        assert why['reason'] == 'anna is told that there is no ads.example.com: the block list ads has it, for every device'
        why = w.pic.json('why', 'anna', 'ok.track.example', '--family', family)
        assert (why['allowed'], why['rule']) == (w.pic.json('why', 'anna', 'internet', '--family', family)['allowed'], w.pic.json('why', 'anna', 'internet', '--family', family)['rule']), why
    assert 'no peer' in w.pic.refused('why', 'anna', 'nobody.home.internal', code='NOTFOUND')['message']
    told = w.pic.json('dns', 'query', 'ads.example.com', '--as', 'anna')
    assert (told['from'], told['object'], told['status'], told['asked']) == ('blocked', 'ads', 'NXDOMAIN', False)
    assert w.pic.json('dns', 'stats')['lists'] == {'ads': state(w, 'ads')['blocked']} and 'lists     ads ' in w.pic('dns', 'stats')
    assert state(w, 'ads')['blocked'] > 8 and w.pic.json('plan')['steps'] == [] and w.pic.json('drift')['steps'] == []
    w.list.write_text('0.0.0.0 other.example.com\n')  # a file is looked at all the time
    wait_for(lambda: asked(w.a, 'other.example.com') == 'blocked by ads', what='the changed file')
    assert asked(w.a, 'ads.example.com') != 'blocked by ads'


def test_written_down(world):
    """What was blocked stands among what was asked for, with the list, in both families and ways; no longer than that is wished, and in no log for everybody."""
    w = world
    log = w.tmp / 'cell/log/queries-blocked.log'
    w.list.write_text('0.0.0.0 ads.example.com\n')
    w.pic('dns', 'block', 'refresh')
    wait_for(lambda: asked(w.a, 'ads.example.com') == 'blocked by ads', what='the list')
    assert log.read_text() == ''
    w.pic('cell', 'set', '--query-log', 'yes')
    wait_for(lambda: asked(w.a, 'ads.example.com', 'AAAA') == 'blocked by ads' and log.read_text() != '', what='a note')
    assert asked(w.b, 'ADS.example.com', '+tcp', at='fd20::1') == 'blocked by ads' and asked(w.a, 'nas.home.internal') == 'NOERROR'
    told = w.pic.json('dns', 'log')['lines']
    assert {('bob', 'ads.example.com.', 'A', 'NXDOMAIN', 'ads'), ('anna', 'ads.example.com.', 'AAAA', 'NXDOMAIN', 'ads'), ('anna', 'nas.home.internal.', 'A', 'NOERROR', None)} <= {
        (x['peer'], x['name'].lower(), x['type'], x['status'], x['list']) for x in told} and [x['time'] for x in told] == sorted(x['time'] for x in told), told
    assert 'ads.example.com. AAAA  NXDOMAIN, blocked by ads' in w.pic('dns', 'log', 'anna') and w.pic.json('dns', 'log', '--lines', '1')['lines'] == told[-1:]
    assert [x['list'] for x in w.pic.json('dns', 'log', 'bob')['lines']] == ['ads'] and log.stat().st_mode & 0o777 == 0o600 and 'ads.example.com' not in w.pic('log', '-n', '1000')
    w.pic('cell', 'set', '--query-log', 'no')
    assert log.read_text() == '' and asked(w.a, 'ads.example.com') == 'blocked by ads' and log.read_text() == ''
    w.list.write_text('0.0.0.0 other.example.com\n')
    wait_for(lambda: asked(w.a, 'other.example.com') == 'blocked by ads', what='the list as it was')


def test_of_a_group_and_live(world):
    w = world
    games = w.tmp / 'games.txt'
    games.write_text('games.example\n')
    w.pic('dns', 'block', 'add', 'games', '--source', games, '--groups', 'kids')
    wait_for(lambda: asked(w.b, 'games.example') == 'blocked by games', what='the list of a group')
    assert asked(w.a, 'games.example') != 'blocked by games'
    w.pic('peer', 'set', 'anna', '--groups', 'kids')
    wait_for(lambda: asked(w.a, 'games.example') == 'blocked by games', seconds=1, what='a new member')
    w.pic('undo')
    wait_for(lambda: asked(w.a, 'games.example') != 'blocked by games', seconds=1, what='who left')
    assert w.pic.json('dns', 'block', 'test', 'games.example', '--as', 'anna')['lists'] == [{'name': 'games', 'holds': False, 'allowed': False, 'blocks': False}]
    assert 'games' in w.pic('dns', 'block', 'list') and w.pic.run('group', 'remove', 'kids').returncode == 1
    w.pic('dns', 'block', 'set', 'games', '--enabled', 'no')
    wait_for(lambda: asked(w.b, 'games.example') != 'blocked by games', what='one that is off')
    assert state(w, 'games')['state'] == 'off'
    w.pic('undo')
    wait_for(lambda: asked(w.b, 'games.example') == 'blocked by games', what='one that is on again')


def test_from_the_web(world):
    w = world
    page = w.tmp / 'page'
    page.write_text('\n'.join(f'a{n}.web.example' for n in range(500)))
    server = w.spawn(w.cellns, '/usr/bin/python3', '-c', SERVER, page, stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline().strip() == 'ready'
    w.pic('dns', 'block', 'add', 'web', '--source', 'http://127.0.0.1:8099/hosts')
    wait_for(lambda: state(w, 'web')['state'] == 'ok', what='what was fetched')
    wait_for(lambda: asked(w.a, 'a499.web.example') == 'blocked by web', what='its table')
    before = state(w, 'web')['taken']
    w.pic('dns', 'block', 'refresh', 'web')  # nothing new: 304
    assert state(w, 'web')['taken'] == before and (w.tmp / 'page.log').read_text() == 'xx'
    page.unlink()
    done = w.pic.run('dns', 'block', 'refresh', 'web')
    assert done.returncode == 1 and 'answers 500' in done.stdout and state(w, 'web')['state'] == 'old'
    assert asked(w.a, 'a1.web.example') == 'blocked by web' and 'the copy is old' in w.pic.run('doctor').stdout
    page.write_text('<html>no\n')
    assert w.pic.run('dns', 'block', 'refresh', 'web').returncode == 1 and 'no name in it' in state(w, 'web')['error']
    page.write_text('one.web.example\n')
    w.pic('dns', 'block', 'refresh', 'web')  # a person takes it, however small
    wait_for(lambda: asked(w.a, 'one.web.example') == 'blocked by web', what='the small one')
    assert 'is not fetched: its server answers 500' in w.pic('dns', 'block', 'history', 'web')
    w.pic('dns', 'block', 'remove', 'web')
    wait_for(lambda: not list((pathlib.Path(w.pic.dir) / 'blocklists').glob('*.fresh')) and asked(w.a, 'one.web.example') != 'blocked by web', what='it is gone')


def test_by_an_exit(world):
    w = world
    w.pic('connection', 'add', 'far', '--type', 'proxy', '--protocol', 'socks5', '--endpoint', '192.0.2.9:1080')
    w.pic('peer', 'set', 'anna', '--exit', 'far')
    wait_for(lambda: asked(w.a, 'other.example.com', at='9.9.9.9') == 'blocked by ads', what='the exit\'s filter')
    for over in ('+notcp', '+tcp'):
        for at in ('10.20.0.1', '8.8.8.8', '2620:fe::fe'):
            assert asked(w.a, 'other.example.com', over, at=at) == 'blocked by ads', (over, at)
            assert asked(w.a, 'nas.home.internal', over, at=at) == 'NOERROR', (over, at)
    assert asked(w.a, 'games.example', at='9.9.9.9') != 'blocked by games'
    w.pic('cell', 'set', '--query-log', 'yes')  # its filter has the same rules, and a log for many: it writes nothing down
    wait_for(lambda: asked(w.b, 'other.example.com') == 'blocked by ads' and w.pic.json('dns', 'log', 'bob')['lines'], what='a note')
    assert asked(w.a, 'other.example.com', at='9.9.9.9') == 'blocked by ads' and 'other.example.com' not in w.pic('log', '-n', '1000')
    w.pic('cell', 'set', '--query-log', 'no')
    w.pic('peer', 'set', 'anna', '--groups', 'kids')
    wait_for(lambda: asked(w.a, 'games.example', at='9.9.9.9') == 'blocked by games', seconds=2, what='a new member, by the exit')
    inside = int(next((pathlib.Path(w.pic.dir) / 'run/exit').glob('*/exit*-sieve.pid')).read_text().split()[0])
    status = pathlib.Path(f'/proc/{inside}/status').read_text()
    assert 'Uid:\t60599' in status and 'CapEff:\t0000000000000000' in status and 'Seccomp:\t2' in status
    os.kill(inside, 9)
    wait_for(lambda: asked(w.a, 'other.example.com', at='9.9.9.9') == 'blocked by ads', seconds=5, what='another filter')
    w.pic('peer', 'set', 'anna', '--exit', 'direct', '--groups', '')
    w.pic('connection', 'remove', 'far')


def test_hostile(world):
    w = world
    send = ('import random,socket,sys\nr=random.Random(5)\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n'
            'for i in range(4000):\n s.sendto(bytes(r.randrange(256) for _ in range(r.randrange(1,90))),("10.20.0.1",53))\n'
            'for i in range(60):\n t=socket.create_connection(("10.20.0.1",53)); t.send(bytes(r.randrange(256) for _ in range(r.randrange(1,400)))); t.close()\n'
            'k=[socket.create_connection(("10.20.0.1",53)) for _ in range(30)]\n')
    pid = filter_pid(w)
    w.a.sh(f"/usr/bin/python3 -c '{send}'")
    assert filter_pid(w) == pid and asked(w.b, 'nas.home.internal', '+tcp') == 'NOERROR' and asked(w.b, 'other.example.com') == 'blocked by ads'


def test_killed_swapped_and_restarted_under_load(world):
    w = world
    (w.tmp / 'names').write_text('nas.home.internal A\n')

    def load(seconds):
        return subprocess.Popen(['ip', 'netns', 'exec', w.cellns, 'dnsperf', '-s', '10.20.0.1', '-p', '5300', '-d', str(w.tmp / 'names'), '-l', str(seconds), '-Q', '5000', '-c', '2'],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    running = load(3)
    for n in range(4):  # lists that come and go, big ones too
        time.sleep(0.5)
        w.list.write_text('other.example.com\n' + ''.join(f'n{i}-{n}.example.org\n' for i in range(20000 * n)))
    out = running.communicate(timeout=30)[0]
    assert 'Queries lost:         0' in out and int(out.split('Queries sent:')[1].split()[0]) > 12000, out
    wait_for(lambda: asked(w.b, 'n7-3.example.org') == 'blocked by ads', what='the last list')
    pid, running = filter_pid(w), load(2)
    time.sleep(0.5)
    os.kill(pid, 9)
    wait_for(lambda: filter_pid(w) not in (0, pid) and asked(w.b, 'n7-3.example.org') == 'blocked by ads', seconds=3, what='another filter')
    running.communicate(timeout=30)
    pid = filter_pid(w)
    os.kill(w.agent_pid(), 15)
    w.picd.wait(10)
    assert asked(w.b, 'n7-3.example.org') == 'blocked by ads'  # nobody needs the agent for that
    w.start()
    assert filter_pid(w) == pid and w.pic.json('plan')['steps'] == [] and asked(w.b, 'n7-3.example.org') == 'blocked by ads'
    w.pic('dns', 'block', 'remove', 'ads')
    w.pic('dns', 'block', 'remove', 'games')
    wait_for(lambda: not (pathlib.Path(w.pic.dir) / 'run/dns/sieve.pid').exists(), what='no filter')
    assert asked(w.b, 'nas.home.internal') == 'NOERROR' and not list((pathlib.Path(w.pic.dir) / 'run/sieve').glob('table'))
