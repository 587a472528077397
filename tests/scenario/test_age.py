"""`pic age` against Debian's age, both ways, and against C2SP's test vectors. Needs no cell."""
import hashlib
import json
import os
import pty
import re
import shutil
import subprocess
import tarfile
import zlib

import pytest
from conftest import BIN, TOP

CHUNK = 65536
needs_age = pytest.mark.skipif(not shutil.which('age'), reason='needs age (apt-get install age)')


def run(*words, stdin=b'', status=0, cwd=None):
    done = subprocess.run([BIN / 'pic', 'age', *map(str, words)], input=stdin, capture_output=True, timeout=60, cwd=cwd)
    assert done.returncode == status, f'pic age {words}: {done.returncode} {done.stderr.decode()}'
    return done


def stock(*words, stdin=b'', status=0):
    done = subprocess.run(['age', *map(str, words)], input=stdin, capture_output=True, timeout=60)
    assert (done.returncode == 0) == (status == 0), f'age {words}: {done.returncode} {done.stderr.decode()}'
    return done


@pytest.fixture
def key(tmp_path):
    said = run('keygen', '-o', tmp_path / 'key').stderr.decode()
    return tmp_path / 'key', re.search(r'age1\w+', said)[0]


def vectors():
    with tarfile.open(TOP / 'tests/fixtures/age/testkit.tar.xz') as tar:
        for member in tar.getmembers():
            if member.isfile() and not member.name.split('/')[-1].startswith('.'):
                head, _, body = tar.extractfile(member).read().partition(b'\n\n')
                fields = [line.split(': ', 1) for line in head.decode().splitlines()]
                yield member.name.split('/')[-1], dict(fields), [v for k, v in fields if k == 'identity'], body


def test_vectors(tmp_path, key):
    """Each is taken or refused as it says, and what came out before is what it says."""
    words = {'success': '', 'header failure': 'header is|no age file|another version|work factor', 'armor failure': 'armor is|no age file', 'no match': 'none of|passphrase is wrong',
             'HMAC failure': 'its MAC', 'payload failure': 'it is cut off|changed by another hand|something follows|last chunk is empty'}
    ran, left, wrong = 0, 0, []
    for name, say, identities, body in vectors():
        known = [i for i in identities if '-PQ-' not in i]
        if identities and not known:
            left += 1
            continue
        if say.get('compressed') == 'zlib':
            body = zlib.decompress(body)
        (tmp_path / 'with').write_text(say.get('passphrase') or '\n'.join(known) or key[0].read_text())
        done = subprocess.run([BIN / 'pic', 'age', '-d', '--passphrase-file' if 'passphrase' in say else '-i', tmp_path / 'with', '-o', tmp_path / 'out'], input=body,
                              capture_output=True, timeout=60)
        shown = subprocess.run([BIN / 'pic', 'age', '-d', '--passphrase-file' if 'passphrase' in say else '-i', tmp_path / 'with'], input=body, capture_output=True, timeout=60)
        good = (done.returncode == shown.returncode == 0) == (say['expect'] == 'success') and done.returncode == shown.returncode
        good &= re.search(words[say['expect']], shown.stderr.decode()) is not None
        good &= (tmp_path / 'out').exists() == (done.returncode == 0)
        good &= hashlib.sha256(shown.stdout).hexdigest() == say['payload'] if 'payload' in say else not shown.stdout
        if not good:
            wrong.append((name, say['expect'], done.stderr.decode()))
        (tmp_path / 'out').unlink(missing_ok=True)
        ran += 1
    assert wrong == [] and ran >= 125 and left <= 18, (wrong, ran, left)


@needs_age
@pytest.mark.parametrize('size', [0, 1, CHUNK - 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK - 16])
def test_both_ways(tmp_path, key, size):
    path, recipient = key
    data = os.urandom(size)
    for armor in ([], ['-a']):
        assert stock('-d', '-i', path, stdin=run('-r', recipient, *armor, stdin=data).stdout).stdout == data
        assert run('-d', '-i', path, stdin=stock('-r', recipient, *armor, stdin=data).stdout).stdout == data
    assert len(run('-r', recipient, stdin=data).stdout) == len(stock('-r', recipient, stdin=data).stdout)


