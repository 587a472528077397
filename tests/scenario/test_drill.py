"""Drills: a cell with all that it may have comes back on a machine of its own, beside the one that runs; each of many sabotaged backups is refused by
the check that is for it; whoever is killed leaves nothing; and a phone finds its cell again that was restored elsewhere."""
import copy
import hashlib
import io
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time

import pytest
from conftest import BIN, Pic, needs_root
from world import World, random_key, wait_for

pytestmark = pytest.mark.skipif(not (shutil.which('age') and shutil.which('zstd')), reason='needs age and zstd')
CHECKS = ['opens', 'files', 'store', 'identity', 'key', 'secrets', 'audit', 'wishes', 'certificates', 'agent', 'peers', 'rules', 'routes', 'names', 'exits', 'services', 'end']


def drill(pic, *words, status=None):
    done = pic.run('--json', 'backup', 'drill', *words, timeout=120)
    told = json.loads(done.stdout)
    assert done.returncode == (status if status is not None else 0 if told['restorable'] else 1), done.stderr
    assert [c['check'] for c in told['checks']] == CHECKS
    return told


def copies():
    """Of drills under way, others' too, or left behind."""
    return [n for n in os.listdir('/dev/shm') if n.startswith('pic-drill-')]


def state(told, check):
    return next(c for c in told['checks'] if c['check'] == check)


# --- sabotage ----------------------------------------------------------------------------------------------------------

class Backup:
    """What a good backup has, to be spoilt, and made anew with hashes that are right."""

    def __init__(self, path, work):
        tar = subprocess.run(['zstd', '-dcq', path], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(tar)) as t:
            self.files = {m.name: t.extractfile(m).read() for m in t.getmembers()}
        self.manifest = json.loads(self.files.pop('manifest.json'))
        self.work, self.leave_out = work, set()

    def edit(self, statement, *values):
        path = self.work / 'edited.db'
        path.write_bytes(self.files['cell.db'])
        with sqlite3.connect(path) as db:
            db.execute('PRAGMA journal_mode=DELETE')
            db.execute('PRAGMA ignore_check_constraints=ON')
            changed = db.execute(statement, values).rowcount
            assert changed != 0, statement
            db.commit()
        db.close()
        self.files['cell.db'] = path.read_bytes()

    def ask(self, query):
        path = self.work / 'asked.db'
        path.write_bytes(self.files['cell.db'])
        with sqlite3.connect(path) as db:
            return db.execute(query).fetchone()[0]

    def write(self, path, recipient=None):
        for m in self.manifest['members']:
            if m['name'] in self.files:
                m['size'] = len(self.files[m['name']])
                m['sha256'] = m.get('lie') or hashlib.sha256(self.files[m['name']]).hexdigest()
                m.pop('lie', None)
        self.manifest['members'] = [m for m in self.manifest['members'] if m['name'] in self.files]
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w') as tar:
            for name, body in [('manifest.json', json.dumps(self.manifest).encode())] + [(n, b) for n, b in self.files.items() if n not in self.leave_out]:
                info = tarfile.TarInfo(name)
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
        data = subprocess.run(['zstd', '-cq'], input=out.getvalue(), capture_output=True, check=True).stdout
        if recipient:
            data = subprocess.run(['age', '-r', recipient], input=data, capture_output=True, check=True).stdout
        path.write_bytes(data)
        return path


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1:]


def hash_wrong(b, other):
    next(m for m in b.manifest['members'] if m['name'] == 'cell.db')['lie'] = '0' * 64


def left_out(b, other):
    b.leave_out.add('key')


def no_key(b, other):
    del b.files['key']


def page_damaged(b, other):
    root = b.ask("SELECT rootpage FROM sqlite_master WHERE name='peer' AND type='table'")
    size = int.from_bytes(b.files['cell.db'][16:18], 'big')
    b.files['cell.db'] = b.files['cell.db'][:(root - 1) * size] + b'\xff' * size + b.files['cell.db'][root * size:]


def newer(b, other):
    b.edit('PRAGMA user_version=999')


def value(b, other):
    b.edit("UPDATE peer SET address4='10.20.0.300' WHERE name='anna'")


def outside(b, other):
    b.edit("UPDATE peer SET address4='192.0.2.7' WHERE name='anna'")


def trail(b, other):
    b.edit("UPDATE journal SET actor='nobody' WHERE seq=2")


