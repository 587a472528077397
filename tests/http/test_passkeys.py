"""Passkeys over HTTP: adding, logging in without a name, what is refused, whose they are. What the judgement is made of
is in tests/unit/engine/test_passkey.c; a real browser's answers are in tests/web."""
from authenticator import Authenticator
from web import PASSWORD


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


class Page:
    """A browser at http://localhost:PORT."""

    def __init__(self, cell):
        self.client, self.host = cell.server.client(), f'localhost:{cell.server.port}'
        self.origin = f'http://{self.host}'

    def ask(self, method, path, body=None, **headers):
        return self.client.ask(method, path, body if body is not None or method != 'POST' else {}, headers={'Host': self.host, **headers})

    def login(self, user):
        ok(self.ask('POST', '/api/auth/login', {'username': user, 'password': PASSWORD}))
        return self

    def add(self, key, name, **bent):
        options = ok(self.ask('POST', '/api/auth/passkeys/offer'))['public_key']
        return self.ask('POST', '/api/auth/passkeys', {'name': name, 'credential': key.create(options, **bent)})

    def enter(self, key, **bent):
        options = ok(self.ask('POST', '/api/auth/passkey/offer'))['public_key']
        return self.ask('POST', '/api/auth/passkey/login', {'credential': key.get(options, **bent)})


def someone(cell, name, role='viewer'):
    ok(cell.admin.post('/api/users', {'name': name, 'role': role, 'password': PASSWORD}), 201)
    return Page(cell).login(name)


def test_one_passkey(cell, tmp_path):
    page = someone(cell, 'kim')
    key = Authenticator(tmp_path, page.origin)
    added = ok(page.add(key, 'Kims Handy (grün)'), 201)
    assert page.add(key, 'again').status == 409 and page.add(Authenticator(tmp_path, page.origin), 'KIMS handy (grün)').status == 409
    (mine,) = ok(page.ask('GET', '/api/auth/passkeys'))
    assert mine['id'] == added['id'] and mine['name'] == 'Kims Handy (grün)' and mine['page'] == 'localhost' and mine['used'] is None
    other = Page(cell)
    me = ok(other.enter(key))
    assert me['username'] == 'kim' and me['role'] == 'viewer' and other.client.cookies['pic_session'] and other.client.cookies['pic_device']
    assert 'pic_passkey' not in other.client.cookies
    assert ok(other.ask('GET', '/api/auth/me'))['username'] == 'kim'
    before = other.client.cookies['pic_session']
    ok(other.enter(key))  # once more: the former session of this browser ends
    assert other.client.cookies['pic_session'] != before
    again = Page(cell)
    again.client.cookies['pic_session'] = before
    assert again.ask('GET', '/api/auth/me').status == 401
    assert ok(page.ask('GET', '/api/auth/passkeys'))[0]['used']
    ok(page.ask('PATCH', f'/api/auth/passkeys/{added["id"]}', {'name': 'ring'}))
    ok(page.ask('DELETE', f'/api/auth/passkeys/{added["id"]}'))
    assert page.ask('DELETE', f'/api/auth/passkeys/{added["id"]}').status == 404
    refused = Page(cell).enter(key)
    assert refused.status == 401 and refused.json['error'] == 'the passkey is not accepted'
    rows = [r['text'] for r in ok(cell.admin.get('/api/audit?limit=40'))]
    for text in ("passkey 'Kims Handy (grün)' of user kim was added, for localhost", "user kim logged in with passkey 'Kims Handy (grün)' from 127.0.0.1",
                 "passkey 'Kims Handy (grün)' of user kim is called 'ring' now", "passkey 'ring' of user kim was removed",
                 'a login with a passkey was refused: it is not known from 127.0.0.1'):
        assert text in rows, (text, rows)


