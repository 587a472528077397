"""Many at once, twice the same, and what happens in between: no change is lost, none is made twice, none is told that was not made."""
import contextlib
import http.client
import json
import threading
import time

import pytest
from test_auth import totp
from test_events import Stream
from web import PASSWORD, Server, new_cell

WRITERS = 20
# Of each kind: path, what makes one, and two values of a field.
KINDS = {
    'peer': ('/api/peers', {}, 'note'),
    'group': ('/api/groups', {}, 'note'),
    'assertion': ('/api/assertions', {'rule': 'never peers -> 192.0.2.1:tcp/1'}, 'note'),
    'connection': ('/api/connectivity/connections', {'type': 'block'}, 'note'),
    'certificate': ('/api/certificates', {}, 'note'),
    'record': ('/api/dns/records', {'addresses': ['10.20.9.9']}, 'note'),
    'forward': ('/api/dns/forwards', {'servers': ['192.0.2.53']}, 'note'),
    'blocklist': ('/api/dns/blocklists', {'source': '/etc/lists/x'}, 'note'),
    'alert': ('/api/alerts', {'to': 'https://example.org/hook'}, 'note'),
    'target': ('/api/backups/targets', {'url': '/tmp/storm', 'plain': True, 'every': 'never'}, 'note'),
    'domain': ('/api/domains', {'mode': 'http01'}, 'note'),
    'user': ('/api/users', {'role': 'viewer', 'password': PASSWORD}, 'note'),
    'token': ('/api/tokens', {'scope': 'viewer'}, 'note'),
}


def at_once(count, run):
    """What `count` threads that begin together answer."""
    gate, got = threading.Barrier(count), [None] * count

    def one(i):
        gate.wait()
        got[i] = run(i)
    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return got


def named(kind):
    return {'forward': 'storm.example', 'domain': 'home.example.org'}.get(kind, 'storm')


@pytest.fixture(scope='module', params=KINDS)
def thing(request, cell):
    """One of each kind: its path and its field."""
    path, fields, field = KINDS[request.param]
    name = named(request.param)
    made = cell.admin.post(path, {'name': name, **fields})
    assert made.status == 201, made
    yield f'{path}/{name}', field
    assert cell.admin.delete(f'{path}/{name}').status in (200, 204)


def test_no_update_is_lost(cell, thing):
    """Twenty add a word each to one text, as If-Match has it: read, change, say what was read; once more when somebody was quicker."""
    path, field = thing
    cell.admin.patch(path, {field: 'x'})

    def add(i):
        for tries in range(200):
            read = cell.admin.get(path)
            a = cell.admin.patch(path, {field: f'{read.json[field]} w{i}'}, headers={'If-Match': read.headers['ETag']}, timeout=60)
            if a.status == 200:
                assert f'w{i}' in a.json[field]
                return tries
            assert a.status in (412, 503), a
        raise AssertionError('never')
    assert None not in at_once(WRITERS, add)
    assert sorted(cell.admin.get(path).json[field].split()) == sorted(['x'] + [f'w{i}' for i in range(WRITERS)])


def test_what_was_read_once_is_stale_afterwards(cell, thing):
    path, field = thing
    tag = cell.admin.get(path).headers['ETag']
    assert cell.admin.patch(path, {field: 'new'}, headers={'If-Match': tag}).status == 200
    for stale in (tag, f'W/{tag}', f'"a", {tag}', '"nonsense"', '""'):
        assert cell.admin.patch(path, {field: 'newer'}, headers={'If-Match': stale}).status == 412
        assert cell.admin.patch(f'{path}?plan=1', {field: 'newer'}, headers={'If-Match': stale}).status == 412
        assert cell.admin.delete(path, headers={'If-Match': stale}).status == 412
    assert cell.admin.get(path).json[field] == 'new'
    assert cell.admin.patch(path, {field: 'newest'}, headers={'If-Match': '*'}).status == 200
    now = cell.admin.get(path).headers['ETag']
    assert cell.admin.get(path, headers={'If-None-Match': now}).status == 304
    assert cell.admin.patch(path, {field: 'last'}, headers={'If-Match': f'"other", {now}'}).status == 200


