"""Backups over HTTP, attacked with a real agent: what no field may be, texts that no agent takes, targets that are not there, several orders at
once, bodies that lie about themselves. Each answer is a refusal that names its field, never a 5xx, and afterwards the cell is as it was."""
import json
import socket
import subprocess
import threading

import pytest
from web import BIN, PASSWORD, Cell

from world import wait_for  # noqa: E402 (of the scenarios, which web.py puts on the path)

PASSPHRASE = 'correct staple of May'
HUGE = 'x' * 100_000  # more than a message to the agent holds
ODD = [1, -1, 1.5, True, [], {}, ['disk'], {'a': 1}, '', '\x1b[31m', '../../etc/passwd', 'a/b', 'nobody', HUGE]


@pytest.fixture(scope='module')
def house(tmp_path_factory):
    top = tmp_path_factory.mktemp('attacked')
    made = Cell(top / 'cell')
    made.top = top
    agent = subprocess.Popen([BIN / 'picd', '--dir', made.pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: made.pic.json('status')['agent']['pid'] == agent.pid, 20, 'an agent')
    (top / 'pw').write_text(PASSPHRASE)
    made.pic('backup', 'create', top / 'b', '--passphrase-file', top / 'pw', '--work-factor', '10')
    (top / 'there').mkdir()
    ok = made.admin.post('/api/backups/targets', {'name': 'disk', 'url': str(top / 'there/x'), 'passphrase': PASSPHRASE, 'every': 'never'})
    assert ok.status == 201, ok
    try:
        yield made
    finally:
        assert agent.poll() is None
        agent.terminate()
        assert agent.wait(30) == 0
        assert made.stop() == 0


def bring(who, house):
    made = who.ask('POST', '/api/backups/files', (house.top / 'b').read_bytes(), headers={'Content-Type': 'application/octet-stream'})
    assert made.status == 201, made
    return made.json['id']


def named(answer):
    return [f['field'] for f in answer.json['fields']]


def test_a_target_that_is_not_there(house):
    for path in ('', '/list', '/verify', '/drill', '/cancel', '/fetch'):
        for odd in ODD:
            a = house.admin.post(f'/api/backups{path}', {'target': odd})
            assert a.status in ((400, 422) if odd == HUGE else (404, 422)), (path, odd if odd != HUGE else 'huge', a)
            assert 'cannot send' not in a.json['error']
    assert house.admin.post('/api/backups/cancel', {}).status == 200


def test_texts_that_no_agent_takes(house):
    at = bring(house.admin, house)
    for path, body in (('fetch', {'target': 'disk', 'name': HUGE}), ('fetch', {'target': HUGE}), (f'files/{at}/drill', {'passphrase': HUGE})):
        a = house.admin.post(f'/api/backups/{path}', body)
        assert a.status == 422 and a.json['code'] == 'VALUE' and 'too long for the agent' in a.json['error'], (path, a)
    for what in ('verify', 'drill'):
        a = house.admin.post(f'/api/backups/{what}', {'target': 'disk', 'name': HUGE})
        assert a.status == 400 and 'name: ' in a.json['error'], a
    told = house.pic.run('backup', 'fetch', f'disk:{"y" * 60_000}', '-o', house.top / 'never')
    assert told.returncode == 1 and 'there is no backup' in told.stderr and not (house.top / 'never').exists(), told.stderr[:200]


def test_names_of_backups(house):
    wait_for(lambda: house.admin.get('/api/backups').json['targets'][0]['state'] not in ('running', 'queued'), 30, 'nothing to do')
    for odd in ('', '\x1b[31m', '../../etc/passwd', '..', '/etc/passwd', 'a/b', 'nobody', ' '):
        a = house.admin.post('/api/backups/fetch', {'target': 'disk', 'name': odd})
        assert a.status == 404 and a.json['code'] == 'NOTFOUND', (odd, a)


@pytest.mark.parametrize('verb', ['show', 'diff', 'drill', 'restore', 'exchange'])
def test_fields(house, verb):
    """Each odd value of each field is refused by that field; of what opens it a wrong one too."""
    at, more = bring(house.admin, house), {'name': 'home'} if verb == 'exchange' else {}
    for field in ['passphrase', 'identity'] + (['answers'] if verb in ('diff', 'exchange') else []) + (['name'] if verb == 'exchange' else []):
        for odd in ODD:
            if odd == HUGE and (verb, field) == ('drill', 'passphrase') or (field, odd) == ('answers', {}):
                continue
            opens = {} if field in ('passphrase', 'identity') else {'passphrase': PASSPHRASE}
            a = house.admin.post(f'/api/backups/files/{at}/{verb}', {**more, **opens, field: odd})
            assert a.status == 422, (field, odd if odd != HUGE else 'huge', a)
            wrong = isinstance(odd, str) and odd and field == 'passphrase'
            assert named(a) == ([] if wrong else [field] if (field, odd) != ('answers', {'a': 1}) else ['answers']), (field, a)
    both = house.admin.post(f'/api/backups/files/{at}/{verb}', {**more, 'passphrase': 'x', 'identity': 'y'})
    assert both.status == 422 and named(both) == ['identity'], both
    assert house.admin.get('/api/cell').json['name'] == 'home'


def test_answers_that_are_the_cells_own(house):
    """Says so, and asks for no passphrase: that was right."""
    at = bring(house.admin, house)
    for verb, more in (('diff', {}), ('exchange', {'name': 'home'})):
        for field in ('public_key', 'private_key'):
            a = house.admin.post(f'/api/backups/files/{at}/{verb}', {'passphrase': PASSPHRASE, 'answers': {field: 'x'}, **more})
            assert a.status in (403, 422) and named(a) == [field] and 'assphrase' not in (a.json['hint'] or ''), a
        wrong = house.admin.post(f'/api/backups/files/{at}/{verb}', {'passphrase': 'no', **more})
        assert wrong.status == 422 and 'assphrase' in wrong.json['hint'], wrong


def talk(house, *heads, body=b''):
    with socket.create_connection(('127.0.0.1', house.port), 20) as s:
        own = [f'{k}: {v}' for k, v in house.admin.headers().items()]
        s.sendall('\r\n'.join(['POST /api/backups/files HTTP/1.1', f'Host: 127.0.0.1:{house.port}', 'Connection: close', *own, *heads]).encode() + b'\r\n\r\n' + body)
        data = b''
        while piece := s.recv(65536):
            data += piece
    return int(data.split()[1]), data


FILE = 'Content-Type: application/octet-stream'


@pytest.mark.parametrize('heads, body, want', [
    ((FILE, 'Content-Length: 1000000000000000'), b'x', 413), ((FILE, 'Content-Length: 1' + '0' * 30), b'', 413), ((FILE, 'Content-Length: -5'), b'', 411),
    ((FILE, 'Content-Length: 5', 'Content-Length: 6'), b'hello!', 400), ((FILE, 'Content-Length: 5', 'Transfer-Encoding: chunked'), b'0\r\n\r\n', 411),
    ((FILE, 'Transfer-Encoding: chunked'), b'0\r\n\r\n', 411), ((FILE, 'Content-Length: 0'), b'', 400), ((FILE,), b'', 400),
    ((FILE, 'Content-Type: application/json', 'Content-Length: 2'), b'{}', 400), ((FILE, 'X-CSRF-Token: x', 'Content-Length: 2'), b'{}', 403),
    ((FILE, 'Content-Length: 100000'), b'a part', 408)])
def test_files_that_lie(house, heads, body, want):
    status, data = talk(house, *heads, body=body)
    assert status == want, data


def test_eight_orders_at_once(house):
    """One cell is exchanged once: the others are told to come again, or that it waits already."""
    at, said = bring(house.admin, house), []
    kept = len(house.admin.get('/api/backups/kept').json['kept'])

    def order():
        try:
            said.append(house.admin.post(f'/api/backups/files/{at}/exchange', {'passphrase': PASSPHRASE, 'name': 'home'}).status)
        except OSError:
            said.append(0)  # its server went away for the exchange

    all_of_them = [threading.Thread(target=order) for _ in range(8)]
    for t in all_of_them:
        t.start()
    for t in all_of_them:
        t.join()
    assert said.count(202) == 1 and set(said) <= {202, 429, 409, 423, 503, 0}, said
    again = house.server.client()

    def is_over():
        try:
            house.server.wait()
            return again.login('owner', PASSWORD).status == 200 and len(again.get('/api/backups/kept').json['kept']) == kept + 1
        except (OSError, json.JSONDecodeError):
            return False

    wait_for(is_over, 40, 'the exchange')