@needs_age
def test_several_recipients_and_files_of_keys(tmp_path):
    keys = []
    for name in 'abc':
        subprocess.run(['age-keygen', '-o', tmp_path / name], check=True, capture_output=True)
        keys.append(subprocess.run(['age-keygen', '-y', tmp_path / name], check=True, capture_output=True, text=True).stdout.strip())
        assert run('keygen', '-y', tmp_path / name).stdout.decode().strip() == keys[-1]
    (tmp_path / 'list').write_text(f'# friends\n\n{keys[1]}\r\n# {keys[2]}\n')
    (tmp_path / 'ring').write_text('# none of mine\n\n' + ''.join((tmp_path / n).read_text() for n in 'cb'))
    for tool, other in ((run, stock), (stock, run)):
        for name, opens in (('a', True), ('b', True), ('c', False), ('ring', True)):
            sealed = tool('-r', keys[0], '-R', tmp_path / 'list', stdin=b'for two').stdout
            done = other('-d', '-i', tmp_path / name, stdin=sealed, status=0 if opens else 1)
            assert done.stdout == (b'for two' if opens else b'')
        sealed = tool('-e', '-i', tmp_path / 'ring', stdin=b'for us').stdout
        assert other('-d', '-i', tmp_path / 'a', '-i', tmp_path / 'c', stdin=sealed).stdout == b'for us'
    assert b'age1' in run('-r', 'age1nonsense', status=1).stderr and b'not known here' in run('-r', 'ssh-ed25519 AAAA', status=1).stderr
    (tmp_path / 'list').write_text('# nobody\n')
    assert b'no recipient' in run('-R', tmp_path / 'list', status=1).stderr
    assert run('-R', tmp_path / 'nowhere', status=1).stderr


