"""The real world: an agent in a namespace, absent, stopped, killed and started again; a store that is busy; and who pic-http is."""
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

import pytest
from web import BIN, PASSWORD, Client, Server, needs_root, new_cell
from world import World, wait_for

pytestmark = needs_root


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


def owner_of(pic, server):
    """The first admin, by the setup; the agent has to be there."""
    c = server.client()
    c.csrf = ok(c.post('/api/setup/code', {'code': pic.json('setup')['code']}))['csrf_token']
    c.csrf = ok(c.post('/api/setup/complete', {'username': 'owner', 'password': PASSWORD}), 201)['csrf_token']
    return c


@pytest.fixture(scope='module')
def real(tmp_path_factory):
    """A cell of the real world, its agent in a namespace, its pic-http outside: store and agent are files."""
    with World(tmp_path_factory.mktemp('real')) as w:
        w.scene()
        w.start()
        w.server = Server(w.pic.dir, world='real')
        w.admin = owner_of(w.pic, w.server)
        yield w
        assert w.server.stop() == 0


def test_a_device_by_the_api(real):
    made = ok(real.admin.post('/api/peers', {'name': 'anna', 'access': ['internet', 'lan'], 'key_mode': 'kept'}), 201)
    assert made['outcome']['state'] == 'applied'
    assert made['address4'] in real.sh(real.cellns, f'wg show {real.dev} allowed-ips')
    assert ok(real.admin.get('/api/why?from=anna&to=internet'))['allowed'] is True
    told = ok(real.admin.post('/api/peers/anna/config', {'qr': 'svg'}))
    assert 'PrivateKey' in told['config'] and 'Endpoint = 203.0.113.1:51820' in told['config']
    status = ok(real.admin.get('/api/status'))
    assert status['ready'] and status['agent']['pid'] and [p['name'] for p in status['peers']] == ['anna']
    rows = ok(real.admin.get('/api/audit?verb=reveal'))
    assert rows and ok(real.admin.get('/api/audit/verify'))['ok']
    scraped = ok(real.admin.post('/api/tokens', {'name': 'prom', 'scope': 'metrics'}), 201)['token']
    text = Client(real.server, bearer=scraped).get('/metrics').data.decode()
    assert 'pic_agent_up 1' in text and 'pic_peer_receive_bytes_total{peer="anna"} 0' in text
    ok(real.admin.post('/api/domains', {'name': 'home.example.org', 'mode': 'duckdns', 'token': 'none', 'server': '127.0.0.1:1'}), 201)
    wait_for(lambda: 'pic_domain_state{domain="home.example.org",state="failed"} 1' in Client(real.server, bearer=scraped).get('/metrics').data.decode(), 20, 'nobody there')
    text = Client(real.server, bearer=scraped).get('/metrics').data.decode()
    assert 'pic_domain_changes_total{domain="home.example.org"} 0' in text and 'pic_domain_last_success' in text
    assert float(re.search(r'pic_domain_next_try_timestamp_seconds{domain="home.example.org"} (\d+)', text)[1]) > time.time() - 1
    ok(real.admin.ask('DELETE', '/api/domains/home.example.org'))


def test_a_change_that_goes_back(real):
    ok(real.admin.post('/api/peers?confirm=2', {'name': 'brief'}), 201)
    assert real.admin.get('/api/peers/brief').status == 200
    wait_for(lambda: real.admin.get('/api/peers/brief').status == 404, 10, 'the change to go back')


def test_an_agent_that_hangs(real):
    """It answers nothing: what needs no agent goes on at once, what needs it ends in time, all at the same time."""
    pid = real.agent_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        answers = {}

        def ask(name, method, path, body=None):
            began = time.monotonic()
            a = real.admin.ask(method, path, body, timeout=40)
            answers[name] = (a.status, time.monotonic() - began, a)

        threads = [threading.Thread(target=ask, args=args) for args in (
            ('status', 'GET', '/api/status'), ('metrics', 'GET', '/metrics'), ('wait', 'POST', '/api/groups', {'name': 'waits'}), ('drift', 'GET', '/api/drift'),
            ('config', 'POST', '/api/peers/anna/config', {}))]
        for t in threads:
            t.start()
        time.sleep(0.3)
        ask('cell', 'GET', '/api/cell')
        ask('nowait', 'POST', '/api/groups?nowait=1', {'name': 'quick'})
        for t in threads:
            t.join()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert answers['cell'][0] == 200 and answers['cell'][1] < 1
    assert answers['nowait'][0] == 201 and answers['nowait'][1] < 2 and answers['nowait'][2].json['outcome']['state'] == 'pending'
    assert answers['wait'][0] == 201 and answers['wait'][2].json['outcome']['state'] == 'pending'
    for name in ('status', 'metrics', 'drift', 'config'):
        assert answers[name][0] in (503, 504), answers[name]
    assert max(seconds for _, seconds, _ in answers.values()) < 15
    real.pic('status', '--wait', '20s')