def test_one_change_for_one_key(cell):
    """Twenty times the same request at once: one is done, the others hear its answer, or that it is being worked on."""
    key = {'Idempotency-Key': 'storm-1'}
    got = at_once(WRITERS, lambda i: cell.admin.post('/api/groups', {'name': 'once'}, headers=key, timeout=60))
    made = [a for a in got if a.status == 201]
    assert len(made) >= 1 and all(a.status in (201, 409) for a in got), got
    assert len({a.data for a in made}) == 1 and sum('Idempotency-Replayed' not in a.headers for a in made) == 1
    assert all(a.json['code'] == 'BUSY' for a in got if a.status == 409)
    rows = cell.admin.get('/api/history?kind=group&name=once').json
    assert [r['verb'] for r in rows] == ['add']


@pytest.mark.parametrize('other', [{'name': 'third'}, {'name': 'second', 'note': 'x'}, {'name': 'second '}, {}, {'name': 'second', 'name ': 1}])
def test_a_key_is_for_one_body(cell, other):
    key = {'Idempotency-Key': 'storm-2'}
    first = cell.admin.post('/api/groups', {'name': 'second'}, headers=key)
    assert first.status == 201
    again = cell.admin.post('/api/groups', other, headers=key)
    assert again.status == 422, again
    assert cell.admin.get('/api/groups/third').status == 404
    assert cell.admin.post('/api/groups?plan=1', {'name': 'second'}, headers=key).status == 422
    assert cell.admin.post('/api/groups', '{ "name": "second" }', headers=key).status == 422  # other bytes are another request
    assert cell.admin.post('/api/groups', {'name': 'second'}, headers=key).data == first.data


def test_a_key_is_for_one_person(cell):
    """What one was answered no other hears, with whatever key."""
    key = {'Idempotency-Key': 'storm-3'}
    token = cell.admin.post('/api/tokens', {'name': 'stormy', 'scope': 'operator'}, headers=key)
    assert token.status == 201
    again = cell.admin.post('/api/tokens', {'name': 'stormy', 'scope': 'operator'}, headers=key)
    assert again.status == 409 and token.json['token'].encode() not in again.data  # it was told once
    for who in ('operator', 'viewer'):
        a = cell.person(who).post('/api/groups', {'name': 'theirs'}, headers=key)
        assert a.status in (201, 403, 409) and 'Idempotency-Replayed' not in a.headers
    ended = cell.server.client()
    assert ended.login('owner').status == 200
    assert ended.post('/api/groups', {'name': 'fourth'}, headers={'Idempotency-Key': 'storm-4'}).status == 201
    assert ended.post('/api/auth/logout').status in (200, 204)
    assert ended.post('/api/groups', {'name': 'fourth'}, headers={'Idempotency-Key': 'storm-4'}).status == 401


def test_twenty_make_what_there_can_be_once(cell):
    """A name, an address: one gets it, whatever the kind."""
    for path, body in (('/api/dns/records', {'name': 'race', 'addresses': ['10.20.9.8']}), ('/api/certificates', {'name': 'race'}),
                       ('/api/dns/forwards', {'name': 'race.example', 'servers': ['192.0.2.53']})):
        got = [a.status for a in at_once(WRITERS, lambda i: cell.admin.post(path, body, timeout=60))]
        assert got.count(201) == 1 and all(s in (201, 409, 503) for s in got), got
    got = at_once(WRITERS, lambda i: cell.admin.post('/api/peers', {'name': f'same{i}', 'address4': '10.20.77.7'}, timeout=60).status)
    assert got.count(201) == 1 and all(s in (201, 409, 422, 503) for s in got), got
    got = at_once(WRITERS, lambda i: cell.admin.post('/api/peers', {'name': f'free{i}'}, timeout=60))
    assert all(a.status == 201 for a in got) and len({a.json['address4'] for a in got}) == WRITERS


