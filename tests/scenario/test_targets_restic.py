"""Backups into repositories of the real restic: in a folder and at a real sshd; opened by stock restic and tar; damaged, full, killed in the middle, locked, of another passphrase."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess

import pytest
from conftest import BIN, Pic, needs_root
from test_targets import PASSWORD, agent, children, port, serve, target, until  # noqa: F401 (fixtures)

pytestmark = pytest.mark.skipif(not shutil.which('restic'), reason='needs restic (apt-get install restic)')
NAME = 'cell.tar'


def keep(pic, order, check=True, **more):
    """The agent's hands, told what to do by us."""
    text = json.dumps({'op': 'run', 'dir': str(pic.dir), 'public_key': pic.json('cell', 'show')['public_key'], 'passphrase': PASSWORD, 'patience': 20, **order, **more})
    done = subprocess.run([BIN / 'pic-keep'], input=text, capture_output=True, text=True, timeout=120)
    told = json.loads(done.stderr.splitlines()[-1])
    assert told['ok'] == (done.returncode == 0) and (told['ok'] or not check), done.stderr
    return told


class Stock:
    """restic as a person has it."""

    def __init__(self, repository, tmp_path):
        self.repository, self.secret = repository, tmp_path / 'stock.pass'
        self.secret.write_text(PASSWORD)

    def run(self, *args, **more):
        argv = ['restic', '--no-cache', '-q', '-r', str(self.repository), '--password-file', str(self.secret), *map(str, args)]
        return subprocess.run(argv, capture_output=True, timeout=60, **more)

    def __call__(self, *args):
        done = self.run(*args)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def names(self):
        return [s['tags'][0] for s in json.loads(self('snapshots', '--json', '--no-lock')) or []]

    def ids(self):
        return [s['id'] for s in json.loads(self('snapshots', '--json', '--no-lock')) or []]

    def bytes(self):
        return sum(p.stat().st_size for p in self.repository.rglob('*') if p.is_file())

    def begun(self, *args):
        return subprocess.Popen(['restic', '--no-cache', '-q', '-r', str(self.repository), '--password-file', str(self.secret), *args], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


@pytest.fixture
def stock(tmp_path):
    return Stock(tmp_path / 'r', tmp_path)


@pytest.fixture
def here(tmp_path):
    return {'url': f'restic:{tmp_path}/r'}


def fill(pic, megabytes, seed=1):
    """What the agent has learnt: incompressible."""
    folder = pathlib.Path(pic.dir) / 'exits'
    folder.mkdir(exist_ok=True)
    chance = random.Random(seed)
    for i in range(megabytes):
        (folder / str(i)).write_bytes(chance.randbytes(1 << 20))


def cycle(pic, order, stock):
    """Three backups, of which two stay; each is little more than what changed; what is there opens and is listed."""
    fill(pic, 6)
    sizes = []
    a = keep(pic, order, keep={'last': 2})
    sizes.append(stock.bytes())
    pic('peer', 'add', 'anna')
    b = keep(pic, order, keep={'last': 2})
    sizes.append(stock.bytes())
    c = keep(pic, order, keep={'last': 2}, known=[{'name': n['name'], 'sha256': n['sha256'], 'state': 1} for n in (a, b)])
    sizes.append(stock.bytes())
    print(f"of {a['size']} bytes the first one adds {a['added']}, on the disk {sizes[0]}; the second one {b['added']}, on the disk {sizes[1] - sizes[0]}; the third one {c['added']}, on the disk {sizes[2] - sizes[1]}")
    assert a['added'] > 6 << 20 and b['added'] < a['size'] / 3 and c['added'] < a['size'] / 3 and sizes[2] < 1.5 * sizes[0]  # pieces of 1 to 8 MiB, cut where each repository pleases
    assert a['name'] < b['name'] < c['name'] and c['removed'] == [a['name']] and {h['name'] for h in c['held']} == {b['name'], c['name']}
    assert set(stock.names()) == {b['name'], c['name']} and all(n.endswith('Z.tar') for n in stock.names())
    told = keep(pic, order, op='verify', known=[{'name': c['name'], 'sha256': c['sha256'], 'state': 1}])
    assert told['name'] == c['name'] and told['looked'] == 'content' and told['members'] > 6 and told['sha256'] == c['sha256'] and told['size'] == c['size']
    assert 'not what was sent' in keep(pic, order, check=False, op='verify', known=[{'name': c['name'], 'sha256': '0' * 64, 'state': 1}])['message']
    assert keep(pic, order, check=False, op='verify', name='x')['ok'] is False
    return c


def test_a_folder(pic, here, stock, tmp_path):
    assert keep(pic, here, op='list')['held'] == [] and not (tmp_path / 'r').exists()
    last = cycle(pic, here, stock)
    # stock restic and tar have the members that its manifest says
    (tmp_path / 'x').mkdir()
    subprocess.run(['tar', 'x', '-C', tmp_path / 'x'], input=stock('dump', 'latest', NAME), check=True)
    manifest = json.loads((tmp_path / 'x/manifest.json').read_text())
    assert manifest['members'] and all(subprocess.run(['sha256sum', tmp_path / 'x' / m['name']], capture_output=True, text=True).stdout.split()[0] == m['sha256'] for m in manifest['members'])
    assert subprocess.run(['diff', '-r', tmp_path / 'x/exits', pathlib.Path(pic.dir) / 'exits'], capture_output=True).stdout == b''
    stock('check', '--read-data')
    # a cell comes back of it
    order = {'op': 'fetch', 'dir': str(pic.dir), 'public_key': pic.json('cell', 'show')['public_key'], 'passphrase': PASSWORD, **here}
    with open(tmp_path / 'got.tar', 'wb') as out:
        done = subprocess.run([BIN / 'pic-keep'], input=json.dumps(order), stdout=out, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0 and json.loads(done.stderr.splitlines()[-1])['size'] == os.path.getsize(tmp_path / 'got.tar') == last['size']
    pic('backup', 'verify', tmp_path / 'got.tar')
    other = Pic(tmp_path / 'other')
    other('backup', 'restore', tmp_path / 'got.tar')
    assert other('export') == pic('export')
    # restic's own way of forgetting sees one group of backups
    assert len(json.loads(stock('forget', '--keep-last', '1', '--json', '--dry-run'))) == 1


def test_not_ours(pic, here, stock, tmp_path):
    """Other things in the repository, of other people and of another cell, stay; a folder with something else in it is no repository."""
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full/letter').write_text('')
    told = keep(pic, {'url': f'restic:{tmp_path}/full'}, check=False)
    assert 'no restic repository' in told['message'] and os.listdir(tmp_path / 'full') == ['letter']
    assert 'has to be there' in keep(pic, {'url': f'restic:{tmp_path}/none/r'}, check=False)['hint']
    stock('init')
    (tmp_path / 'letter').write_text('dear')
    stock('backup', tmp_path / 'letter')
    for tags in (['--tag', '../../x'], ['--tag', 'a', '--tag', 'b'], ['--tag', 'home-01234567-2026-11-27T00-49-43Z.tar']):
        assert stock.run('backup', '--stdin', '--stdin-filename', NAME, *tags, input=b'not ours').returncode == 0
    assert keep(pic, here, op='list')['held'] == []
    (made, last) = (keep(pic, here, keep={'last': 1}) for _ in range(2))
    assert last['removed'] == [made['name']] and len(json.loads(stock('snapshots', '--json'))) == 5


def test_another_passphrase(pic, here, stock):
    made = keep(pic, here)
    told = keep(pic, here, check=False, passphrase='another')
    assert 'does not open this repository' in told['message'] and 'key passwd' in told['hint']
    assert stock.names() == [made['name']]


def packs(repository):
    """By size; what restic takes away or renames meanwhile is none."""
    found = []
    for p in (repository / 'data').rglob('*'):
        try:
            found += [(p.stat().st_size, p)] if p.is_file() else []
        except FileNotFoundError:
            pass
    return [p for _, p in sorted(found)]


def test_damage(pic, here, stock, tmp_path):
    """A byte in a pack; a pack that is gone."""
    fill(pic, 2)
    made = keep(pic, here)
    pack = packs(tmp_path / 'r')[-1]
    whole = pack.read_bytes()
    pack.chmod(0o600)
    pack.write_bytes(whole[:100000] + bytes([whole[100000] ^ 1]) + whole[100001:])
    told = keep(pic, here, check=False, op='verify', known=[{'name': made['name'], 'sha256': made['sha256'], 'state': 1}])
    assert 'damaged' in told['message'], told
    corrupt = told['code']
    pack.write_bytes(whole)
    keep(pic, here, op='verify')
    pack.unlink()
    told = keep(pic, here, check=False, op='verify')
    assert 'missing' in told['message'] and told['code'] == corrupt


def at_work(hand, repository):
    """The restic that makes a backup: it holds its lock, and has begun with it. What others left before says nothing."""
    for child in children(hand):
        if b'backup\0' in pathlib.Path(f'/proc/{child}/cmdline').read_bytes() and os.listdir(repository / 'locks') and len(packs(repository)) > 3:
            return child
    return None


def test_killed(pic, here, stock, tmp_path):
    """Who makes it is killed in the middle: restic goes with it, no snapshot is made of what it had until then, and its lock is in nobody's way."""
    first = keep(pic, here)
    fill(pic, 60)
    order = {'op': 'run', 'dir': str(pic.dir), 'public_key': pic.json('cell', 'show')['public_key'], 'passphrase': PASSWORD, **here}
    for _ in range(3):
        hand = subprocess.Popen([BIN / 'pic-keep'], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        hand.stdin.write(json.dumps(order))
        hand.stdin.close()
        child = until(lambda: at_work(hand, tmp_path / 'r'))
        assert PASSWORD not in pathlib.Path(f'/proc/{child}/cmdline').read_text() + pathlib.Path(f'/proc/{child}/environ').read_text()
        status = pathlib.Path(f'/proc/{child}/status').read_text()
        assert 'Seccomp:\t2' in status and 'NoNewPrivs:\t1' in status
        hand.send_signal(signal.SIGKILL)
        hand.wait()
        until(lambda: not os.path.exists(f'/proc/{child}'), 20)  # buried too: restic takes the lock of a dead one that has its number for a living one's
    assert stock.names() == [first['name']] and os.listdir(tmp_path / 'r/locks')
    second = keep(pic, here)
    assert stock.names() == [first['name'], second['name']] and not [n for n in os.listdir(tmp_path / 'r/locks') if '-tmp-' not in n]  # what was begun of a lock is none
    keep(pic, here, op='verify')
    # a lock of prune, which nobody may work beside: killed, it is in nobody's way; alive, it is
    prune = stock.begun('backup', '--stdin')
    until(lambda: os.listdir(tmp_path / 'r/locks'))
    told = keep(pic, here, keep={'last': 1}, known=[{'name': second['name'], 'state': 1}])
    assert 'locked by another' in told['warning'] and len(told['held']) == 3
    prune.kill()
    prune.wait()
    assert len(keep(pic, here, keep={'last': 1})['held']) == 1


def test_cancel(pic, here, stock, tmp_path):
    keep(pic, here)
    fill(pic, 60)
    order = {'op': 'run', 'dir': str(pic.dir), 'public_key': pic.json('cell', 'show')['public_key'], 'passphrase': PASSWORD, **here}
    hand = subprocess.Popen([BIN / 'pic-keep'], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    hand.stdin.write(json.dumps(order))
    hand.stdin.close()
    until(lambda: at_work(hand, tmp_path / 'r'))
    hand.terminate()
    assert json.loads(hand.stderr.read().splitlines()[-1])['message'] == 'canceled' and hand.wait(15) == 1
    assert len(stock.names()) == 1 and not os.listdir(tmp_path / 'r/locks')


@needs_root
def test_a_full_disk(pic, tmp_path):
    """No room: no backup, those that are there stay; what the attempts leave does not add up."""
    small = tmp_path / 'small'
    small.mkdir()
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'none', small], check=True)
    try:
        here, stock = {'url': f'restic:{small}/r'}, Stock(small / 'r', tmp_path)
        first = keep(pic, here)
        fill(pic, 30)
        for _ in range(2):
            assert 'No space left' in keep(pic, here, check=False)['message']
        assert stock.names() == [first['name']]
        shutil.rmtree(pathlib.Path(pic.dir) / 'exits')
        second = keep(pic, here, keep={'last': 1})
        assert stock.names() == [second['name']]
        keep(pic, here, op='verify')
    finally:
        subprocess.run(['umount', small], check=True)


def test_the_last_good_one_stays(pic, here, stock):
    """What is not known to be well is no reason to take away what is."""
    good = keep(pic, here)
    known = [{'name': good['name'], 'sha256': good['sha256'], 'state': 1}]
    damaged = keep(pic, here)
    known.append({'name': damaged['name'], 'state': -1})
    last = keep(pic, here, keep={'last': 1}, known=known)
    assert set(last['removed']) == {good['name'], damaged['name']}  # the new one was read back, so it is the good one
    assert stock.names() == [last['name']]


def test_prune(pic, here, stock):
    """Room comes back with the first backup of a week, not with each."""
    first = keep(pic, here)
    old = first['name'][:-len('2027-01-31T23-59-59Z.tar')] + '2026-01-01T00-00-00Z.tar'
    assert stock.run('backup', '--stdin', '--stdin-filename', NAME, '--tag', old, input=random.Random(1).randbytes(5 << 20)).returncode == 0
    second = keep(pic, here, keep={'last': 1}, known=[{'name': first['name'], 'state': 1}])
    assert set(second['removed']) == {old, first['name']} and stock.bytes() > 5 << 20
    stock('forget', stock.ids()[0])  # as after a week: what is there now is older
    assert stock.run('backup', '--stdin', '--stdin-filename', NAME, '--tag', old, input=b'of another week').returncode == 0
    third = keep(pic, here, keep={'last': 1})
    assert third['removed'] == [old] and stock.names() == [third['name']] and stock.bytes() < 2 << 20


@needs_root
def test_absent(pic, here):
    text = json.dumps({'op': 'run', 'dir': str(pic.dir), 'public_key': 'x', 'passphrase': PASSWORD, **here})
    done = subprocess.run(['unshare', '-m', 'sh', '-c', f'mount --bind /dev/null {shutil.which("restic")} && exec {BIN}/pic-keep'], input=text, capture_output=True, text=True, timeout=30)
    told = json.loads(done.stderr.splitlines()[-1])
    assert told['message'] == 'restic: no such program here' and told['hint'] == 'apt-get install restic' and done.returncode == 1


@needs_root
@pytest.mark.skipif(not os.path.exists('/usr/sbin/sshd'), reason='needs sshd')
def test_sftp(pic, serve, tmp_path):  # noqa: F811
    number = port()
    for name in ('host', 'id', 'other'):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', tmp_path / name], check=True)
    (tmp_path / 'conf').write_text(f'Port {number}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/id.pub\nPidFile none\n'
                                   'Subsystem sftp internal-sftp\nStrictModes no\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\n')
    os.makedirs('/run/sshd', exist_ok=True)
    serve(['/usr/sbin/sshd', '-D', '-e', '-f', tmp_path / 'conf'], number)
    host = ' '.join((tmp_path / 'host.pub').read_text().split()[:2])
    order = {'url': f'restic:sftp://127.0.0.1:{number}{tmp_path}/r', 'user': 'root', 'host_key': host, 'key': (tmp_path / 'id').read_text()}
    cycle(pic, order, Stock(tmp_path / 'r', tmp_path))
    other = ' '.join((tmp_path / 'other.pub').read_text().split()[:2])
    # ssh says why by restic, which may be gone before it has passed that on: then the hint names what it may be
    for wrong, why in (({'host_key': other}, 'not who it should be'), ({'key': (tmp_path / 'other').read_text()}, 'does not let us in')):
        told = keep(pic, {**order, **wrong}, check=False)
        assert why in told['message'] or ('unable to start the sftp session' in told['message'] and 'authorized_keys' in told['hint']), told
    assert 'does not open' in keep(pic, order, check=False, passphrase='another')['message']


def test_by_the_agent(pic, agent, stock, tmp_path):  # noqa: F811
    """As any target: made, listed, verified, fetched, drilled; the journal says by how much the repository grew."""
    (tmp_path / 'pass').write_text(PASSWORD)
    fill(pic, 6)
    assert pic.refused('target', 'add', 'r', '--url', f'restic:{tmp_path}/r')['field'] == 'passphrase'
    assert pic.refused('target', 'add', 'r', '--url', f'restic:{tmp_path}/r', '--plain', 'yes', '--passphrase-file', tmp_path / 'pass')['field'] == 'plain'
    pic('target', 'add', 'r', '--url', f'restic:{tmp_path}/r', '--passphrase-file', tmp_path / 'pass', '--every', 'never', '--keep-last', '1', '--keep-daily', '0', '--keep-weekly', '0', '--keep-monthly', '0')
    pic('backup', 'run', 'r', timeout=120)
    first = target(pic, 'r')
    assert first['state'] == 'ok' and first['size'] and [(h['name'], h['state'], h['size']) for h in first['held']] == [(first['backup'], 'good', first['size'])]
    pic('backup', 'run', 'r', timeout=120)
    second = target(pic, 'r')
    assert stock.names() == [second['backup']] and 'bytes of it are new there' in pic.json('audit', 'list', '--verb', 'backup')[0]['text']
    assert [(h['name'], h['size'], h['state']) for h in pic.json('backup', 'list', 'r')] == [(second['backup'], second['size'], 'good')]
    pic('backup', 'verify', 'r')
    pic('backup', 'fetch', 'r', '-o', tmp_path / 'got.tar')
    assert pic.json('backup', 'list', tmp_path / 'got.tar') and pic('backup', 'verify', 'r:') and subprocess.run(['tar', 'tf', tmp_path / 'got.tar'], capture_output=True, text=True).stdout.startswith('manifest.json\n')
    if os.geteuid() == 0:
        pic('backup', 'drill', 'r', timeout=120)
        assert target(pic, 'r')['drill']['restorable'] is True
    pack = packs(tmp_path / 'r')[-1]
    pack.chmod(0o600)
    with open(pack, 'r+b') as f:  # in a piece of what never changes
        f.seek(pack.stat().st_size * 2 // 3)
        f.write(b'lies')
    assert 'damaged' in pic.refused('backup', 'verify', 'r')['message']
    assert pic.run('backup', 'status').returncode == 1 and 'is damaged' in pic.run('doctor').stdout
    # one that has the damaged pieces in common is no backup either, and says so; the way out that the manual has
    assert pic.run('backup', 'run', 'r', timeout=120).returncode == 1 and target(pic, 'r')['state'] == 'failed' and stock.names() == [second['backup']]
    assert pack.name[:8].encode() in stock.run('check', '--read-data').stderr
    pack.unlink()
    stock('rebuild-index')
    pic('backup', 'run', 'r', timeout=120)
    pic('backup', 'verify', 'r')
    assert target(pic, 'r')['state'] == 'ok' and second['backup'] not in stock.names()