def test_an_agent_that_is_killed_and_comes_back(real):
    done, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            done.append(real.admin.get('/api/peers', timeout=40).status)
            done.append(real.admin.get('/api/status', timeout=40).status)

    thread = threading.Thread(target=look)
    thread.start()
    os.kill(real.agent_pid(), signal.SIGKILL)
    real.picd.wait(10)
    gone = real.server.client().login('owner')
    assert gone.status == 503 and gone.json['code'] == 'NOAGENT' and gone.headers['Retry-After']
    made = ok(real.admin.post('/api/groups', {'name': 'meanwhile'}), 201)
    assert made['outcome']['state'] == 'pending'
    wait_for(lambda: ok(real.admin.get('/api/status'))['agent'] is None, 5, 'the status to say so')
    assert any(f['level'] == 'error' for f in ok(real.admin.get('/api/doctor'))['findings'])
    real.start()
    ok(real.server.client().login('owner'))
    wait_for(lambda: ok(real.admin.get('/api/status'))['ready'], 5, 'the status to say so')
    stop.set()
    thread.join()
    assert set(done) <= {200, 503} and 200 in done


def test_writers_while_the_agent_dies(real):
    """Killed three times amid the changes of five: what was told as made is there, what was not is not, and all of it is in force in the end."""
    stop, told = threading.Event(), [[] for _ in range(5)]

    def write(i):
        n = 0
        while not stop.is_set():
            n += 1
            a = real.admin.post('/api/peers', {'name': f'w{i}x{n}', 'access': ['internet']}, timeout=60)
            told[i].append((f'w{i}x{n}', a.status, a.json.get('outcome', {}).get('state')))
    threads = [threading.Thread(target=write, args=(i,)) for i in range(5)]
    for t in threads:
        t.start()
    for _ in range(3):
        time.sleep(0.3)
        os.kill(real.agent_pid(), signal.SIGKILL)
        real.picd.wait(10)
        time.sleep(0.1)
        real.start()
    stop.set()
    for t in threads:
        t.join()
    all_told = [row for rows in told for row in rows]
    assert {(status, state) for _, status, state in all_told} <= {(201, 'applied'), (201, 'pending')}, all_told
    there = {p['name']: p['address4'].split('/')[0] for p in ok(real.admin.get('/api/peers'))}
    assert {name for name, _, _ in all_told} == {name for name in there if name[0] == 'w'}
    real.pic('status', '--wait', '20s')
    carried = real.sh(real.cellns, f'wg show {real.dev} allowed-ips')
    assert all(f'{address}/32' in carried for address in there.values())
    wishes = [{'do': 'remove', 'kind': 'peer', 'name': name} for name in there if name[0] == 'w']
    assert ok(real.admin.post('/api/edit', {'wishes': wishes}, timeout=60))['outcome']['state'] == 'applied'


@pytest.fixture
def small_disk(open_path):
    """A disk of four megabytes."""
    where = open_path / 'disk'
    where.mkdir()
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'none', where], check=True)
    yield where
    subprocess.run(['umount', where], check=True)


def test_a_full_disk(small_disk):
    """Changes are refused in plain words, nothing is half there, reading goes on; with room again all goes on, without a restart."""
    pic = new_cell(small_disk / 'cell')
    server = Server(small_disk / 'cell')
    try:
        admin = owner_of(pic, server)
        ok(admin.post('/api/groups', {'name': 'before'}), 201)
        with open(small_disk / 'filler', 'wb', buffering=0) as f:
            try:
                while f.write(b'x' * 4096):
                    pass
            except OSError:
                pass
        refused, made = None, []
        for i in range(400):
            a = admin.post('/api/groups', {'name': f'g{i}', 'note': 'x' * 400})
            if a.status != 201:
                refused = a
                break
            made.append(f'g{i}')
        assert refused is not None and refused.status == 500 and 'disk is full' in refused.json['error'], refused
        again = admin.post('/api/groups', {'name': 'again'}, headers={'Idempotency-Key': 'full'})
        assert again.status == 500
        for path in ('/api/groups', '/api/cell', '/api/history', '/api/status', '/api/auth/me', '/'):
            assert admin.get(path).status in (200, 404), path  # there may be no page in this build
        assert {g['name'] for g in ok(admin.get('/api/groups'))} == {'before', *made}
        assert server.client().login('owner').status in (200, 500, 503)
        os.unlink(small_disk / 'filler')
        ok(admin.post('/api/groups', {'name': 'again'}, headers={'Idempotency-Key': 'full'}), 201)
        ok(server.client().login('owner'))
        assert ok(admin.get('/api/audit/verify'))['ok']
        assert {g['name'] for g in ok(admin.get('/api/groups'))} == {'before', 'again', *made}
    finally:
        assert server.stop() == 0