def test_what_works_once_works_once(cell):
    """A link, a sealed configuration, a recovery code, a code of the second factor: of many who try at once one gets in."""
    assert cell.admin.post('/api/peers', {'name': 'secret'}).status == 201
    link = cell.admin.post('/api/peers/secret/link', {'seconds': 600}).json['token']
    got = at_once(8, lambda i: cell.server.client().post('/api/link', {'token': link}, timeout=60))
    assert sum(a.status == 200 for a in got) == 1 and sum(b'PrivateKey' in a.data for a in got) == 1, got
    assert cell.admin.post('/api/peers', {'name': 'sealed'}).status == 201
    got = at_once(8, lambda i: cell.admin.post('/api/peers/sealed/config', {}, timeout=60))
    assert sum(a.status == 200 for a in got) == 1 and all(a.status in (200, 409, 503) for a in got), got

    cell.admin.post('/api/users', {'name': 'twice', 'role': 'viewer', 'password': PASSWORD})
    me = cell.server.client()
    assert me.login('twice').status == 200
    secret = me.post('/api/auth/totp').json['secret']
    recovery = me.post('/api/auth/totp/confirm', {'secret': secret, 'code': totp(secret)}).json['recovery']
    for code in (recovery[0], totp(secret, time.time() + 30)):  # the code of the present step was used up by the confirmation
        got = [a.status for a in at_once(3, lambda i: cell.server.client().login('twice', code=code))]
        assert got.count(200) == 1 and all(s in (200, 401, 429, 503) for s in got), got


def test_undo_while_others_write(cell):
    """Each change is there or taken back, never half; and the trail has all of it."""
    def one(i):
        if i % 2:
            a = cell.admin.post('/api/undo', {}, timeout=60)
            return a.status
        return cell.admin.patch('/api/groups/second', {'note': f'by {i}'}, timeout=60).status
    got = at_once(WRITERS, one)
    assert all(s in (200, 409, 412, 422, 404, 503) for s in got), got
    assert cell.admin.get('/api/audit/verify').json['ok'] is True


def test_a_stream_goes_on_after_a_restart(tmp_path):
    """The server ends and comes back; who says the last event's number misses nothing, and hears nothing twice."""
    pic = new_cell(tmp_path / 'cell')
    server = Server(tmp_path / 'cell')
    try:
        admin = server.client()
        admin.csrf = admin.post('/api/setup/code', {'code': pic.json('setup')['code']}).json['csrf_token']
        admin.csrf = admin.post('/api/setup/complete', {'username': 'owner', 'password': 'a long horse battery 7'}).json['csrf_token']
        s, heard, last = Stream(admin), [], None
        for i in range(3):
            assert admin.post('/api/groups', {'name': f'g{i}'}).status == 201
            last, row = s.next('change')
            heard.append(row['name'])
        for turn in range(2):
            server.process.kill() if turn == 1 else server.process.terminate()
            server.process.wait(20)
            with contextlib.suppress(http.client.IncompleteRead) if turn == 1 else contextlib.nullcontext():
                s.r.read()  # it ends, by itself without an error, and does not hang
            pic('--quiet', 'group', 'add', f'away{turn}')
            server = Server(tmp_path / 'cell', port=server.port)
            admin.server = server
            s = Stream(admin, headers={'Last-Event-ID': last})
            assert admin.post('/api/groups', {'name': f'back{turn}'}).status == 201
            for _ in range(2):
                last, row = s.next('change')
                heard.append(row['name'])
        assert heard == ['g0', 'g1', 'g2', 'away0', 'back0', 'away1', 'back1']
        s.close()
        s = Stream(admin, headers={'Last-Event-ID': str(int(last) + 1000)})  # from before an older copy was put back
        assert s.next('reset')[1] == {}
        assert admin.post('/api/groups', {'name': 'after'}).status == 201
        assert s.next('change')[1]['name'] == 'after'
        s.close()
    finally:
        assert server.stop() == 0


def test_json_of_a_storm(cell):
    """Whatever was going on, lists are whole."""
    for path, _, _ in KINDS.values():
        a = cell.admin.get(path)
        assert a.status == 200 and len(a.json) == int(a.headers['X-Total-Count']) and json.loads(a.data) is not None
