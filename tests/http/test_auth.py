"""Coming in and going out, over HTTP: sessions, passwords, second factor, tokens, links, throttling."""
import base64
import hashlib
import hmac
import sqlite3
import struct
import time

from test_events import Stream
from web import PASSWORD, Cell, Server, new_cell


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


def totp(secret, at=None):
    key = base64.b32decode(secret + '=' * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack('>Q', int(at or time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f'{(struct.unpack(">I", digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06}'


def test_the_wizard(tmp_path):
    pic = new_cell(tmp_path / 'cell')
    server = Server(tmp_path / 'cell')
    try:
        me = server.client()
        assert ok(me.get('/api/setup/status')) == {'complete': False, 'step': 'code', 'cell_name': 'home'}
        code = pic.json('setup')['code']
        me.csrf = ok(me.post('/api/setup/code', {'code': code.lower().replace('-', '')}))['csrf_token']
        assert ok(me.get('/api/setup/step'))['steps'] == ['code', 'name', 'network', 'admin', 'device']
        assert ok(me.post('/api/setup/step', {'step': 'name', 'data': {'name': 'nest'}}))['step'] == 'network'
        bad = me.post('/api/setup/step', {'step': 'network', 'data': {'net4': 'x'}})
        assert bad.status == 422 and bad.json['fields'][0]['field'] == 'net4'
        assert ok(me.post('/api/setup/step', {'step': 'network', 'data': {'endpoint': 'nest.example.org:51820'}}))['cell']['name'] == 'nest'
        assert ok(me.post('/api/setup/step', {'step': 'name'}))['step'] == 'name'
        assert ok(me.patch('/api/cell', {'note': 'in setup'}))['note'] == 'in setup'
        assert me.get('/api/peers').status == 403
        assert me.post('/api/setup/complete', {'username': 'root', 'password': PASSWORD}).status == 422
        assert me.post('/api/setup/complete', {'username': 'me', 'password': 'short'}).status == 422
        before = me.cookies['pic_session']
        done = ok(me.post('/api/setup/complete', {'username': 'me', 'password': PASSWORD}), 201)
        assert done['role'] == 'admin' and me.cookies['pic_session'] != before
        me.csrf = done['csrf_token']
        ok(me.post('/api/peers', {'name': 'phone'}), 201)
        assert ok(me.get('/api/setup/status'))['complete'] is True
        assert server.client().post('/api/setup/code', {'code': code}).status == 409
    finally:
        server.stop()


def test_sessions(cell):
    cell.admin.post('/api/users', {'name': 'sam', 'role': 'viewer', 'password': PASSWORD})
    one, two = cell.server.client(), cell.server.client()
    ok(one.login('sam'))
    ok(two.login('SAM'))
    assert one.cookies['pic_session'] != two.cookies['pic_session'] and one.csrf != two.csrf
    mine = ok(one.get('/api/auth/sessions'))
    assert len(mine) == 2 and {s['user'] for s in mine} == {'sam'}
    other = next(s['id'] for s in ok(cell.admin.get('/api/auth/sessions')) if s['user'] == 'owner')
    assert one.delete(f'/api/auth/sessions/{other}').status == 404
    ok(one.delete(f'/api/auth/sessions/{ok(two.get("/api/auth/me"))["id"]}'))
    assert two.get('/api/cell').status == 401
    assert one.get('/api/cell').status == 200


def test_fixation(cell):
    """What a stranger put into the browser before is not the session after."""
    c = cell.server.client()
    c.cookies['pic_session'] = 'pic_' + 'A' * 43
    ok(c.login('owner'))
    assert c.cookies['pic_session'] != 'pic_' + 'A' * 43
    old = c.cookies['pic_session']
    ok(c.login('owner'))
    assert c.cookies['pic_session'] != old


def test_a_new_password_ends_other_sessions(cell):
    cell.admin.post('/api/users', {'name': 'pat', 'role': 'viewer', 'password': PASSWORD})
    one, two = cell.server.client(), cell.server.client()
    ok(one.login('pat'))
    ok(two.login('pat'))
    wrong = one.post('/api/auth/change-password', {'current_password': 'wrong one', 'new_password': 'quite another 9'})
    assert wrong.status == 403
    assert one.post('/api/auth/change-password', {'current_password': PASSWORD, 'new_password': 'pat'}).status == 422
    ok(one.post('/api/auth/change-password', {'current_password': PASSWORD, 'new_password': 'quite another 9'}))
    assert one.get('/api/cell').status == 200 and two.get('/api/cell').status == 401
    assert two.login('pat').status == 401
    ok(two.login('pat', 'quite another 9'))
    waits = cell.admin.patch('/api/users/pat?confirm=60', {'password': 'a third one 3'})  # it would not go back
    assert waits.status == 409 and waits.json['fields'][0]['field'] == 'password' and 'without a time' in waits.json['hint']
    ok(cell.admin.patch('/api/users/pat', {'enabled': False}))
    assert one.get('/api/cell').status == 401


def test_second_factor(cell):
    cell.admin.post('/api/users', {'name': 'tess', 'role': 'viewer', 'password': PASSWORD})
    c = cell.server.client()
    ok(c.login('tess'))
    offer = ok(c.post('/api/auth/totp'))
    assert offer['uri'].startswith('otpauth://totp/') and offer['qr'].startswith('<')
    assert c.post('/api/auth/totp/confirm', {'secret': offer['secret'], 'code': '000000'}).status == 422
    recovery = ok(c.post('/api/auth/totp/confirm', {'secret': offer['secret'], 'code': totp(offer['secret'])}))['recovery']
    assert len(recovery) == 10
    again = cell.server.client()
    need = again.login('tess')
    assert need.status == 409 and need.json['need'] == 'code'
    assert again.login('tess', code='123456').status == 401
    ok(again.login('tess', code=recovery[0]))
    assert cell.server.client().login('tess', code=recovery[0]).status == 401
    assert recovery[1].encode() not in cell.admin.get('/api/audit?limit=100').data
    ok(again.delete('/api/auth/totp'))
    ok(cell.server.client().login('tess'))


def earlier(cell, seconds):
    """As if everybody had logged in so much earlier, and done nothing since."""
    with sqlite3.connect(f'{cell.server.dir}/cell.db', timeout=10) as db:
        db.execute('UPDATE session SET created = created - ?, seen = seen - ?', (seconds * 10**6, seconds * 10**6))
    db.close()


def test_what_opens_a_way_in_wants_a_login_of_just_now(tmp_path):
    made = Cell(tmp_path / 'cell')
    try:
        owner, bot = made.admin, made.token('admin')
        ok(owner.post('/api/users', {'name': 'gus', 'role': 'viewer', 'password': PASSWORD}), 201)
        ok(owner.post('/api/peers', {'name': 'phone'}), 201)
        gus = made.server.client()
        ok(gus.login('gus'))
        secret = ok(gus.post('/api/auth/totp'))['secret']
        ok(gus.post('/api/auth/totp/confirm', {'secret': secret, 'code': totp(secret)}))
        secret = ok(owner.post('/api/auth/totp'))['secret']
        earlier(made, 601)
        asks = [('POST', '/api/auth/totp', {}), ('POST', '/api/auth/totp/confirm', {'secret': secret, 'code': totp(secret)}),
                ('DELETE', '/api/auth/totp', None), ('POST', '/api/auth/admin/reset-password', {'username': 'gus', 'new_password': PASSWORD + 'x'}),
                ('PATCH', '/api/users/gus', {'totp': None}), ('PATCH', '/api/users/gus', {'role': 'admin'}),
                ('PUT', '/api/users/gus', {'password': PASSWORD + 'x'}), ('POST', '/api/tokens', {'name': 'mine', 'scope': 'admin'}),
                ('POST', '/api/users', {'name': 'eve', 'role': 'admin', 'password': PASSWORD}),
                ('POST', '/api/edit', {'wishes': [{'do': 'set', 'kind': 'user', 'name': 'gus', 'field': 'role', 'value': 'operator'}]})]
        rows = len(ok(owner.get('/api/history?kind=user'))), len(ok(owner.get('/api/history?kind=token')))
        for method, path, body in asks:
            a = owner.ask(method, path, body)
            assert a.status == 403 and a.json['need'] == 'login' and a.json['hint'], (method, path, a)
        assert rows == (len(ok(owner.get('/api/history?kind=user'))), len(ok(owner.get('/api/history?kind=token'))))
        # What opens none goes on as ever, and so do programs, and a look at the plan.
        ok(owner.patch('/api/users/gus', {'note': 'x'}))
        ok(owner.post('/api/undo'))
        ok(owner.patch('/api/peers/phone', {'note': 'x'}))
        ok(owner.patch('/api/users/gus?plan=1', {'role': 'admin'}))
        ok(bot.patch('/api/users/gus', {'role': 'operator'}))
        ok(bot.patch('/api/users/gus', {'role': 'viewer'}))
        assert owner.post('/api/undo').json['need'] == 'login'
        key = {'Idempotency-Key': 'one'}
        assert owner.patch('/api/users/gus', {'role': 'peer'}, headers=key).json['need'] == 'login'
        # Once more says who that is: a new session in place of the old one, and all of it can be done.
        old = owner.cookies['pic_session']
        ok(owner.login('owner'))
        assert owner.cookies['pic_session'] != old and len(ok(owner.get('/api/auth/sessions?user=owner'))) == 1
        ok(owner.patch('/api/users/gus', {'role': 'peer'}, headers=key))
        for method, path, body in asks[:1] + asks[4:]:
            a = owner.ask(method, path, body)
            assert a.status in (200, 201), (method, path, a)
    finally:
        made.stop()


def test_a_page_that_is_only_open_ends_its_session(tmp_path):
    made = Cell(tmp_path / 'cell')
    try:
        owner = made.admin
        for hours in (5, 5):  # used in between
            earlier(made, hours * 3600)
            assert owner.get('/api/auth/me').status == 200
        for hours in (5, 4):  # a stream, and what the page asks by itself, are no use
            earlier(made, hours * 3600)
            aside = owner.get('/api/auth/me', headers={'X-Pic-Aside': '1'})
            if hours == 5:
                assert aside.status == 200
                Stream(owner).close()
        assert aside.status == 401 and owner.get('/api/auth/me').status == 401
    finally:
        made.stop()


def test_api_tokens(cell):
    made = ok(cell.admin.post('/api/tokens', {'name': 'ci', 'scope': 'viewer', 'note': 'builds'}), 201)
    bot = cell.server.client(bearer=made['token'])
    assert bot.get('/api/peers').status == 200
    assert bot.post('/api/groups', {'name': 'x'}).status == 403
    listed = cell.admin.get('/api/tokens')
    assert made['token'].encode() not in listed.data and 'hash' not in listed.json[0]
    assert bot.get('/metrics').status == 403
    scrape = cell.token('metrics').get('/metrics')
    assert scrape.status == 200 and b'pic_ready 1' in scrape.data
    assert cell.token('metrics').get('/api/cell').status == 403
    for method, path in (('DELETE', '/api/auth/totp'), ('POST', '/api/auth/totp'), ('DELETE', '/api/auth/sessions/1'), ('POST', '/api/auth/logout')):
        assert cell.token('admin').ask(method, path, '{}' if method == 'POST' else None).status == 403
    ok(cell.admin.delete('/api/tokens/ci'))
    assert bot.get('/api/peers').status == 401
    plan = cell.admin.post('/api/tokens?plan=1', {'name': 'ci2', 'scope': 'viewer'})
    assert plan.status == 200 and cell.admin.get('/api/tokens/ci2').status == 404


def test_links(cell):
    ok(cell.admin.post('/api/peers', {'name': 'linked'}), 201)
    link = ok(cell.admin.post('/api/peers/linked/link', {'seconds': 600}), 201)
    assert link['path'] == '/link#' + link['token']
    stranger = cell.server.client()
    assert stranger.post('/api/link', {'token': 'x' * 47}).status == 403
    told = ok(stranger.post('/api/link', {'token': link['token']}))
    assert told['name'] == 'linked' and 'PrivateKey' in told['config'] and told['qr'].startswith('<')
    assert stranger.post('/api/link', {'token': link['token']}).status == 403
    assert cell.admin.post('/api/peers/linked/link', {'seconds': 0}).status == 422


def test_what_a_peer_may(cell):
    ok(cell.admin.post('/api/connectivity/connections', {'name': 'wall', 'type': 'block'}), 201)
    ok(cell.admin.post('/api/connectivity/connections', {'name': 'other', 'type': 'block'}), 201)
    ok(cell.admin.post('/api/peers', {'name': 'tablet', 'password': PASSWORD}), 201)
    ok(cell.admin.post('/api/peers', {'name': 'notmine'}), 201)
    c = cell.server.client()
    ok(c.login('tablet'))
    board = ok(c.get('/api/peer/dashboard'))
    assert [d['name'] for d in board['devices']] == ['tablet'] and board['exits'] == []
    assert c.put('/api/peer/devices/tablet/exit', {'exit': 'wall'}).status == 403
    ok(cell.admin.patch('/api/users/tablet', {'exits': ['wall', 'direct']}))
    assert c.put('/api/peer/devices/tablet/exit', {'exit': 'other'}).status == 403
    assert c.put('/api/peer/devices/notmine/exit', {'exit': 'wall'}).status == 404
    assert c.post('/api/peer/devices/notmine/config').status == 404
    ok(c.put('/api/peer/devices/tablet/exit', {'exit': 'wall'}))
    assert ok(cell.admin.get('/api/peers/tablet'))['exit'] == 'wall'
    assert 'PrivateKey' in ok(c.post('/api/peer/devices/tablet/config', {'qr': 'svg'}))['config']
    assert c.post('/api/peer/devices/tablet/config').status == 409
    assert [t['name'] for t in ok(c.get('/api/peer/traffic'))] == ['tablet']
    assert len(ok(c.get('/api/peer/traffic?hours=3'))[0]['buckets']) == 3 and c.get('/api/traffic?peer=tablet').status == 403
    ok(c.post('/api/peer/password', {'current_password': PASSWORD, 'new_password': 'my own words 5'}))
    rows = ok(cell.admin.get('/api/audit?verb=reveal'))
    assert any(r['actor'].startswith('tablet') for r in rows)


def test_the_same_answer_for_known_and_unknown(cell):
    nobody = cell.server.client()
    known, unknown = nobody.login('owner', 'wrong password 1'), nobody.login('nosuchuser', 'wrong password 1')
    assert known.status == unknown.status == 401
    assert known.json['error'] == unknown.json['error'] and known.json['hint'] == unknown.json['hint']


def test_the_same_time_for_known_and_unknown(tmp_path):
    """A cell of its own: attempts are counted."""
    made = Cell(tmp_path / 'cell')
    try:
        for i in range(4):
            ok(made.admin.post('/api/users', {'name': f'known{i}', 'role': 'viewer', 'password': PASSWORD}), 201)
        took = {}
        for i in range(4):
            for who in ('known', 'unknown'):
                began = time.monotonic()
                assert made.server.client().login(f'{who}{i}', 'wrong password 1').status == 401
                took.setdefault(who, []).append(time.monotonic() - began)
        assert 0.5 < min(took['known']) / min(took['unknown']) < 2, took
    finally:
        made.stop()


def test_throttling_and_the_owner_still_comes_in(cell):
    """A stranger guesses until he is slowed down; a browser that was here before is let in all the same."""
    owner = cell.server.client()
    ok(owner.login('owner'))
    stranger, seen = cell.server.client(), None
    for i in range(40):
        seen = stranger.login('owner', f'guess number {i}')
        if seen.status == 429:
            break
        assert seen.status == 401
    assert seen.status == 429 and int(seen.headers['Retry-After']) > 0
    assert owner.get('/api/cell').status == 200
