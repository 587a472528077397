"""Backups: stock tools open ours and ours opens theirs; hostile ones, damaged ones, full disks and kills leave the cell as it was."""
import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
import tarfile
import time

import pytest
from conftest import BIN, Pic, needs_root

pytestmark = pytest.mark.skipif(not (shutil.which('age') and shutil.which('zstd')), reason='needs age and zstd')
PASSWORD = 'correct staple of May\n'


@pytest.fixture
def key(tmp_path):
    subprocess.run(['age-keygen', '-o', tmp_path / 'id'], check=True, capture_output=True)
    return tmp_path / 'id', subprocess.run(['age-keygen', '-y', tmp_path / 'id'], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def backup(pic, key, tmp_path):
    pic('peer', 'add', 'anna', '--access', 'internet')
    pic('backup', 'create', tmp_path / 'b.age', '-r', key[1])
    return tmp_path / 'b.age'


def pack(members, tmp_path, recipient=None, manifest=None, fmt=tarfile.PAX_FORMAT, infos=None, more=b'', frames=1):
    """A backup by stock tools. infos: TarInfo and bytes of what stands in the tar besides, or instead."""
    text = manifest if manifest is not None else json.dumps({
        'format': 'pic-backup', 'layout': 1, 'created': '2026-11-26T00:00:00Z', 'version': '0.1.0', 'cell': {'name': 'home', 'revision': 1},
        'members': [{'name': n, 'size': len(b), 'sha256': hashlib.sha256(b).hexdigest()} for n, b in members]}).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=fmt) as tar:
        for name, body in [('manifest.json', text)] + (members if infos is None else []):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
        for info, body in infos or []:
            tar.addfile(info, io.BytesIO(body))
    data = out.getvalue() + more
    step = len(data) // frames + 1
    data = b''.join(subprocess.run(['zstd', '-c', '-q'], input=data[i:i + step], capture_output=True, check=True).stdout for i in range(0, len(data), step))
    if recipient:
        data = subprocess.run(['age', '-r', recipient], input=data, capture_output=True, check=True).stdout
    (tmp_path / 'made').write_bytes(data)
    return tmp_path / 'made'


def info(name, body=b'', kind=tarfile.REGTYPE, link='', size=None):
    i = tarfile.TarInfo(name)
    i.type, i.linkname, i.size = kind, link, len(body) if size is None else size
    return i, body


def test_stock_tools_open_ours(pic, backup, key, tmp_path):
    (tmp_path / 'x').mkdir()
    subprocess.run(f'age -d -i {key[0]} {backup} | zstd -d | tar x -C {tmp_path / "x"}', shell=True, check=True)
    told = json.loads((tmp_path / 'x/manifest.json').read_text())
    assert told['cell']['name'] == 'home' and told['cell']['revision'] == pic.json('status')['revision']
    names = [m['name'] for m in told['members']]
    assert names == sorted(names) and set(names) >= {'cell.db', 'key'} and not set(names) & {'manifest.json'}
    for m in told['members']:
        body = (tmp_path / 'x' / m['name']).read_bytes()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (m['size'], m['sha256'])
    with sqlite3.connect(tmp_path / 'x/cell.db') as db:
        assert db.execute('PRAGMA integrity_check').fetchone() == ('ok',) and db.execute('SELECT name FROM peer').fetchall() == [('anna',)]
    assert pic.json('backup', 'show', backup, '-i', key[0])['members'] == told['members'] == pic.json('backup', 'verify', backup, '-i', key[0])['members']
    pic('backup', 'extract', backup, 'cell.db', '-i', key[0], '-o', tmp_path / 'out.db')
    assert (tmp_path / 'out.db').read_bytes() == (tmp_path / 'x/cell.db').read_bytes()
    assert 'cell.db' in pic('backup', 'list', backup, '-i', key[0]) and 'home' in pic('backup', 'show', backup, '-i', key[0])