def other_key(b, other):
    b.files['key'] = other.files['key']


def other_seal(b, other):
    b.edit('UPDATE cell SET private_key=?', other.ask('SELECT private_key FROM cell'))


def other_pair(b, other):
    b.edit('UPDATE cell SET public_key=?', other.ask('SELECT public_key FROM cell'))
    b.manifest['cell']['public_key'] = other.manifest['cell']['public_key']


def other_root(b, other):
    b.edit('UPDATE cell SET ca_certificate=?', other.ask('SELECT ca_certificate FROM cell'))


def ended(b, other):
    b.manifest['created'] = f'{int(b.manifest["created"][:4]) + 1}{b.manifest["created"][4:]}'


def other_names(b, other):
    chain, key = (b.ask(f"SELECT {f} FROM certificate WHERE name='kept'") for f in ('chain', 'key'))
    b.edit("UPDATE certificate SET chain=? WHERE name='nas'", chain)


def other_cell(b, other):
    b.manifest['cell'] = other.manifest['cell']


SABOTAGES = {
    hash_wrong: ('files', 'is not what'), left_out: ('files', 'key'), no_key: ('key', 'it has no key'), page_damaged: ('store', ''), newer: ('store', 'newer'),
    value: ('store', 'address4'), outside: ('wishes', '192.0.2.7'), trail: ('audit', 'row 2'), other_key: ('key', "not the store's"), other_seal: ('secrets', 'private_key'),
    other_pair: ('secrets', 'not that of its public key'), other_root: ('certificates', 'ca_certificate'), ended: ('certificates', 'expired'), other_names: ('certificates', 'certificate nas'),
    other_cell: ('identity', 'another cell'),
}


@pytest.fixture
def good(pic, tmp_path):
    """One cell, from which all others are spoilt; and one of somebody else."""
    agent = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pic('status', '--wait', '10s')
        for name in ('anna', 'ben'):
            pic('peer', 'add', name)
        pic('cert', 'issue', 'nas')
        pic('cert', 'issue', 'kept', '--key-mode', 'kept')
        pic('audit', 'head')
    finally:
        agent.terminate()
        agent.wait(20)
    pic('backup', 'create', tmp_path / 'good', '--plain')
    foreign = Pic(tmp_path / 'foreign')
    foreign('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48')
    foreign('backup', 'create', tmp_path / 'other', '--plain')
    return Backup(tmp_path / 'good', tmp_path), Backup(tmp_path / 'other', tmp_path)


def test_sabotaged(pic, good, tmp_path):
    base, other = good
    told = drill(pic, base.write(tmp_path / 'whole'))
    assert told['restorable'] and told['failed'] is None and told['backup']['cell'] == 'home', told
    assert state(told, 'exits')['state'] == 'skipped' and {c['state'] for c in told['checks']} == {'ok', 'skipped'} and state(told, 'certificates')['text'].startswith('3, ')
    for spoil, (check, words) in SABOTAGES.items():
        b = copy.deepcopy(base)
        spoil(b, other)
        told = drill(pic, b.write(tmp_path / 'bad'), status=1)
        assert told['failed'] == check and words in state(told, check)['text'], (spoil.__name__, told)
        assert all(c['state'] is None for c in told['checks'][CHECKS.index(check) + 1:]), spoil.__name__
    # what lies under it: a flipped bit, an end that came too early
    subprocess.run(['age-keygen', '-o', tmp_path / 'id'], check=True, capture_output=True)
    recipient = subprocess.run(['age-keygen', '-y', tmp_path / 'id'], check=True, capture_output=True, text=True).stdout.strip()
    base.files['exits/1'] = os.urandom(300000)
    base.manifest['members'].insert(1, {'name': 'exits/1'})
    base.files = {m['name']: base.files[m['name']] for m in base.manifest['members']}
    whole = base.write(tmp_path / 'sealed', recipient).read_bytes()
    assert drill(pic, tmp_path / 'sealed', '-i', tmp_path / 'id')['restorable']
    for data, check in ((flip(whole, len(whole) - 100000), 'files'), (flip(whole, len(whole) - 1), 'files'), (whole[:-65552], 'files'), (whole[:20], 'opens')):
        (tmp_path / 'bad').write_bytes(data)
        assert drill(pic, tmp_path / 'bad', '-i', tmp_path / 'id', status=1)['failed'] == check
    assert pic.refused('backup', 'drill', tmp_path / 'sealed', code='DENIED') and pic.refused('backup', 'drill', tmp_path / 'nothing', code='NOTFOUND')
    done = pic.run('backup', 'drill', tmp_path / 'bad', '-i', tmp_path / 'id')
    assert done.returncode == 1 and done.stdout.splitlines()[-1].startswith('restorable: no, ') and done.stdout.splitlines()[-1].endswith(': opens')
    rows = pic.json('audit', 'list', '--verb', 'drill-failed')
    assert rows and 'not restorable: ' in rows[0]['text'] and 'is restorable' in pic.json('audit', 'list', '--verb', 'drill')[0]['text']
    wait_for(lambda: copies() == [], 5, 'nothing is left')