def test_refused(cell, tmp_path):
    page = someone(cell, 'lou', 'operator')
    key = Authenticator(tmp_path, page.origin)
    ok(page.add(key, 'phone'), 201)
    key.origin = f'http://127.0.0.1:{cell.server.port}'
    assert Page(cell).enter(key).status == 401
    key.origin = page.origin
    assert Page(cell).enter(key, type='webauthn.create').status == 401
    assert Page(cell).enter(key, flags=1).status == 401
    key.rp = 'evil.example'
    assert Page(cell).enter(key).status == 401
    key.rp = 'localhost'
    key.handle = bytes(32)
    assert Page(cell).enter(key).status == 401
    key.handle = b''
    assert Page(cell).enter(key).status == 401
    bad = page.add(Authenticator(tmp_path, 'https://evil.example'), 'other')
    assert bad.status == 422 and 'another origin' in bad.json['error'], bad
    bad = page.add(Authenticator(tmp_path, page.origin), 'other', flags=0x41)
    assert bad.status == 422 and 'PIN' in bad.json['error'], bad


def test_copies(cell, tmp_path):
    page = someone(cell, 'mia')
    key = Authenticator(tmp_path, page.origin)
    key.count = 4
    ok(page.add(key, 'phone'), 201)
    key.count = 7
    ok(Page(cell).enter(key))
    key.count = 6
    assert Page(cell).enter(key).status == 401
    (mine,) = ok(page.ask('GET', '/api/auth/passkeys'))
    assert mine['suspect']
    assert any('may have been copied' in f['what'] for f in ok(cell.admin.get('/api/doctor'))['findings'])


def test_offers(cell, tmp_path):
    page = someone(cell, 'ned')
    key = Authenticator(tmp_path, page.origin)
    ok(page.add(key, 'phone'), 201)
    options = ok(page.ask('POST', '/api/auth/passkey/offer'))['public_key']
    stolen = page.client.cookies.pop('pic_passkey')
    assert page.ask('POST', '/api/auth/passkey/login', {'credential': key.get(options)}).status == 409  # no offer in this browser
    other = Page(cell)
    other.ask('POST', '/api/auth/passkey/offer')
    assert other.ask('POST', '/api/auth/passkey/login', {'credential': key.get(options)}).status == 401  # another one
    other.client.cookies['pic_passkey'] = stolen
    ok(other.ask('POST', '/api/auth/passkey/login', {'credential': key.get(options)}))
    other.client.cookies['pic_passkey'] = stolen
    again = other.ask('POST', '/api/auth/passkey/login', {'credential': key.get(options)})
    assert again.status == 401 and 'answered already' in again.json['error']
    for path in ('/api/auth/passkey/offer', '/api/auth/passkeys/offer'):  # an address is no name
        bad = page.client.post(path)
        assert bad.status == 409 and 'http://localhost:3000' in bad.json['hint'], bad
    assert page.ask('POST', '/api/auth/passkey/offer', Origin='http://evil.example').status == 403
    for body in ({'credential': {}}, {'credential': {'id': 'AAAA', 'response': {}}}, {'credential': {'id': 7}}):
        page.ask('POST', '/api/auth/passkey/offer')
        assert page.ask('POST', '/api/auth/passkey/login', body).status == 400


def test_whose(cell, tmp_path):
    page, stranger = someone(cell, 'ola', 'peer'), someone(cell, 'pat', 'operator')
    added = ok(page.add(Authenticator(tmp_path, page.origin), 'phone'), 201)
    where = f'/api/auth/passkeys/{added["id"]}'
    assert ok(stranger.ask('GET', '/api/auth/passkeys?user=ola')) == []
    assert stranger.ask('DELETE', where).status == 404 and stranger.ask('PATCH', where, {'name': 'x'}).status == 404
    assert [p['user'] for p in ok(cell.admin.get('/api/auth/passkeys?user=ola'))] == ['ola']
    assert page.ask('PATCH', where, {'name': 'a\nb'}).status == 422
    ok(cell.admin.delete(where))
    assert ok(page.ask('GET', '/api/auth/passkeys')) == []
    token = cell.token('admin')
    assert token.post('/api/auth/passkeys/offer').status == 403
    old = someone(cell, 'quin')
    db = cell.pic.dir if hasattr(cell.pic, 'dir') else cell.server.dir
    import sqlite3
    with sqlite3.connect(f'{db}/cell.db') as store:
        store.execute('UPDATE session SET created = created - 700000000 WHERE user = (SELECT id FROM user WHERE name = ?)', ('quin',))
    again = old.ask('POST', '/api/auth/passkeys/offer')
    assert again.status == 403 and again.json['need'] == 'login'
