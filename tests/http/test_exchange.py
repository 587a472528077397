"""A whole cell comes back by the page's server: real pic-http and picd, without systemd, each going on as the same process. What is refused
changes nothing; whoever holds the cell open meanwhile is waited for, and in the end believed."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time

import pytest
from web import BIN, PASSWORD, Cell

from world import wait_for  # noqa: E402 (of the scenarios, which web.py puts on the path)

PASSPHRASE = 'correct staple of May'
ORDER = 'restore.ordered'


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


def start_agent(cell):
    cell.agent = subprocess.Popen([BIN / 'picd', '--dir', cell.pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: cell.pic.json('status')['agent']['pid'] == cell.agent.pid, 20, 'an agent')


@pytest.fixture
def house(tmp_path):
    """A cell with an agent; and a backup of it, from when it had a device that is gone and somebody who is not there any more."""
    made = Cell(tmp_path / 'cell')
    start_agent(made)
    try:
        ok(made.admin.post('/api/peers', {'name': 'lost', 'access': ['internet']}), 201)
        ok(made.admin.post('/api/users', {'name': 'grandma', 'role': 'admin', 'password': PASSWORD}), 201)
        (tmp_path / 'pw').write_text(PASSPHRASE)
        made.pic('backup', 'create', tmp_path / 'b', '--passphrase-file', tmp_path / 'pw', '--work-factor', '10')
        ok(made.admin.delete('/api/peers/lost'))
        ok(made.admin.delete('/api/users/grandma'))
        yield made
    finally:
        made.agent.terminate()
        assert made.agent.wait(30) == 0
        assert made.stop() == 0


def bring(who, path):
    return ok(who.ask('POST', '/api/backups/files', path.read_bytes(), headers={'Content-Type': 'application/octet-stream'}), 201)['id']


def exchange(who, at, **more):
    return who.post(f'/api/backups/files/{at}/exchange', {'passphrase': PASSPHRASE, 'name': 'home', **more})


def earlier(cell, seconds):
    db = sqlite3.connect(f'{cell.pic.dir}/cell.db', timeout=10)
    db.execute(f'UPDATE session SET created = created - {seconds}000000, seen = seen - {seconds}000000')
    db.commit()
    db.close()


def beside(cell):
    top = pathlib.Path(cell.pic.dir)
    return sorted(p.name for p in top.parent.iterdir() if p.name.startswith(f'{top.name}.') and p.is_dir()), sorted(p.name for p in top.iterdir() if 'ordered' in p.name)


def rows(cell):
    return [r['text'] for r in map(json.loads, cell.pic('--json', 'history', '--verb', 'restore').splitlines()) if r['verb'] == 'restore']


def wait_over(cell):
    wait_for(lambda: not os.path.lexists(f'{cell.pic.dir}/{ORDER}'), 30, 'the exchange')
    wait_for(lambda: cell.pic.json('status')['agent']['pid'] == cell.agent.pid, 30, 'the agent')
    cell.server.wait()


def test_a_whole_cell(house, tmp_path):
    inode = os.stat(house.pic.dir).st_ino
    at = bring(house.admin, tmp_path / 'b')
    seen = ok(house.admin.post(f'/api/backups/files/{at}/diff', {'passphrase': PASSPHRASE, 'answers': {'endpoint': 'new.example.org:51820'}}))
    assert {'lost', 'grandma'} <= {c['name'] for c in seen['changes']} and os.stat(house.pic.dir).st_ino == inode
    told = ok(exchange(house.admin, at, answers={'endpoint': 'new.example.org:51820'}), 202)
    assert told['ordered'] and {'name': 'grandma', 'role': 'admin'} in told['users'] and told['manifest']['cell']['name'] == 'home'
    wait_over(house)
    assert os.stat(house.pic.dir).st_ino != inode
    house.pic('peer', 'show', 'lost')
    assert house.pic.json('cell', 'show')['endpoint'] == 'new.example.org:51820'
    grandma = house.server.client()
    ok(grandma.login('grandma'))
    assert ok(grandma.get('/api/peers/lost'))['name'] == 'lost'
    kept, left = beside(house)
    assert len(kept) == 1 and '.before-' in kept[0] and left == []
    assert [k['name'] for k in ok(grandma.get('/api/backups/kept'))['kept']] == kept
    # who did it stands in both: in the cell that is there now, and in the one that is put aside
    assert any(t.startswith('restored from the backup of') for t in rows(house))
    house.agent.terminate()
    house.agent.wait(20)
    assert house.stop() == 0  # a server holds the cell: undo wants it to itself, as ever
    house.pic('backup', 'undo')
    assert os.stat(house.pic.dir).st_ino == inode
    assert any("is to take this cell's place" in t for t in rows(house))
    assert PASSPHRASE.encode() not in b''.join(p.read_bytes() for p in pathlib.Path(house.pic.dir).glob('cell.db*'))
    start_agent(house)
    house.server.__init__(house.pic.dir, port=house.port)
    ok(house.admin.get('/api/auth/me'))
    assert house.admin.get('/api/peers/lost').status == 404


def test_what_is_refused(house, tmp_path):
    """Not an admin, not lately logged in, a token, another name, a wrong passphrase, a damaged backup, no agent: the same cell, the same server."""
    inode, server = os.stat(house.pic.dir).st_ino, house.server.process.pid
    at = bring(house.admin, tmp_path / 'b')
    for role in ('operator', 'viewer'):
        assert exchange(house.person(role), at).status == 403
    assert exchange(house.server.client(), at).status == 401
    assert exchange(house.token('admin'), at).status == 403
    assert exchange(house.admin, at, name='hom').status == 422
    assert exchange(house.admin, at, passphrase='wrong').status == 422
    assert exchange(house.admin, at, answers={'endpoint': 7}).status == 422 and exchange(house.admin, at, answers={'nothing': 'x'}).status in (404, 422)
    assert exchange(house.admin, '0' * 32).status == 404
    earlier(house, 700)
    assert exchange(house.admin, at).json['need'] == 'login'
    ok(house.admin.login('owner'))
    data = bytearray((tmp_path / 'b').read_bytes())
    data[-40] ^= 1
    (tmp_path / 'spoilt').write_bytes(data)
    assert exchange(house.admin, bring(house.admin, tmp_path / 'spoilt')).status >= 400
    house.agent.terminate()
    house.agent.wait(20)
    assert exchange(house.admin, at).json['code'] == 'NOAGENT'
    start_agent(house)
    assert beside(house) == ([], []) and rows(house) == []
    assert os.stat(house.pic.dir).st_ino == inode and house.server.process.pid == server and house.server.process.poll() is None
    ok(house.admin.get('/api/auth/me'))


def test_somebody_else_holds_the_cell(house, tmp_path):
    """It does not come about: the agent and the server go on with the cell that is here, and its journal says why."""
    inode = os.stat(house.pic.dir).st_ino
    at = bring(house.admin, tmp_path / 'b')
    other = sqlite3.connect(f'{house.pic.dir}/cell.db', timeout=10, isolation_level=None)
    other.execute('BEGIN')
    other.execute('SELECT count(*) FROM peer').fetchall()
    ok(exchange(house.admin, at), 202)
    wait_for(lambda: not os.path.lexists(f'{house.pic.dir}/{ORDER}'), 40, 'its end')
    other.close()
    wait_over(house)
    assert os.stat(house.pic.dir).st_ino == inode and beside(house) == ([], [])
    ok(house.admin.get('/api/auth/me'))
    wait_for(lambda: any('did not come about' in t for t in rows(house)), 10, 'a row')


@pytest.mark.parametrize('after_ms', [0, 5, 20, 60, 150, 400])
def test_the_agent_is_killed_meanwhile(house, tmp_path, after_ms):
    """The old cell or the new one, whole; and the next start finishes what was ordered, or has finished."""
    at = bring(house.admin, tmp_path / 'b')
    ok(exchange(house.admin, at), 202)
    time.sleep(after_ms / 1000)
    house.agent.send_signal(signal.SIGKILL)
    house.agent.wait(20)
    start_agent(house)
    wait_over(house)
    house.pic('audit', 'verify')
    known = any(p['name'] == 'lost' for p in house.pic.json('peer', 'list'))
    assert known == any(t.startswith('restored from the backup of') for t in rows(house))
    assert beside(house)[1] == []
