"""A backup that a browser brings: looked at, compared, and some of it a change of the cell; nothing of it is anybody else's, or stays."""
import os
import subprocess

import pytest
from web import PASSWORD

PASSPHRASE = 'correct staple of May'


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


@pytest.fixture(scope='module')
def backup(cell, tmp_path_factory):
    """A cell with a device and a name that are gone since."""
    tmp = tmp_path_factory.mktemp('backup')
    pic = cell.pic
    pic('peer', 'add', 'lost', '--access', 'internet')
    pic('record', 'add', 'lostnas', '--addresses', '192.168.1.77')
    key = pic.json('peer', 'show', 'lost')['public_key']
    (tmp / 'pw').write_text(PASSPHRASE)
    pic('backup', 'create', tmp / 'b', '--passphrase-file', tmp / 'pw', '--work-factor', '10')
    pic('backup', 'create', tmp / 'plain', '--plain')
    pic('peer', 'remove', 'lost')
    pic('record', 'remove', 'lostnas')
    return tmp, key


def bring(who, path, **kw):
    return who.ask('POST', '/api/backups/files', path.read_bytes(), headers={'Content-Type': 'application/octet-stream'}, **kw)


def test_restore_some(admin, backup):
    tmp, key = backup
    brought = ok(bring(admin, tmp / 'b'), 201)
    at = f'/api/backups/files/{brought["id"]}'
    assert brought['size'] == os.path.getsize(tmp / 'b')
    assert admin.post(f'{at}/show', {}).status == 422 and admin.post(f'{at}/show', {'passphrase': 'wrong'}).status == 422
    keys = {'passphrase': PASSPHRASE}
    assert ok(admin.post(f'{at}/show', keys))['cell']['name'] == 'home'
    assert ok(admin.post(f'{at}/diff', keys))['questions'] == []
    planned = ok(admin.post(f'{at}/restore?plan=1', {**keys, 'only': 'peer:lost,record:lostnas'}))
    assert [(c['name'], c['verb']) for c in planned['changes']] == [('lost', 'add'), ('lostnas', 'add')] and planned['told']['picked']['same']
    assert admin.get('/api/peers/lost').status == 404
    done = ok(admin.post(f'{at}/restore', {**keys, 'only': 'peer:lost,record:lostnas'}))
    assert done['outcome']['state'] == 'applied' and ok(admin.get('/api/peers/lost'))['public_key'] == key
    ok(admin.post('/api/undo', {}))
    assert admin.get('/api/peers/lost').status == 404
    assert admin.post(f'{at}/restore', {**keys, 'only': 'friends'}).status == 422
    assert admin.delete(at).status == 204 and admin.post(f'{at}/show', keys).status == 404 and admin.delete(at).status == 404
    assert PASSPHRASE not in admin.get('/api/history?limit=50').data.decode()


def test_of_old_clients_and_a_target(admin, backup, tmp_path):
    tmp, key = backup
    brought = ok(bring(admin, tmp / 'plain'), 201)
    ok(admin.post(f'/api/config/restore/{brought["id"]}', {}))
    assert ok(admin.get('/api/peers/lost'))['public_key'] == key
    ok(admin.post('/api/backups/targets', {'name': 'oldest', 'url': str(tmp_path / 'd'), 'plain': True, 'every': 'never'}), 201)
    ok(admin.post('/api/backups', {'target': 'oldest'}), 202)
    held = next(t for t in ok(admin.get('/api/backups'))['targets'] if t['name'] == 'oldest')['held'][0]['name']
    ok(admin.delete('/api/peers/lost'))
    at = f'/api/backups/files/{ok(admin.post("/api/backups/fetch", {"target": "oldest", "name": held}), 201)["id"]}'
    assert ok(admin.post(f'{at}/show', {}))['cell']['name'] == 'home' and admin.post('/api/backups/fetch', {'target': 'none'}).status == 404
    ok(admin.post(f'/api/config/restore/{held}', {}))
    assert ok(admin.get('/api/peers/lost'))['public_key'] == key
    assert admin.post('/api/config/restore/none', {}).status == 404 and ok(admin.get('/api/backups/kept')) == {'kept': []}
    ok(admin.delete('/api/backups/targets/oldest'))


def test_whether_it_comes_back(admin, backup):
    """The agent tries it, with the keys that are told; the row says so, and no secret."""
    tmp, _ = backup
    at = f'/api/backups/files/{ok(bring(admin, tmp / "b"), 201)["id"]}'
    assert admin.post(f'{at}/drill', {'passphrase': 'wrong'}).status == 422 and admin.post(f'{at}/drill', {}).status == 422
    drill = ok(admin.post(f'{at}/drill', {'passphrase': PASSPHRASE}))
    assert drill['restorable'] and len(drill['checks']) == 17 and drill['failed'] is None
    rows = [r for r in ok(admin.get('/api/history?limit=20')) if r['verb'] == 'drill']
    assert 'is restorable' in rows[0]['text'] and rows[0]['actor'] == 'owner' and PASSPHRASE not in str(rows)
    ok(admin.post(f'{at}/show', {'passphrase': PASSPHRASE}))  # it is as it was
    data = bytearray((tmp / 'plain').read_bytes())
    data[len(data) // 2] ^= 1
    (tmp / 'spoilt').write_bytes(data)
    bad = ok(bring(admin, tmp / 'spoilt'), 201)['id']
    drill = ok(admin.post(f'/api/backups/files/{bad}/drill', {}))
    assert not drill['restorable'] and drill['failed'] in ('opens', 'files')
    for i in (at.split('/')[-1], bad):
        admin.delete(f'/api/backups/files/{i}')


def test_what_is_brought(cell, admin, backup):
    """Files of others, of another kind, too large, cut off: told, and the connection goes on or ends."""
    tmp, _ = backup
    ok(admin.post('/api/users', {'name': 'second', 'role': 'admin', 'password': PASSWORD}), 201)
    other = cell.server.client()
    ok(other.login('second'))
    brought = ok(bring(admin, tmp / 'plain'), 201)
    assert other.post(f'/api/backups/files/{brought["id"]}/show', {}).status == 404
    assert admin.ask('POST', '/api/backups/files', b'{}').status == 400
    assert admin.ask('POST', '/api/backups/files', b'', headers={'Content-Type': 'application/octet-stream'}).status == 400
    assert admin.ask('POST', '/api/backups/files', None, headers={'Content-Type': 'application/octet-stream', 'Content-Length': str(1 << 40)}).status == 413
    bad = ok(admin.ask('POST', '/api/backups/files', os.urandom(300000), headers={'Content-Type': 'application/octet-stream'}), 201)
    assert admin.post(f'/api/backups/files/{bad["id"]}/show', {}).status >= 400
    ids = [ok(bring(admin, tmp / 'plain'), 201)['id'] for _ in range(9)]
    assert admin.post(f'/api/backups/files/{ids[0]}/show', {}).status == 404 and ok(admin.post(f'/api/backups/files/{ids[-1]}/show', {}))
    assert subprocess.run(['find', '/var/tmp', '/tmp', '-maxdepth', '1', '-name', '#*'], capture_output=True, text=True).stdout == ''
    for i in ids:
        admin.delete(f'/api/backups/files/{i}')