def test_passphrase_armor_plain_and_places(pic, key, tmp_path):
    (tmp_path / 'pw').write_text(PASSWORD)
    pic('backup', 'create', tmp_path / 'a', '--passphrase-file', tmp_path / 'pw', '--work-factor', '4', '--armor')
    assert (tmp_path / 'a').read_text().startswith('-----BEGIN AGE')
    pic('backup', 'verify', tmp_path / 'a', '--passphrase-file', tmp_path / 'pw')
    (tmp_path / 'pw').write_text('wrong')
    assert pic.refused('backup', 'verify', tmp_path / 'a', '--passphrase-file', tmp_path / 'pw', code='DENIED')['message'] == 'the passphrase is wrong'
    (tmp_path / 'dir').mkdir()
    for words in ([], ['--plain', '-r', key[1]], ['--plain', '-p'], ['-p', '-r', key[1]]):
        assert pic.run('backup', 'create', tmp_path / 'dir', *words).returncode == 2
    told = pic.json('backup', 'create', tmp_path / 'dir', '--plain')
    assert told['file'].startswith(f'{tmp_path}/dir/home-') and told['file'].endswith('Z.tar.zst') and os.stat(told['file']).st_mode & 0o777 == 0o600
    assert [e['file'] for e in pic.json('backup', 'list', tmp_path / 'dir')] == [told['file']]
    assert 'not encrypted' in pic.run('backup', 'create', tmp_path / 'p', '--plain').stderr
    subprocess.run(['tar', '-x', '--zstd', '-f', tmp_path / 'p', '-C', tmp_path / 'dir'], check=True)
    pic('backup', 'verify', tmp_path / 'p')
    piped = subprocess.run([BIN / 'pic', '--dir', pic.dir, '--world', 'fake', 'backup', 'create', '-', '-r', key[1]], capture_output=True, timeout=60, check=True).stdout
    assert subprocess.run([BIN / 'pic', 'backup', 'verify', '-', '-i', key[0]], input=piped, capture_output=True, timeout=60).returncode == 0
    assert pic.refused('backup', 'show', tmp_path / 'a', code='DENIED') and pic.refused('backup', 'show', tmp_path / 'nothing', code='NOTFOUND')
    rows = pic.json('audit', 'list', '--verb', 'backup')
    assert len(rows) == 4 and 'not encrypted' in rows[1]['text'] and rows[0]['text'].endswith(', encrypted')
    Pic(tmp_path / 'none').refused('backup', 'create', tmp_path / 'z', '--plain', code='NOTFOUND')