# --- by the agent ------------------------------------------------------------------------------------------------------

def target(pic, name='disk'):
    return next(t for t in json.loads(pic.run('--json', 'backup', 'status').stdout)['targets'] if t['name'] == name)


def agent_of(pic):
    process = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pic('status', '--wait', '10s')
    return process


def test_by_itself(pic, tmp_path):
    """What a target holds: when asked for, and when it is time; a broken one is told by all that tell."""
    (tmp_path / 'pw').write_text('correct staple of May')
    recipient = subprocess.run(['age-keygen'], check=True, capture_output=True, text=True)
    (tmp_path / 'id').write_text(recipient.stdout)
    key = next(line.split()[-1] for line in recipient.stdout.splitlines() if 'public key' in line)
    agent = agent_of(pic)
    try:
        pic('target', 'add', 'disk', '--url', tmp_path / 'd', '--passphrase-file', tmp_path / 'pw')
        pic('target', 'add', 'shut', '--url', tmp_path / 's', '--recipients', key)
        wait_for(lambda: target(pic)['state'] == target(pic, 'shut')['state'] == 'ok', 20, 'backups')
        assert target(pic)['drill']['restorable'] is None and target(pic)['drill']['next'] > target(pic)['last'] and target(pic, 'shut')['drill']['next'] is None
        told = json.loads(pic('--json', 'backup', 'drill'))  # of those that the cell can open
        assert told['restorable'] and [c['check'] for c in told['checks']] == CHECKS
        t = target(pic)['drill']
        assert t['restorable'] and t['backup'] == target(pic)['backup'] and t['report'] == told and t['needs'] is None and t['next'][:7] != t['at'][:7]
        assert 'restorable: yes' in pic('backup', 'status') and pic('backup', 'drill', 'disk').splitlines()[-1].startswith('restorable: yes, ')
        # of others' keys: said, and done by hand
        error = pic.refused('backup', 'drill', 'shut', code='DENIED')
        assert 'pic backup drill shut: -i FILE' in error['hint'] and target(pic, 'shut')['drill']['needs'] == 'identity' and 'by hand' in pic.run('doctor').stdout
        assert drill(pic, 'shut:', '-i', tmp_path / 'id')['restorable']
        # one that does not come back
        held = tmp_path / 'd' / target(pic)['backup']
        held.write_bytes(flip(held.read_bytes(), held.stat().st_size - 30))
        done = pic.run('backup', 'drill', 'disk')
        assert done.returncode == 1 and done.stdout.splitlines()[-1].startswith('restorable: no, '), done
        assert 'does not come back' in pic.run('doctor').stdout and pic.run('backup', 'status').returncode == 1
        rows = pic.json('audit', 'list', '--verb', 'drill-failed')
        assert len(rows) == 1 and 'not restorable' in rows[0]['text'] and rows[0]['name'] == 'disk'
        # the next backup is tried by itself, at once
        pic('backup', 'run', 'disk')
        wait_for(lambda: (d := target(pic)['drill'])['restorable'] and d['backup'] == target(pic)['backup'], 20, 'another drill')
        assert 'does not come back' not in pic.run('doctor').stdout
    finally:
        agent.kill()
        agent.wait(20)
    # in an agent's absence the month passes
    path = pathlib.Path(pic.dir) / 'targets.json'
    known = json.loads(path.read_text())
    one = next(t for t in known if t['url'].endswith('/d'))
    one['since'] = one['drill']['done'] = one['drill']['tried'] = '2026-01-01T00:00:00Z'
    path.write_text(json.dumps(known))
    assert 'nobody has tried for long' in pic.run('doctor').stdout
    agent = agent_of(pic)
    try:
        wait_for(lambda: target(pic)['drill']['at'] > '2026-02', 20, 'caught up')
        pic('target', 'set', 'disk', '--drill', 'never')
        wait_for(lambda: target(pic)['drill']['next'] is None, 5, 'none is made any more')
        assert pic.refused('target', 'set', 'disk', '--drill', 'often', code='VALUE')
    finally:
        agent.kill()
        agent.wait(20)


