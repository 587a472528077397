"""A restore by the page is taken back by the page: real pic-http and picd, after a real exchange. The former cell is there again, the other one
is what is put aside, and can come back in its turn. What is refused changes nothing; killed meanwhile it is the old cell or the new one."""
import os
import pathlib
import shutil
import signal
import sqlite3
import time

import pytest
from test_exchange import ORDER, PASSPHRASE, beside, bring, earlier, exchange, house, ok, rows, start_agent, wait_over  # noqa: F401 (house: a fixture)

from world import wait_for  # noqa: E402 (of the scenarios)


def back(who, name, meant='home'):
    return who.post(f'/api/backups/kept/{name}/exchange', {'name': meant})


def kept(who):
    return ok(who.get('/api/backups/kept'))['kept']


def is_restored(cell):
    """The cell of the backup: it has a device that the one before has not."""
    return any(p['name'] == 'lost' for p in cell.pic.json('peer', 'list'))


@pytest.fixture
def moved(house, tmp_path):  # noqa: F811
    """The cell of a backup is there, the former one is put aside; an admin of now has logged in."""
    ok(exchange(house.admin, bring(house.admin, tmp_path / 'b')), 202)
    wait_over(house)
    house.inode = os.stat(house.pic.dir).st_ino
    assert is_restored(house)
    house.now = house.server.client()
    ok(house.now.login('grandma'))
    return house


def test_there_and_back(moved):
    one, = kept(moved.now)
    assert (one['cell'], one['name'], one['path']) == ('home', os.path.basename(one['path']), f'{pathlib.Path(moved.pic.dir).parent}/{one["name"]}')
    by = one['by']
    assert by['text'].startswith('the backup of ') and by['text'].endswith("this cell's place") and (by['actor'], by['way']) == ('owner', 'http')
    former = os.stat(one['path']).st_ino
    changes = [(c['verb'], c['kind'], c['name']) for c in ok(moved.now.get(f'/api/backups/kept/{one["name"]}/diff'))['changes']]
    assert ('remove', 'peer', 'lost') in changes and ('remove', 'user', 'grandma') in changes and moved.now.get('/api/backups/kept/none/diff').status == 404
    told = ok(back(moved.now, one['name']), 202)
    assert told['ordered'] and (told['name'], told['cell'], told['revision'], told['time']) == (one['name'], 'home', one['revision'], one['time'])
    assert {'name': 'owner', 'role': 'admin'} in told['users'] and 'grandma' not in [u['name'] for u in told['users']]
    wait_over(moved)
    assert os.stat(moved.pic.dir).st_ino == former and not is_restored(moved) and moved.pic.json('audit', 'verify')['ok']
    assert moved.now.get('/api/auth/me').status == 401  # whoever came in there is nobody here
    owner = moved.server.client()
    ok(owner.login('owner'))
    assert owner.get('/api/peers/lost').status == 404
    # who did it stands in both journals
    last = moved.pic.json('audit', 'list', '--verb', 'restore')[0]
    assert 'came back' in last['text'] and (last['actor'], last['way']) == ('grandma', 'http')
    other, = kept(owner)
    assert os.stat(other['path']).st_ino == moved.inode and other['name'] != one['name']
    assert other['by']['text'] == f"what had been put aside as {one['name']} is to take this cell's place" and other['by']['actor'] == 'grandma'
    assert beside(moved) == ([other['name']], [])
    # and forward again, as `pic backup undo` does: the one that is put aside now has another name
    assert back(owner, one['name']).status == 404
    ok(back(owner, other['name']), 202)
    wait_over(moved)
    assert os.stat(moved.pic.dir).st_ino == moved.inode and is_restored(moved) and beside(moved)[1] == []


def test_on_the_command_line_the_same(moved):
    """What put it aside is told, whichever way it was; and both ways go together."""
    moved.agent.terminate()
    moved.agent.wait(20)
    assert moved.stop() == 0
    moved.pic('backup', 'undo')
    start_agent(moved)
    moved.server.__init__(moved.pic.dir, port=moved.port)
    ok(moved.admin.login('owner'))
    one, = kept(moved.admin)
    assert one['by']['text'].startswith('what had been put aside as ') and one['by']['way'] == 'cli'
    ok(back(moved.admin, one['name']), 202)
    wait_over(moved)
    assert is_restored(moved)


