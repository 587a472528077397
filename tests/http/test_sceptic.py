"""What a sceptic found once, and what must not come back: each of these did what it should not before it was mended."""
import socket
import threading
import time
from urllib.parse import quote

import pytest

from web import PASSWORD, Server, new_cell


@pytest.mark.parametrize('scope', ['viewer', 'operator', 'admin'])
def test_a_token_is_no_person(cell, scope):
    """A program's token cannot turn off, or take over, how its user logs in; nor throw the user out."""
    token, owner = cell.token(scope), cell.server.client()
    assert owner.login('owner').status == 200
    assert token.post('/api/auth/totp').status == 403
    assert token.delete('/api/auth/totp').status == 403
    assert token.post('/api/auth/totp/confirm', {'secret': 'A' * 32, 'code': '000000'}).status == 403
    assert token.post('/api/auth/change-password', {'current_password': PASSWORD, 'new_password': PASSWORD + '8'}).status == 403
    if scope != 'admin':
        mine = owner.get('/api/auth/me').json['id']
        assert token.delete(f'/api/auth/sessions/{mine}').status == 403
    assert owner.get('/api/auth/me').json['totp'] is False


def test_a_new_password_is_another_one(cell):
    """One that an admin made, and knows, does not become one's own by being said again."""
    cell.admin.post('/api/users', {'name': 'newcomer', 'role': 'viewer', 'password': PASSWORD, 'must_change': True})
    c = cell.server.client()
    assert c.login('newcomer').status == 200
    same = c.post('/api/auth/change-password', {'current_password': PASSWORD, 'new_password': PASSWORD})
    assert same.status == 422 and same.json['fields'][0]['field'] == 'new_password'
    assert c.get('/api/cell').status == 403
    assert c.post('/api/auth/change-password', {'current_password': PASSWORD, 'new_password': PASSWORD + '8'}).status == 200
    assert c.get('/api/cell').status == 200