# --- a real one --------------------------------------------------------------------------------------------------------

@pytest.fixture
def w(tmp_path):
    with World(tmp_path) as world:
        yield world.scene()


def strangers(marks):
    """Processes of a drill: its program, and whatever has a scratch's path among its words or as its place."""
    found = []
    for path in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            words = (path / 'cmdline').read_bytes()
        except OSError:
            continue
        if any(m in words for m in marks):
            found.append(int(path.name))
    return found


def world_of(w):
    """What a running cell has in the machine."""
    return [w.sh(w.cellns, c) for c in ('ip -br link; ip -br addr; ip route; ip -6 route; ip rule', 'nft list ruleset | sed "s/packets [0-9]* bytes [0-9]*//"', f'wg show {w.dev} | grep -v transfer | sort',
                                        'ss -Hlntu | sort')] + [os.stat(f'/var/run/wireguard/{w.dev}.sock').st_ino, sorted(os.listdir(w.pic.dir))]


@needs_root
def test_beside_the_one_that_runs(w, tmp_path):
    w.start()
    w.pic('peer', 'add', 'anna', '--access', 'internet')
    w.pic('peer', 'add', 'ben', '--address4', '10.20.7.7', '--address6', 'fd20::7:7')
    w.pic('dns', 'record', 'add', 'printer', '--addresses', '192.168.77.10,fd77::10')
    w.pic('cert', 'issue', 'nas')
    w.pic('connection', 'add', 'far', '--type', 'wireguard', '--endpoint', '203.0.113.200:51820', '--peer-key', random_key(), '--addresses', '10.64.0.2/32')
    w.pic('peer', 'add', 'carl', '--exit', 'far')
    w.pic('target', 'add', 'disk', '--url', tmp_path / 'd', '--plain', 'yes', '--every', '5m')
    wait_for(lambda: w.pic.json('status')['backups'][0]['state'] == 'ok', 20, 'a backup')
    before, pid, files = world_of(w), w.agent_pid(), sorted(os.listdir(tmp_path / 'd'))
    wire = w.capture(w.cellns, 'any', f'udp port 51820 or dst host 203.0.113.200')
    began = time.monotonic()
    told = drill(w.pic, tmp_path / 'd' / files[0])
    assert told['restorable'] and told['milliseconds'] < 15000 and time.monotonic() - began < 20, told
    assert '3 of 3' in state(told, 'peers')['text'] and state(told, 'exits')['text'].startswith('1 built') and int(state(told, 'names')['text'].split()[3]) > 8, told
    assert w.agent_pid() == pid and world_of(w) == before and sorted(os.listdir(tmp_path / 'd')) == files  # its copy sends no backups
    told = [line for line in wire.stop() if '203.0.113.200' not in line]
    assert told == []
    assert w.sh(w.cellns, 'dig +short @10.20.0.1 anna.home.internal').split() == ['10.20.0.2']
    # by the agent, with what it may do
    told = json.loads(w.pic('--json', 'backup', 'drill', 'disk'))
    assert told['restorable'] and w.agent_pid() == pid and [b['state'] for b in w.pic.json('status')['backups']] == ['ok'], told
    # killed in the middle: nothing of it goes on, and the next one takes away what it left
    for _ in range(2):
        p = subprocess.Popen(['ip', 'netns', 'exec', w.cellns, BIN / 'pic', '--dir', w.pic.dir, 'backup', 'drill', tmp_path / 'd' / files[0]], stdout=subprocess.DEVNULL)
        scratch = wait_for(lambda: [n for n in copies() if os.path.exists(f'/dev/shm/{n}/run/agent.sock')], 10, 'its agent', nap=0.01)[0]
        p.send_signal(signal.SIGKILL)
        p.wait()
        wait_for(lambda: strangers([b'pic-drill', f'/dev/shm/{scratch}'.encode()]) == [], 5, 'the end of all of it')
    assert drill(w.pic, tmp_path / 'd' / files[0])['restorable'] and wait_for(lambda: copies() == [], 5, 'nothing is left')
    assert w.agent_pid() == pid and world_of(w) == before
    # wishes that are well by themselves, and come to nothing: WireGuard on the name server's port
    b = Backup(tmp_path / 'd' / files[0], tmp_path)
    b.edit('UPDATE cell SET listen_port=53')
    told = drill(w.pic, b.write(tmp_path / 'bad'), status=1)
    assert told['failed'] == 'agent' and ':53' in state(told, 'agent')['text'].replace('port 53', ':53'), told
    assert w.agent_pid() == pid and world_of(w) == before
    done = subprocess.run(['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', BIN / 'pic', '--json', '--dir', tmp_path / 'none', 'backup', 'drill', tmp_path / 'd' / files[0]],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and json.loads(done.stderr.splitlines()[-1])['code'] == 'DENIED', done


@needs_root
def test_the_phone_finds_its_cell_on_another_machine(w, tmp_path):
    """Machine A is gone, its backup is restored on B, which has the address that the name leads to: the phone's configuration is not touched."""
    key = subprocess.run(['age-keygen'], check=True, capture_output=True, text=True).stdout
    (tmp_path / 'id').write_text(key)
    recipient = next(line.split()[-1] for line in key.splitlines() if 'public key' in line)
    w.start()
    w.pic('dns', 'record', 'add', 'printer', '--addresses', '192.168.77.10,fd77::10')
    w.pic('connection', 'add', 'far', '--type', 'wireguard', '--endpoint', '203.0.113.200:51820', '--peer-key', random_key(), '--addresses', '10.64.0.2/32')
    phone = w.peer('phone', '--access', 'internet', '--exit', 'far')
    mobile = w.children[-1]
    reaches = 'ping -c1 -W1 10.20.0.1 >/dev/null && ping -c1 -W1 fd20::1 >/dev/null && dig +short +time=1 +tries=1 @10.20.0.1 printer.home.internal && dig +short +time=1 +tries=1 @fd20::1 phone.home.internal'
    assert wait_for(lambda: phone.sh(reaches, check=False).stdout.split(), 10, 'A') == ['192.168.77.10', phone.address4]
    w.pic('backup', 'create', tmp_path / 'b.age', '-r', recipient)
    # A is no more
    for pid in subprocess.run(['ip', 'netns', 'pids', w.cellns], capture_output=True, text=True).stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    shutil.rmtree(w.pic.dir)
    w.sh(w.cellns, 'ip link del wan0')
    mobile.kill()
    mobile.wait()
    for device in (w.dev, phone.tun):
        pathlib.Path(f'/var/run/wireguard/{device}.sock').unlink(missing_ok=True)
    # B
    other = w.space('b')
    w.wire(other, 'wan0', ['203.0.113.1/24', '2001:db8:1::1/64'], w.inet, 'cell1', ['203.0.113.254/24', '2001:db8:1::fe/64'])
    w.sh(other, 'ip route add default via 203.0.113.254; ip -6 route add default via 2001:db8:1::fe')
    wire = w.capture(other, 'wan0', 'host 198.51.100.10 or host 2001:db8:51::10')
    b = Pic(tmp_path / 'cell-on-b', world='real', netns=other)
    b('backup', 'restore', tmp_path / 'b.age', '-i', tmp_path / 'id')
    w.spawn(other, BIN / 'picd', '--dir', b.dir, stdout=open(tmp_path / 'b.out', 'w'), stderr=subprocess.STDOUT)
    b('status', '--wait', '20s')
    phone.up('0.0.0.0/0, ::/0')  # it was off meanwhile; with what it had
    assert wait_for(lambda: phone.sh(reaches, check=False).stdout.split(), 20, 'B') == ['192.168.77.10', phone.address4]
    assert phone.probe([('udp', '198.51.100.10', 7), ('tcp', '2001:db8:51::10', 80)]) == [False, False]
    assert wire.stop() == []  # what shall leave by the exit does not leave beside it
    assert b.json('audit', 'verify')['ok'] and b.json('audit', 'list', '--verb', 'restore')
