"""What the agent's children do with a caller's own file, for who may neither read the key nor make namespaces: a user of the cell, not root.
A real agent, pic-keep and pic-drill; the pretend world."""
import json
import os
import pathlib
import signal
import subprocess

import pytest
from conftest import BIN, needs_root
from world import wait_for

NOBODY = 65534
PASSWORD = 'correct staple of May'


def try_nobody(pic, *args):
    return subprocess.run(['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups', str(BIN / 'pic'), '--dir', pic.dir, '--world', 'fake', '--json',
                           *map(str, args)], capture_output=True, text=True, timeout=60)


def as_nobody(pic, *args, code=0):
    done = try_nobody(pic, *args)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout or 'null') if code == 0 else json.loads(done.stderr.splitlines()[-1])


@pytest.fixture
def cell(pic, tmp_path):
    """A cell of nobody's with root's key and root's agent; one target is encrypted, one is not."""
    (tmp_path / 'pw').write_text(PASSWORD)
    pic('target', 'add', 'disk', '--url', tmp_path / 'disk', '--passphrase-file', tmp_path / 'pw', '--every', 'never')
    pic('target', 'add', 'open', '--url', tmp_path / 'open', '--plain', 'yes', '--every', 'never')
    for path in (pathlib.Path(pic.dir), *pathlib.Path(pic.dir).rglob('*')):
        os.chown(path, NOBODY if path.name != 'key' else 0, NOBODY if path.name != 'key' else 0)
    for path in (tmp_path, *[p for p in tmp_path.parents if len(p.parts) > 2]):  # of pytest's own
        path.chmod(0o755)
    (tmp_path / 'own').mkdir()
    os.chown(tmp_path / 'own', NOBODY, NOBODY)
    agent = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: pic.json('status')['agent']['pid'] == agent.pid, 20, 'an agent')
        os.chown(pathlib.Path(pic.dir) / 'run/agent.sock', 0, NOBODY)  # what group pic is for, where there is one
        pic('backup', 'run')
        for path in pathlib.Path(pic.dir).glob('cell.db*'):  # the store's files that the agent has made meanwhile
            os.chown(path, NOBODY, NOBODY)
        wait_for(lambda: try_nobody(pic, 'target', 'show', 'disk').returncode == 0, 20, 'a store that is nobody\'s')
        yield pic
    finally:
        agent.terminate()
        agent.wait(20)


@needs_root
def test_fetch(cell, tmp_path):
    got = tmp_path / 'own/got'
    (name,) = os.listdir(tmp_path / 'disk')
    as_nobody(cell, 'backup', 'fetch', 'disk', '-o', got)
    assert got.read_bytes() == (tmp_path / 'disk' / name).read_bytes() and got.stat().st_uid == NOBODY
    cell('backup', 'verify', got, '--passphrase-file', tmp_path / 'pw')
    # who had it stands in the journal, by the kernel's word
    row = next(r for r in map(json.loads, cell('--json', 'history').splitlines()) if r['verb'] == 'fetch')
    assert f'uid {NOBODY}' in row['actor'] and name in row['text']
    # the key lies in what is not encrypted: it is root's alone, whatever the target says of itself now
    assert as_nobody(cell, 'backup', 'fetch', 'open', '-o', tmp_path / 'own/no', code=1)['code'] == 'DENIED'
    cell('backup', 'fetch', 'open', '-o', tmp_path / 'roots')
    cell('target', 'set', 'open', '--plain', 'no', '--passphrase-file', tmp_path / 'pw')
    said = as_nobody(cell, 'backup', 'fetch', 'open', '-o', tmp_path / 'own/no', code=1)
    assert said['code'] == 'DENIED' and 'not encrypted' in said['message'] and not (tmp_path / 'own/no').exists()
    assert as_nobody(cell, 'backup', 'fetch', 'disk:x', '-o', tmp_path / 'own/no', code=1)['code'] == 'NOTFOUND'


@needs_root
def test_drill(cell, tmp_path):
    got = tmp_path / 'own/got'
    as_nobody(cell, 'backup', 'fetch', 'disk', '-o', got)
    (tmp_path / 'pw').chmod(0o644)
    drill = as_nobody(cell, 'backup', 'drill', got, '--passphrase-file', tmp_path / 'pw')
    assert drill['restorable'] and len(drill['checks']) == 17 and drill['backup']['cell'] == 'home'
    (tmp_path / 'no').write_text('another one')
    assert as_nobody(cell, 'backup', 'drill', got, '--passphrase-file', tmp_path / 'no', code=1)['code'] == 'DENIED'
    data = bytearray(got.read_bytes())
    data[-100] ^= 1
    (tmp_path / 'own/bad').write_bytes(data)
    assert as_nobody(cell, 'backup', 'verify', tmp_path / 'own/bad', '--passphrase-file', tmp_path / 'pw', code=1)['code'] == 'CORRUPT'
    rows = [r for r in map(json.loads, cell('--json', 'history').splitlines()) if r['verb'].startswith('drill')]
    assert rows and 'is restorable' in rows[0]['text']


@needs_root
def test_one_at_a_time_and_who_goes_takes_it_along(cell, tmp_path):
    """The child is stopped meanwhile: others are told so; when its caller is killed the agent lets go of it."""
    (name,) = os.listdir(tmp_path / 'disk')
    size = (tmp_path / 'disk' / name).stat().st_size
    os.truncate(tmp_path / 'disk' / name, 1 << 30)  # long enough to be met
    agent = cell.json('status')['agent']['pid']

    def hands():
        text = subprocess.run(['ps', '-o', 'pid=,comm=', '--ppid', str(agent)], capture_output=True, text=True).stdout
        return [int(line.split()[0]) for line in text.splitlines() if line.split()[1] == 'pic-keep']
    first = subprocess.Popen(['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups', str(BIN / 'pic'), '--dir', cell.dir, '--world', 'fake',
                              'backup', 'fetch', 'disk', '-o', str(tmp_path / 'own/first')], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        (child,) = wait_for(hands, 10, 'a child')
        os.kill(child, signal.SIGSTOP)
        assert as_nobody(cell, 'backup', 'fetch', 'disk', '-o', tmp_path / 'own/second', code=1)['code'] == 'BUSY'
        assert cell.json('status')['agent']['pid'] == agent  # it does not wait for it
    finally:
        first.kill()
        first.wait()
    wait_for(lambda: not hands(), 20, 'an agent that lets go')
    os.truncate(tmp_path / 'disk' / name, size)
    as_nobody(cell, 'backup', 'fetch', 'disk', '-o', tmp_path / 'own/second')
    assert (tmp_path / 'own/second').stat().st_size == size