@pytest.mark.parametrize('fmt', [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_ours_opens_theirs(tmp_path, key, fmt):
    members = [('a', b'one'), ('dir/b', os.urandom(200000)), ('empty', b''), ('n' * 90, b'x')]
    for recipient, frames in ((None, 1), (key[1], 1), (key[1], 5)):
        made = pack(members, tmp_path, recipient, fmt=fmt, frames=frames)
        pic = Pic(tmp_path / 'none')
        told = pic.json('backup', 'verify', made, *(['-i', key[0]] if recipient else []))
        assert [m['name'] for m in told['members']] == [n for n, _ in members]
        got = subprocess.run([BIN / 'pic', 'backup', 'extract', made, 'dir/b', *(['-i', key[0]] if recipient else [])], capture_output=True, timeout=60, check=True).stdout
        assert got == members[1][1]


def test_hostile(tmp_path):
    ok = [('a', b'one'), ('b', b'two')]
    A, B = info('a', b'one'), info('b', b'two')
    cases = {
        'symlink': ([A, info('b', kind=tarfile.SYMTYPE, link='/etc/passwd')], 'a link'), 'hard link': ([A, info('b', kind=tarfile.LNKTYPE, link='a')], 'a link'),
        'device': ([A, info('b', kind=tarfile.CHRTYPE)], 'a device'), 'fifo': ([A, info('b', kind=tarfile.FIFOTYPE)], 'a device'), 'directory': ([A, info('b', kind=tarfile.DIRTYPE)], 'a directory'),
        'dots': ([A, info('../b', b'two')], 'not the next'), 'absolute': ([A, info('/b', b'two')], 'not the next'), 'dot': ([A, info('./b', b'two')], 'not the next'),
        'twice': ([A, A, B], 'not the next'), 'order': ([B, A], 'not the next'), 'unlisted': ([A, B, info('c', b'x')], 'does not name'), 'missing': ([A], 'is missing'),
        'first twice': ([info('manifest.json', b'{}'), A, B], 'not the next'), 'changed': ([A, info('b', b'owt')], 'is not what'), 'shorter': ([A, info('b', b'tw')], 'another size'),
        'longer': ([A, info('b', b'twoo')], 'another size'), 'newline': ([A, info('b\n', b'two')], 'not the next'), 'none': ([], 'is missing'),
    }
    pic = Pic(tmp_path / 'none')
    for name, (infos, words) in cases.items():
        said = pic.refused('backup', 'verify', pack(ok, tmp_path, infos=infos), code='CORRUPT')['message']
        assert words in said and '\n' not in said, (name, said)
        (tmp_path / 'into').mkdir()
        Pic(tmp_path / 'into/cell').refused('backup', 'restore', tmp_path / 'made', code='CORRUPT')
        assert list((tmp_path / 'into').iterdir()) == [], name
        shutil.rmtree(tmp_path / 'into')
    assert 'something follows' in pic.refused('backup', 'verify', pack(ok, tmp_path, more=b'\0' * 200000 + b'x'), code='CORRUPT')['message']
    assert 'too much follows' in pic.refused('backup', 'verify', pack(ok, tmp_path, more=b'\0' * (3 << 20)), code='CORRUPT')['message']
    said = pic.refused('backup', 'verify', pack([], tmp_path, manifest=b'{}'), code='CORRUPT')
    assert pic.refused('backup', 'verify', pack([], tmp_path, manifest=b'x' * (9 << 20)), code='CORRUPT')['message'].endswith('begin with a manifest')
    many = [{'name': f'{i:07}', 'size': 0, 'sha256': hashlib.sha256(b'').hexdigest()} for i in range(60000)]
    text = json.dumps({'format': 'pic-backup', 'layout': 1, 'created': '2026-11-26T00:00:00Z', 'members': many}).encode()
    assert 'more members' in pic.refused('backup', 'verify', pack([], tmp_path, manifest=text), code='CORRUPT')['message'], said
    (tmp_path / 'made').write_bytes(subprocess.run(['zstd', '-c', '-q'], input=b'hello', capture_output=True, check=True).stdout)
    pic.refused('backup', 'verify', tmp_path / 'made', code='CORRUPT')


def test_a_million_members_and_a_bomb(tmp_path):
    """Bounded time and memory, whatever the tar says."""
    one = tarfile.TarInfo('x').tobuf()
    start = pack([('a', b'one')], tmp_path, infos=[info('a', b'one')]).read_bytes()
    head = subprocess.run(['zstd', '-dcq'], input=start, capture_output=True, check=True).stdout
    head = head[:head.index(b'one') - 512 + 1024]
    (tmp_path / 'made').write_bytes(subprocess.run(['zstd', '-1', '-c', '-q'], input=head + one * 1000000, capture_output=True, check=True).stdout)
    began = time.monotonic()
    assert 'does not name' in Pic(tmp_path / 'none').refused('backup', 'verify', tmp_path / 'made', code='CORRUPT')['message'] and time.monotonic() - began < 5
    claim = json.dumps({'format': 'pic-backup', 'layout': 1, 'created': '2026-11-26T00:00:00Z', 'members': [{'name': 'a', 'size': 3, 'sha256': '0' * 64}]}).encode()
    body = b'\0' * (64 << 20)
    made = pack([], tmp_path, manifest=claim, infos=[info('a', body)])
    assert made.stat().st_size < 20000
    done = subprocess.run(['/usr/bin/env', 'bash', '-c', f'ulimit -v 400000; exec {BIN}/pic backup verify {made}'], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and 'another size' in done.stderr


def test_restored_elsewhere_is_the_cell(pic, backup, key, tmp_path):
    config = pic.run('peer', 'config', 'anna').stdout
    other = Pic(tmp_path / 'there/cell')
    os.mkdir(tmp_path / 'there')
    told = other.json('backup', 'restore', backup, '-i', key[0])
    assert told['former'] is None and told['manifest']['cell']['name'] == 'home'
    assert other('export') == pic('export') and other.json('audit', 'verify')['ok']
    assert 'PrivateKey' in config and other.json('cell', 'show')['public_key'] == pic.json('cell', 'show')['public_key']
    assert other('peer', 'config', 'anna') == config  # the key opens what was sealed: it was not shown yet when the backup was made
    assert sorted(p.name for p in (tmp_path / 'there').iterdir()) == ['cell']
    assert os.stat(other.dir).st_mode & 0o777 == 0o700 and os.stat(f'{other.dir}/key').st_mode & 0o777 == 0o600
    assert 'restored from the backup of ' in other.json('audit', 'list', '--verb', 'restore')[0]['text']
    other('peer', 'add', 'later')


def test_restored_over_a_cell(pic, backup, key, tmp_path):
    pic('peer', 'add', 'later')
    was = pic('export')
    pic.refused('backup', 'restore', backup, '-i', key[0], code='EXISTS')
    agent = subprocess.Popen([BIN / 'picd', '--dir', pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pic('status', '--wait', '10s')
        assert 'picd' in pic.refused('backup', 'restore', backup, '--replace', '-i', key[0], code='BUSY')['hint']
        assert [p['name'] for p in pic.json('peer', 'list')] == ['anna', 'later']
    finally:
        agent.terminate()
        agent.wait(20)
    told = pic.json('backup', 'restore', backup, '--replace', '-i', key[0])
    assert [p['name'] for p in pic.json('peer', 'list')] == ['anna'] and Pic(told['former'])('export') == was
    assert json.loads(pic.run('--json', 'plan').stdout)['steps'] == [] or pic('apply') is not None
    os.rename(pic.dir, tmp_path / 'away')  # and back again, by hand
    os.rename(told['former'], pic.dir)
    assert pic('export') == was


def test_plan_and_questions(pic, key, tmp_path):
    """What a restore would change, told before; a cell that moves asks, and is answered."""
    pic('cell', 'set', '--endpoint', 'home.example:51820')
    pic('peer', 'add', 'anna')
    pic('backup', 'create', tmp_path / 'b', '-r', key[1])
    assert pic('backup', 'diff', tmp_path / 'b', '-i', key[0]).strip() == 'nothing to do'
    pic('peer', 'add', 'later')
    was = pic('export')
    plan = pic.json('backup', 'restore', tmp_path / 'b', '--plan', '-i', key[0])
    assert [(c['name'], c['verb']) for c in plan['changes']] == [('later', 'remove')] and plan['questions'] == [] and any('later loses' in m['text'] for m in plan['meaning'])
    assert pic.run('backup', 'diff', tmp_path / 'b', '--exit-code', '-i', key[0]).returncode == 3 and pic('export') == was
    other = Pic(tmp_path / 'there')
    asked = other.json('backup', 'restore', tmp_path / 'b', '--plan', '-i', key[0])
    assert [(q['field'], q['needed']) for q in asked['questions']] == [('endpoint', False)] and not os.path.exists(other.dir)
    assert 'question: --endpoint (home.example:51820)' in other('backup', 'diff', tmp_path / 'b', '-i', key[0])
    other.refused('backup', 'restore', tmp_path / 'b', '--endpoint', 'nothing', '-i', key[0], code='VALUE')
    other('backup', 'restore', tmp_path / 'b', '--endpoint', 'cottage.example:51821', '--name', 'cottage', '-i', key[0])
    assert other.json('cell', 'show')['endpoint'] == 'cottage.example:51821' and other.json('cell', 'show')['public_key'] == pic.json('cell', 'show')['public_key']
    assert 'cottage.example:51821' in other('peer', 'config', 'anna') and other.json('audit', 'verify')['ok']
    assert [p for p in os.listdir('/dev/shm') if p.startswith('pic-scratch-')] == []


def test_damaged(pic, backup, key, tmp_path):
    """A flipped bit in each region, and cut off at each member: told, and neither extracted nor restored."""
    data, other = backup.read_bytes(), Pic(tmp_path / 'other')
    plain = subprocess.run(['age', '-d', '-i', key[0], backup], capture_output=True, check=True).stdout
    tar = subprocess.run(['zstd', '-dcq'], input=plain, capture_output=True, check=True).stdout
    regions = {'version': 3, 'share': 40, 'body': 80, 'mac': data.index(b'--- ') + 9, 'nonce': data.index(b'--- ') + 50, 'chunk': len(data) // 2, 'tag': len(data) - 1}
    for name, at in regions.items():
        (tmp_path / 'bad').write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1:])
        for verb in (['verify', 'bad'], ['diff', 'bad'], ['extract', 'bad', 'key', '-o', tmp_path / 'never'], ['restore', 'bad']):
            error = other.refused('backup', verb[0], tmp_path / verb[1], *verb[2:], '-i', key[0])
            assert error['code'] in ('CORRUPT', 'SYNTAX', 'DENIED', 'UNSUPPORTED'), (name, error)
    for cut in [0, 1, len(data) // 2, len(data) - 1] + [len(data) - 16]:
        (tmp_path / 'bad').write_bytes(data[:cut])
        other.refused('backup', 'restore', tmp_path / 'bad', '-i', key[0])
    ends = [i for i in range(0, len(tar), 512) if tar[i + 257:i + 262] == b'ustar'] + [i + 512 for i in range(0, len(tar), 512) if tar[i + 257:i + 262] == b'ustar']
    assert len(ends) >= 6
    for cut in ends:
        (tmp_path / 'bad').write_bytes(subprocess.run(['zstd', '-cq'], input=tar[:cut], capture_output=True, check=True).stdout)
        assert other.refused('backup', 'restore', tmp_path / 'bad')['code'] == 'CORRUPT', cut
    assert not os.path.exists(other.dir) and not (tmp_path / 'never').exists()
    assert [p.name for p in tmp_path.iterdir() if 'restore' in p.name] == []


def test_killed_at_any_moment(pic, backup, key, tmp_path):
    """kill -9 in the middle of making one and of restoring one: no half of a backup, the old cell or the new one."""
    pic('peer', 'add', 'later')
    chance, ends = random.Random(7), {'old': 0, 'new': 0}
    command = [str(BIN / 'pic'), '--dir', pic.dir, '--world', 'fake', 'backup']
    began = time.monotonic()
    subprocess.run([*command, 'create', str(tmp_path / 'whole'), '-r', key[1]], check=True, capture_output=True)
    span = time.monotonic() - began
    for i in range(40):
        words = ['create', str(tmp_path / 'half'), '-r', key[1]] if i % 2 else ['restore', str(backup), '--replace', '-i', str(key[0])]
        p = subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.random() * span * 1.2)
        p.kill()
        p.wait(20)
        if (tmp_path / 'half').exists():
            pic('backup', 'verify', tmp_path / 'half', '-i', key[0])
            (tmp_path / 'half').unlink()
        names = [peer['name'] for peer in pic.json('peer', 'list')]
        assert names in (['anna', 'later'], ['anna']), names
        ends['old' if 'later' in names else 'new'] += 1
        if 'later' not in names:
            pic('peer', 'add', 'later')
        assert pic.json('audit', 'verify')['ok']
    pic('backup', 'create', tmp_path / 'after', '-r', key[1])
    assert not [n for n in os.listdir(pic.dir) if n.startswith('.backup')] and ends['old'] > 0, ends


@needs_root
def test_full_disk(pic, backup, key, tmp_path):
    """Nothing half is left of a backup or of a restore, and what was there stays."""
    mount = tmp_path / 'small'
    mount.mkdir()
    for size in (16, 64, 200, 400, 800):
        subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size}k', 'tmpfs', mount], check=True)
        try:
            other = Pic(mount / 'cell')
            done = other.run('backup', 'restore', backup, '-i', key[0])
            assert (done.returncode == 0) == os.path.exists(other.dir), (size, done.stderr)
            if done.returncode == 0:
                assert other('export') == pic('export')
            else:
                assert os.listdir(mount) == []
        finally:
            subprocess.run(['umount', mount], check=True)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', mount], check=True)
    try:
        pic.refused('backup', 'create', mount / 'b', '--plain', code='IO')
        assert os.listdir(mount) == []
    finally:
        subprocess.run(['umount', mount], check=True)


def test_two_at_once(pic, key, tmp_path):
    running = [subprocess.Popen([BIN / 'pic', '--dir', pic.dir, '--world', 'fake', 'backup', 'create', tmp_path / f'b{i}', '-r', key[1]], stderr=subprocess.DEVNULL) for i in range(6)]
    assert [p.wait(30) for p in running] == [0] * 6
    for i in range(6):
        pic('backup', 'verify', tmp_path / f'b{i}', '-i', key[0])