def at_a_terminal(words, answers, stdin_is_terminal=True):
    """A program that asks at a terminal: what it showed, and its status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(words[0], words)
    shown = b''
    for answer in answers:
        while not shown.rstrip(b' ').endswith((b':', b'again')):
            shown += os.read(fd, 1024)
        os.write(fd, answer.encode() + b'\n')
        shown += b'\n'
    try:
        while piece := os.read(fd, 1024):
            shown += piece
    except OSError:
        pass
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@needs_age
def test_passphrases(tmp_path):
    (tmp_path / 'pw').write_text('correct staple of May\n')
    (tmp_path / 'plain').write_text('between us')
    run('--passphrase-file', tmp_path / 'pw', '-o', tmp_path / 'ours', tmp_path / 'plain')
    assert b'-> scrypt ' in (tmp_path / 'ours').read_bytes() and b' 18\n' in (tmp_path / 'ours').read_bytes()[:100]
    shown, status = at_a_terminal(['age', '-d', '-o', str(tmp_path / 'back'), str(tmp_path / 'ours')], ['correct staple of May'])
    assert status == 0 and (tmp_path / 'back').read_text() == 'between us', shown
    shown, status = at_a_terminal(['age', '-p', '-o', str(tmp_path / 'theirs'), str(tmp_path / 'plain')], ['correct staple of May'] * 2)
    assert status == 0, shown
    assert run('-d', '--passphrase-file', tmp_path / 'pw', tmp_path / 'theirs').stdout == b'between us'
    shown, status = at_a_terminal([str(BIN / 'pic'), 'age', '-d', str(tmp_path / 'theirs')], ['correct staple of May'])
    assert status == 0 and 'between us' in shown and 'staple' not in shown
    shown, status = at_a_terminal([str(BIN / 'pic'), 'age', '-p', '--work-factor', '4', '-o', str(tmp_path / 'again'), str(tmp_path / 'plain')], ['one', 'two'])
    assert status == 1 and 'not the same' in shown and not (tmp_path / 'again').exists()
    (tmp_path / 'pw').write_text('wrong\n')
    assert b'the passphrase is wrong' in run('-d', '--passphrase-file', tmp_path / 'pw', tmp_path / 'ours', status=1).stderr
    assert b'work factor' in run('-d', '--work-factor', '17', '--passphrase-file', tmp_path / 'pw', tmp_path / 'ours', status=1).stderr
    (tmp_path / 'pw').write_text('\n')
    assert b'empty' in run('--passphrase-file', tmp_path / 'pw', tmp_path / 'plain', status=1).stderr


def test_output_is_whole_or_not_there(tmp_path, key):
    path, recipient = key
    data = os.urandom(3 * CHUNK)
    (tmp_path / 'sealed').write_bytes(run('-r', recipient, stdin=data).stdout)
    (tmp_path / 'out').write_text('before')
    cut = (tmp_path / 'sealed').read_bytes()[:-CHUNK]
    done = run('-d', '-i', path, '-o', tmp_path / 'out', stdin=cut, status=1)
    assert done.stdout == b'' and (tmp_path / 'out').read_text() == 'before' and sorted(p.name for p in tmp_path.iterdir()) == ['key', 'out', 'sealed']
    assert run('-d', '-i', path, stdin=cut, status=1).stdout == data[:2 * CHUNK]
    run('-d', '-i', path, '-o', tmp_path / 'out', tmp_path / 'sealed')
    assert (tmp_path / 'out').read_bytes() == data and (tmp_path / 'out').stat().st_mode & 0o777 == 0o600
    os.mkfifo(tmp_path / 'pipe')  # a device is not replaced either
    assert b'is no file' in run('-d', '-i', path, '-o', tmp_path / 'pipe', tmp_path / 'sealed', status=1).stderr and (tmp_path / 'pipe').is_fifo()
    with open('/dev/full', 'wb') as full:
        assert subprocess.run([BIN / 'pic', 'age', '-d', '-i', path, tmp_path / 'sealed'], stdout=full, stderr=subprocess.DEVNULL, timeout=60).returncode == 1


def test_killed_in_the_middle(tmp_path, key):
    path, recipient = key
    p = subprocess.Popen([BIN / 'pic', 'age', '-r', recipient, '-o', tmp_path / 'out'], stdin=subprocess.PIPE)
    p.stdin.write(os.urandom(8 * CHUNK))
    p.stdin.flush()
    p.kill()
    p.wait(20)
    assert [f.name for f in tmp_path.iterdir()] == ['key']


def test_what_a_newcomer_gets_wrong(tmp_path, key):
    path, recipient = key
    for words, said in ((['x', 'y'], 'one file at a time'), ([], 'for whom?'), (['-d', '-r', recipient], 'finds out by itself'), (['-p', '-r', recipient], 'do not go together'),
                        (['-d', '-i', '-'], 'standard input can be one of'), (['-y', 'x'], 'pic age keygen'), (['-r', recipient, '--work-factor', '99'], '1 to 30'),
                        (['-r', recipient, '-o', 'a', '-o', 'b'], 'given twice'), (['-z'], 'no option -z'), (['-d', '-e'], 'give one'), (['keygen', '-a'], 'not for'),
                        (['keygen', 'x'], 'takes no file'), (['-r', recipient, '--json'], '--json'), (['-p', tmp_path / 'key'], 'no terminal')):
        done = run(*words, status=1 if said == 'no terminal' else 2)
        assert said in done.stderr.decode(), (words, done.stderr)
    assert b'exists' in run('keygen', '-o', path, status=1).stderr.lower()
    told = json.loads(run('keygen', '--json').stdout)
    assert told['recipient'].startswith('age1') and told['identity'].startswith('AGE-SECRET-KEY-1')
    assert run('-d', '-i', path, tmp_path / 'nowhere', status=1).stderr
    run('-d', '-i', path, path, status=1)
    shown, status = at_a_terminal([str(BIN / 'pic'), 'age', '-r', recipient, str(path)], [])
    assert status == 2 and 'binary data' in shown
    assert subprocess.run([BIN / 'pic', '__complete', 'age', 'key'], capture_output=True, text=True, check=True).stdout == 'keygen\n'