def follow(cell, client, path, seconds):
    """The seconds after which the server ended the stream; None: it did not."""
    head = ''.join(f'{k}: {v}\r\n' for k, v in client.headers().items())
    with socket.create_connection(('127.0.0.1', cell.port), timeout=seconds) as s:
        s.sendall(f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{cell.port}\r\n{head}\r\n'.encode())
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            try:
                if not s.recv(65536):
                    return time.monotonic() - began
            except socket.timeout:
                pass
    return None


def test_who_is_logged_out_hears_no_more(cell):
    cell.admin.post('/api/users', {'name': 'gone', 'role': 'viewer', 'password': PASSWORD})
    gone, took = cell.server.client(), {}
    assert gone.login('gone').status == 200
    streams = [threading.Thread(target=lambda p=p: took.__setitem__(p, follow(cell, gone, p, 12))) for p in ('/api/events', '/api/logs/follow')]
    for t in streams:
        t.start()
    time.sleep(0.5)
    assert cell.admin.patch('/api/users/gone', {'enabled': False}).status == 200
    for t in streams:
        t.join()
    assert all(s is not None and s < 9 for s in took.values()), took


def test_what_was_typed_as_a_name_is_not_kept(cell):
    """It may be a password."""
    assert cell.server.client().login('correct horse 12').status == 401
    assert b'correct horse' not in cell.admin.get('/api/history').data
    assert b'by a name that no user has' in cell.admin.get('/api/history?verb=refused').data


def test_hidden_rows_tell_nothing(cell):
    """Neither in the list nor by a next page: a filter would be a way to guess."""
    viewer = cell.person('viewer')
    for name in ('owner', 'nobodyofthatname'):
        a = viewer.get(f'/api/history?kind=user&name={name}')
        assert a.json == [] and a.headers['X-Next-Before'] is None
    assert cell.admin.get('/api/history?kind=user&name=owner&limit=1').headers['X-Next-Before']
    seqs, before = [], ''
    while len(seqs) < 100:
        a = viewer.get('/api/history?limit=1' + before)
        if not a.json:
            break
        seqs += [r['seq'] for r in a.json]
        before = f'&before={a.headers["X-Next-Before"]}'
    assert seqs and seqs == [r['seq'] for r in viewer.get('/api/history?limit=1000').json]


def test_a_long_name_of_a_parameter(cell):
    a = cell.admin.get('/api/peers?' + quote('a' + 'é' * 60) + '=1')
    assert a.status == 400 and a.json['code'] == 'INVALID'
    assert cell.admin.get('/api/peers?&a&b&c').status == 400


def test_two_setups_at_once(tmp_path):
    """One admin comes of it, however many have the code."""
    pic = new_cell(tmp_path / 'cell')
    server, code, got = Server(tmp_path / 'cell'), pic.json('setup')['code'], []
    try:
        clients = [server.client() for _ in range(4)]
        for c in clients:
            c.csrf = c.post('/api/setup/code', {'code': code}).json['csrf_token']
        run = [threading.Thread(target=lambda i=i, c=c: got.append(c.post('/api/setup/complete', {'username': f'admin{i}', 'password': PASSWORD}).status))
               for i, c in enumerate(clients)]
        for t in run:
            t.start()
        for t in run:
            t.join()
        assert sorted(got)[0] == 201 and all(s in (401, 409, 412, 503) for s in sorted(got)[1:]), got
        assert len(pic.json('user', 'list')) == 1
    finally:
        assert server.stop() == 0


INNER = '{"name":"smuggled"}'


@pytest.mark.parametrize('lines', [
    ''.join(f'X-{i}: y\r\n' for i in range(70)) + 'Content-Length: {}\r\n',  # behind the 64th
    'X-A: b\r\n Content-Length: 0\r\nContent-Length: {}\r\n',  # a folded line
    'X-A: b\r\n\tc\r\nContent-Length: {}\r\n',
    ': b\r\nContent-Length: {}\r\n',
    '\xe9: b\r\nContent-Length: {}\r\n',
    'Content-Length : {}\r\n',
    'Content-Length: {}x\r\n',
    'Content-Length: +{}\r\n',
    'Content-Length: {}, {}\r\n',
    'Content-Length: {} 1\r\n',
    'X-A : b\r\nContent-Length: {}\r\n',
], ids=ascii)
def test_one_head_is_one_head(cell, lines):
    """What another reader of the same bytes could read otherwise is refused, and nothing behind it is believed."""
    head = ''.join(f'{k}: {v}\r\n' for k, v in cell.admin.headers().items()) + 'Content-Type: application/json\r\n'
    first = f'POST /api/groups HTTP/1.1\r\nHost: 127.0.0.1:{cell.port}\r\n{head}'
    inner = f'{first}Content-Length: {len(INNER)}\r\nConnection: close\r\n\r\n{INNER}'
    out = b''
    with socket.create_connection(('127.0.0.1', cell.port), timeout=10) as s:
        s.sendall((first + lines.replace('{}', str(len(inner))) + '\r\n' + inner).encode('latin-1'))
        while block := s.recv(65536):
            out += block
    assert out.startswith(b'HTTP/1.1 400') and out.count(b'HTTP/1.1') == 1 and b'Connection: close' in out, out[:300]
    assert cell.admin.get('/api/groups/smuggled').status == 404


@pytest.mark.parametrize('lines', ['X-A: b\r\n', 'X-Empty:\r\n', 'X-Empty: \r\n', 'X-A:b\r\n', ''.join(f'X-{i}: y\r\n' for i in range(50))], ids=ascii)
def test_right_heads(cell, lines):
    with socket.create_connection(('127.0.0.1', cell.port), timeout=10) as s:
        s.sendall(f'GET /health HTTP/1.1\r\nHost: 127.0.0.1:{cell.port}\r\nConnection: close\r\n{lines}\r\n'.encode())
        assert s.recv(65536).startswith(b'HTTP/1.1 200')