def test_what_is_refused(moved):
    """Not an admin, a token, not lately logged in, another name, what is not there, no agent, an exchange that waits: the same cell, the same server."""
    one, = kept(moved.now)
    server, before = moved.server.process.pid, rows(moved)
    path = f'/api/backups/kept/{one["name"]}/exchange'
    password = 'another horse battery 7'
    for role in ('operator', 'viewer'):
        ok(moved.now.post('/api/users', {'name': f'a-{role}', 'role': role, 'password': password}), 201)
        who = moved.server.client()
        ok(who.login(f'a-{role}', password))
        assert back(who, one['name']).status == 403 and who.get('/api/backups/kept').status == 403
    assert back(moved.server.client(), one['name']).status == 401
    token = ok(moved.now.post('/api/tokens', {'name': 'robot', 'scope': 'admin'}), 201)['token']
    assert back(moved.server.client(bearer=token), one['name']).status == 403
    for meant in ('hom', '', 'home '):
        assert back(moved.now, one['name'], meant).status == 422
    assert moved.now.post(path, {}).json['fields'][0]['field'] == 'name'
    for name in ('none', '..', '%2e%2e', '.', f'{one["name"]}%2f..%2fcell', 'cell'):
        assert back(moved.now, name).status in (400, 404), name
    gone = back(moved.now, 'none').json
    assert gone['code'] == 'NOTFOUND' and 'pic backup kept' in gone['hint']
    os.symlink('.ordered-nothing', f'{moved.pic.dir}/{ORDER}')
    assert back(moved.now, one['name']).json['code'] == 'BUSY'
    os.unlink(f'{moved.pic.dir}/{ORDER}')
    earlier(moved, 700)
    assert back(moved.now, one['name']).json['need'] == 'login'
    ok(moved.now.login('grandma'))
    moved.agent.terminate()
    moved.agent.wait(20)
    assert back(moved.now, one['name']).json['code'] == 'NOAGENT'
    start_agent(moved)
    assert beside(moved) == ([one['name']], []) and rows(moved) == before and kept(moved.now)[0]['by'] == one['by']
    assert os.stat(moved.pic.dir).st_ino == moved.inode and moved.server.process.pid == server and moved.server.process.poll() is None


def test_one_that_does_not_work(moved):
    """What cannot be read is told and refused at once; what the agent alone finds is said by the journal, and the cell goes on."""
    one, = kept(moved.now)
    shutil.copy(f'{one["path"]}/key', f'{moved.pic.dir}.key')
    os.unlink(f'{one["path"]}/key')
    ok(back(moved.now, one['name']), 202)
    wait_over(moved)
    wait_for(lambda: any('did not come about' in t and 'it has no key' in t for t in rows(moved)), 10, 'a row')
    assert os.stat(moved.pic.dir).st_ino == moved.inode and beside(moved) == ([one['name']], [])
    ok(moved.now.get('/api/auth/me'))
    shutil.move(f'{moved.pic.dir}.key', f'{one["path"]}/key')
    whole = pathlib.Path(one['path'], 'cell.db').read_bytes()
    pathlib.Path(one['path'], 'cell.db').write_bytes(whole[:5000])
    broken, = kept(moved.now)
    assert (broken['cell'], broken['revision'], broken['by']) == (None, None, None)
    answer = back(moved.now, one['name'])
    assert answer.status >= 400 and answer.json['code'] in ('CORRUPT', 'SYNTAX') and answer.json['error'], answer
    assert os.stat(moved.pic.dir).st_ino == moved.inode and beside(moved) == ([one['name']], [])
    pathlib.Path(one['path'], 'cell.db').write_bytes(whole)
    ok(back(moved.now, one['name']), 202)
    wait_over(moved)
    assert not is_restored(moved)


def test_somebody_else_holds_the_cell(moved):
    one, = kept(moved.now)
    other = sqlite3.connect(f'{moved.pic.dir}/cell.db', timeout=10, isolation_level=None)
    other.execute('BEGIN')
    other.execute('SELECT count(*) FROM peer').fetchall()
    ok(back(moved.now, one['name']), 202)
    wait_for(lambda: not os.path.lexists(f'{moved.pic.dir}/{ORDER}'), 40, 'its end')
    other.close()
    wait_over(moved)
    assert os.stat(moved.pic.dir).st_ino == moved.inode and beside(moved) == ([one['name']], [])
    ok(moved.now.get('/api/auth/me'))
    wait_for(lambda: any('did not come about' in t for t in rows(moved)), 10, 'a row')


@pytest.mark.parametrize('after_ms', [0, 5, 20, 60, 150, 400])
def test_the_agent_is_killed_meanwhile(moved, after_ms):
    """The old cell or the new one, whole; and the next start finishes what was ordered, or has finished."""
    one, = kept(moved.now)
    ok(back(moved.now, one['name']), 202)
    time.sleep(after_ms / 1000)
    moved.agent.send_signal(signal.SIGKILL)
    moved.agent.wait(20)
    between = os.stat(moved.pic.dir).st_ino
    assert between == moved.inode or not is_restored(moved)
    start_agent(moved)
    wait_over(moved)
    assert moved.pic.json('audit', 'verify')['ok']
    assert is_restored(moved) == (os.stat(moved.pic.dir).st_ino == moved.inode)
    assert not is_restored(moved) or any('did not come about' in t for t in rows(moved))
    assert len(beside(moved)[0]) == 1 and beside(moved)[1] == []