def test_a_store_that_is_busy(real):
    with sqlite3.connect(f'{real.pic.dir}/cell.db', isolation_level=None) as db:
        db.execute('BEGIN IMMEDIATE')
        began = time.monotonic()
        busy = real.admin.post('/api/groups', {'name': 'late'}, timeout=30)
        assert real.admin.get('/api/peers').status == 200
        db.execute('ROLLBACK')
    assert busy.status == 503 and busy.json['code'] == 'BUSY' and busy.headers['Retry-After'] and time.monotonic() - began < 15
    ok(real.admin.post('/api/groups', {'name': 'late'}), 201)


def facts(pid):
    return dict(line.rstrip('\n').split(':\t', 1) for line in open(f'/proc/{pid}/status') if ':\t' in line)


@pytest.fixture
def open_path():
    """pytest's own folders are root's alone."""
    with tempfile.TemporaryDirectory(prefix='pic-http-') as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


def test_who_it_is(open_path):
    """Root becomes the owner of the cell's directory, and keeps no capability, not even a way to get one."""
    tmp_path = open_path
    new_cell(tmp_path / 'cell')
    for path, _, names in os.walk(tmp_path / 'cell'):
        for name in ['.', *names]:
            if name != 'key':
                os.chown(os.path.join(path, name), 65534, 65534)
    server = Server(tmp_path / 'cell')
    try:
        f = facts(server.process.pid)
        assert f['Uid'].split() == f['Gid'].split() == ['65534'] * 4 and f['NoNewPrivs'].strip() == '1'
        assert {f[k] for k in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')} == {'0' * 16}
        said = server.client().get('/api/setup/status')
        assert said.status == 200 and said.json['complete'] is False, said
        listening = subprocess.run(['ss', '-Hltnp'], capture_output=True, text=True).stdout
        ours = [line.split()[3] for line in listening.splitlines() if f'pid={server.process.pid},' in line]
        assert ours == [f'127.0.0.1:{server.port}']
    finally:
        assert server.stop() == 0


def test_it_says_when_it_is_ready_and_what_is_wrong(tmp_path):
    import socket
    new_cell(tmp_path / 'cell')
    path = str(tmp_path / 'notify')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(20)
        os.environ['NOTIFY_SOCKET'] = path
        server = Server(tmp_path / 'cell')
        del os.environ['NOTIFY_SOCKET']
        assert listener.recv(100) == b'READY=1'
        taken = subprocess.run([BIN / 'pic-http', '--dir', tmp_path / 'cell', '--world', 'fake', '--port', str(server.port)], capture_output=True, text=True, timeout=20)
        assert taken.returncode == 1 and 'cannot listen' in taken.stderr
        assert server.stop() == 0
        assert listener.recv(100) == b'STOPPING=1'
    for wrong in (['--port', '0'], ['--port', 'x'], ['--world', 'moon'], ['extra'], ['--nonsense'], ['--log-level', 'loud']):
        assert subprocess.run([BIN / 'pic-http', *wrong], capture_output=True, timeout=20).returncode == 2
    assert subprocess.run([BIN / 'pic-http', '--dir', tmp_path / 'none'], capture_output=True, timeout=20).returncode == 1


def test_pic_up_brings_the_page(tmp_path):
    pic = new_cell(tmp_path / 'cell')
    from web import free_port
    port = free_port()
    for end in (signal.SIGINT, signal.SIGKILL):
        up = subprocess.Popen([BIN / 'pic', '--dir', pic.dir, '--world', 'fake', 'up', '--http', str(port)], stderr=subprocess.PIPE, text=True)
        server = type('There', (), {'port': port})()
        try:
            wait_for(lambda: answers(server), 10, 'the page')
            up.send_signal(end)
            said = up.communicate(timeout=20)[1]
            assert f'http://127.0.0.1:{port}/' in said
            wait_for(lambda: not answers(server), 10, 'the page to go')
        finally:
            up.kill()


def answers(server):
    try:
        return Client(server).get('/health', timeout=1).status == 200
    except OSError:
        return False
