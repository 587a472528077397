"""Users and logins with a real agent: who comes in, who does not, what counts once, and what is in the files."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import pty
import re
import sqlite3
import struct
import subprocess
import sys
import time

import pytest
from conftest import BIN, TOP, needs_root
from world import World

os.environ.setdefault('PIC_LIBRARY', str(BIN.parent / 'lib/libpic.so'))
sys.path.insert(0, str(TOP / 'bindings/python'))
import pic as lib  # noqa: E402

PASSWORD, OTHER = 'correct staple of May', 'another staple of May'


def totp(secret, at=None, step=0):
    """RFC 6238 by hand, so that it is not our own that tells what is right."""
    counter = int((time.time() if at is None else at) // 30) + step
    digest = hmac.new(base64.b32decode(secret), struct.pack('>Q', counter), hashlib.sha1).digest()
    return f'{(struct.unpack(">I", digest[digest[-1] & 15:][:4])[0] & 0x7fffffff) % 1000000:06d}'


def rows(pic, *args):
    return [json.loads(line) for line in pic('--json', 'history', *args).splitlines()]


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip('needs root: makes network namespaces')
    with World(tmp_path_factory.mktemp('login')) as w:
        w.scene().start()
        w.pic('user', 'add', 'anna', '--role', 'admin', '--password-file', '-', stdin=PASSWORD)
        with lib.Context(w.pic.dir, way='http', actor='http') as ctx:
            yield w, ctx


def test_right_and_wrong(cell):
    w, ctx = cell
    s = ctx.login('anna', PASSWORD, address='192.0.2.1', agent='test')
    assert ctx.find_session(s.token).user == 'anna' and w.pic.json('session', 'list', '--user', 'anna')[0]['address'] == '192.0.2.1'
    for user, password in (('anna', OTHER), ('nobody', PASSWORD), ('anna', ''), ('', PASSWORD)):
        with pytest.raises(lib.Denied) as wrong:
            ctx.login(user, password, address='192.0.2.2')
        assert str(wrong.value) == 'user, password or code is wrong' and wrong.value.details == {}
    assert [r['text'] for r in rows(w.pic, '--verb', 'login')] == ['user anna logged in from 192.0.2.1']
    assert "a login as 'anna' was refused from 192.0.2.2" in w.pic('history', '--verb', 'refused')
    w.pic('session', 'end', s.id)
    with pytest.raises(lib.Denied):
        ctx.find_session(s.token)
    assert rows(w.pic, '--verb', 'logout')[0]['name'] == 'anna'


def test_times_of_known_and_unknown(cell):
    """What a login of somebody takes that there is not: the same, as far as anybody can tell by a few attempts."""
    w, ctx = cell
    w.pic('user', 'add', 'freya', '--role', 'viewer', '--password-file', '-', stdin=PASSWORD)
    took = {'freya': [], 'fritz': []}
    for i in range(8):
        for user in took:
            begin = time.perf_counter()
            with pytest.raises(lib.Denied):
                ctx.login(user, f'a guess of mine {i}', address=f'198.51.100.{i}')
            took[user].append(time.perf_counter() - begin)
    known, unknown = (min(t) for t in took.values())  # what else the machine does only makes it longer
    print(f'known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms')
    assert abs(known - unknown) < 0.5 * max(known, unknown)


def test_second_factor(cell):
    w, ctx = cell
    w.pic('user', 'add', 'ben', '--role', 'viewer', '--password-file', '-', stdin=PASSWORD)
    secret = w.pic.json('user', 'totp', 'ben')['secret']
    assert w.pic.refused('user', 'totp', 'ben', '--secret-file', '-', '--code', totp(secret, step=5), stdin=secret)['code'] == 'VALUE'
    told = w.pic.json('user', 'totp', 'ben', '--secret-file', '-', '--code', totp(secret), stdin=secret)
    codes = told['told']['recovery'].split()
    assert len(codes) == 10 and secret not in str(told)
    with pytest.raises(lib.BadState) as more:
        ctx.login('ben', PASSWORD)
    assert more.value.details['need'] == 'code'
    code = totp(secret, step=1)
    assert ctx.login('ben', PASSWORD, code=code).json['totp']
    for wrong in (code, totp(secret), totp(secret, step=9), '000000'):  # replayed, what turned it on, not yet, made up
        with pytest.raises(lib.Denied):
            ctx.login('ben', PASSWORD, code=wrong, address='192.0.2.3')
    device = ctx.login('ben', PASSWORD, code=codes[0]).device
    with pytest.raises(lib.Denied):
        ctx.login('ben', PASSWORD, code=codes[0], device=device)
    assert ctx.login('ben', PASSWORD, code=codes[1].upper().replace('-', ' '), device=device)
    assert 'recovery replaced' in w.pic('user', 'history', 'ben')
    with pytest.raises(lib.Denied):
        ctx.login('ben', OTHER, code=codes[2], device=device)
    assert ctx.login('ben', PASSWORD, code=codes[2], device=device)  # a wrong password uses no code up
    w.pic('user', 'set', 'ben', '--unset', 'totp')
    assert ctx.login('ben', PASSWORD, device=device)


def test_what_ends_sessions(cell):
    w, ctx = cell
    w.pic('user', 'add', 'carl', '--role', 'operator', '--password-file', '-', stdin=PASSWORD)

    def over(session):
        try:
            ctx.find_session(session.token)
        except lib.Denied:
            return True
        return False

    one = ctx.login('carl', PASSWORD)
    w.pic('user', 'password', 'carl', stdin=OTHER + '\n')
    assert over(one)
    mine, other = ctx.login('carl', OTHER), ctx.login('carl', OTHER)
    ctx.acting_as('carl', 'http').edit().set('user', 'carl', password=PASSWORD).keep(mine).commit()
    assert not over(mine) and over(other)
    w.pic('user', 'set', 'carl', '--note', 'x')
    assert not over(mine)
    w.pic('user', 'set', 'carl', '--enabled', 'no')
    assert over(mine)
    w.pic('user', 'set', 'carl', '--enabled', 'yes')
    assert over(mine)  # it does not come back
    db = pathlib.Path(w.pic.dir) / 'cell.db'
    for column, seconds in (('seen', 8 * 3600 + 1), ('until', 7 * 86400 + 1)):
        s = ctx.login('carl', PASSWORD)
        with sqlite3.connect(db) as sql:
            sql.execute(f'UPDATE session SET {column} = {column} - ? WHERE id = ?', (seconds * 1000000, s.id))
        assert over(s)
    s = ctx.login('carl', PASSWORD)
    password = re.search(r'^\S{23}$', w.pic('user', 'reset', 'carl'), re.M)[0]
    assert over(s) and ctx.login('carl', password).json['must_change']
    s = ctx.login('carl', password)
    w.pic('user', 'remove', 'carl')
    assert over(s)


def test_tokens(cell):
    w, ctx = cell
    secret = w.pic.json('token', 'add', 'graphs', '--user', 'anna', '--scope', 'viewer')['told']['secret']
    assert ctx.find_session(secret).role == 'viewer'
    w.pic('token', 'set', 'graphs', '--expires', '2020-01-01')
    with pytest.raises(lib.Denied):
        ctx.find_session(secret)
    w.pic('token', 'set', 'graphs', '--unset', 'expires')
    assert ctx.find_session(secret).json['token'] == 'graphs' and secret not in w.pic('export') + w.pic('history') + w.pic('token', 'show', 'graphs')
    w.pic('token', 'remove', 'graphs')
    w.pic('undo')
    assert w.pic.json('token', 'show', 'graphs')['scope'] == 'viewer'
    with pytest.raises(lib.Denied):  # what was taken away does not work again by an undo
        ctx.find_session(secret)
    w.pic('token', 'remove', 'graphs')


def test_strangers_cannot_lock_out(cell):
    w, ctx = cell
    w.pic('user', 'add', 'dora', '--role', 'admin', '--password-file', '-', stdin=PASSWORD)
    device = ctx.login('dora', PASSWORD, address='192.0.2.9').device
    tries = 0
    with pytest.raises(lib.Busy) as slow:
        for tries in range(20):
            try:
                ctx.login('dora', f'guess number {tries}', address=f'203.0.113.{tries}')
            except lib.Denied:
                pass
    assert tries == 10 and 0 < int(slow.value.details['retry_ms']) <= 30000
    with pytest.raises(lib.Busy):
        ctx.login('dora', PASSWORD, address='192.0.2.10')  # a browser that nobody knows waits too
    assert ctx.login('dora', PASSWORD, address='192.0.2.9', device=device)


def test_undo_after_a_new_password(cell):
    w, ctx = cell
    w.pic('user', 'add', 'emil', '--role', 'viewer', '--password-file', '-', stdin=PASSWORD)
    then = w.pic.json('status')['revision']
    w.pic('user', 'password', 'emil', stdin=OTHER)
    assert 'such do not come back' in w.pic.refused('undo', code='BADSTATE')['message']
    w.pic('user', 'set', 'emil', '--note', 'x')
    w.pic('undo', '--to', then)
    assert ctx.login('emil', OTHER) and w.pic.json('user', 'show', 'emil')['note'] is None
    with pytest.raises(lib.Denied):
        ctx.login('emil', PASSWORD)


def test_one_time_link(cell):
    w, ctx = cell
    w.pic('peer', 'add', 'phone')
    old, link = (w.pic.json('peer', 'link', 'phone', '--for', '1h')['token'] for _ in range(2))
    with pytest.raises(lib.Denied):
        ctx.take_link(old)
    assert 'PrivateKey = ' in ctx.take_link(link, '192.0.2.1')['config']
    with pytest.raises(lib.Denied):
        ctx.take_link(link)
    assert rows(w.pic, '--verb', 'reveal')[0]['actor'] == 'one-time link via root'
    w.pic('peer', 'add', 'tablet')
    link = w.pic.json('peer', 'link', 'tablet')['token']
    with sqlite3.connect(pathlib.Path(w.pic.dir) / 'cell.db') as sql:
        sql.execute('UPDATE link SET until = 1')
    with pytest.raises(lib.Denied):
        ctx.take_link(link)


def test_front_secret(cell):
    w, ctx = cell
    path = pathlib.Path(w.pic.dir) / 'run/front'
    secret = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640 and ctx.is_front(secret) and not ctx.is_front(secret[:-1]) and not ctx.is_front('')


def test_a_copied_store(cell):
    """Whoever has cell.db has salts and sealed boxes: no password, no proof of one, no second factor, no cookie, no token. The proof is 32 bytes that
    are not in it, in none of the forms that they could have."""
    w, ctx = cell
    s = ctx.login('anna', PASSWORD)
    db = pathlib.Path(w.pic.dir) / 'cell.db'
    seen = b''.join(p.read_bytes() for p in db.parent.glob('cell.db*'))
    with sqlite3.connect(db) as sql:
        salt, sealed = sql.execute("SELECT password_salt, password FROM user WHERE name = 'anna'").fetchone()
    kind, kib, passes, _, words = salt.split('$')
    raw = base64.urlsafe_b64decode(words + '==')
    proof = subprocess.run(['/usr/bin/python3', '-c', ARGON, kib, passes, raw.hex(), PASSWORD], capture_output=True, text=True, check=True).stdout.strip()
    proof = bytes.fromhex(proof)
    assert kind == 'argon2id' and len(proof) == 32 and len(base64.b64decode(sealed)) == 32 + len('user/password\0') + 48
    for form in (proof, proof.hex().encode(), base64.b64encode(proof)[:40], PASSWORD.encode(), s.token.encode(), s.token[4:].encode(), s.device.encode()):
        assert form not in seen


ARGON = '''
import ctypes, sys
kib, passes, salt, password = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3]), sys.argv[4].encode()
out = ctypes.create_string_buffer(32)
r = ctypes.CDLL("libsodium.so.23").crypto_pwhash(out, ctypes.c_ulonglong(32), password, ctypes.c_ulonglong(len(password)), salt, ctypes.c_ulonglong(passes),
                                                 ctypes.c_size_t(kib * 1024), 2)
assert r == 0
print(out.raw.hex())
'''


def test_without_an_agent(cell):
    """The last one: it stops the agent. Nobody can log in, who is in goes on, a link is not used up."""
    w, ctx = cell
    s = ctx.login('anna', PASSWORD)
    w.pic('peer', 'add', 'laptop')
    link = w.pic.json('peer', 'link', 'laptop')['token']
    w.pic('down')
    with pytest.raises(lib.NoAgent):
        ctx.login('anna', PASSWORD)
    with pytest.raises(lib.NoAgent):
        ctx.take_link(link)
    assert ctx.find_session(s.token).role == 'admin'
    w.start()
    assert ctx.login('anna', PASSWORD) and 'PrivateKey = ' in ctx.take_link(link)['config']


# ---- without an agent's help: what the command line says ----

def test_setup(empty):
    done = empty.run('init', '--name', 'home')
    code = re.search(r'Setup code for the web page, good for a day: (\S{4}-\S{4}-\S{4}) ', done.stderr)[1]
    with lib.Context(empty.dir, world='fake') as ctx:
        assert ctx.open_setup(code.lower()).role == 'setup'
        new = empty('setup').strip()
        with pytest.raises(lib.Denied):
            ctx.open_setup(code)
        s = ctx.open_setup(new)
        empty('user', 'add', 'anna', '--role', 'admin', '--password-file', '-', stdin=PASSWORD)
        with pytest.raises(lib.Denied):
            ctx.find_session(s.token)
    assert empty.refused('setup', code='BADSTATE')['hint'].endswith('pic user reset NAME')


def type_in(pic, *args, lines):
    """On a terminal: each line is typed when it is asked for."""
    master, slave = pty.openpty()
    child = subprocess.Popen([BIN / 'pic', '--dir', pic.dir, '--world', 'fake', *args], stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    seen = ''
    for prompt, line in lines:
        while not seen.endswith(prompt):
            seen += os.read(master, 1024).decode(errors='replace')
        os.write(master, line.encode() + b'\n')
    try:
        while data := os.read(master, 1024):
            seen += data.decode(errors='replace')
    except OSError:
        pass  # the other end is closed
    os.close(master)
    return child.wait(30), seen


def test_typed_passwords(pic):
    asked = [('New password: ', PASSWORD), ('The same again: ', PASSWORD)]
    status, seen = type_in(pic, 'user', 'add', 'anna', '--role', 'admin', lines=asked)
    assert status == 0 and PASSWORD not in seen
    status, seen = type_in(pic, 'user', 'password', 'anna', lines=[asked[0], ('The same again: ', OTHER)])
    assert status == 1 and 'not the same' in seen and OTHER not in seen
    with lib.Context(pic.dir, world='fake') as ctx:
        assert ctx.login('anna', PASSWORD).role == 'admin'
    status, seen = type_in(pic, 'user', 'totp', 'anna', lines=[('shows now: ', '123456')])
    assert status == 1 and 'not the one of now' in seen and 'otpauth://totp/home:anna?' in seen


def test_verbs(pic):
    assert pic.run('user', 'add', 'anna', '--role', 'admin', '--password', PASSWORD).returncode == 2  # no word of a command line
    assert pic.refused('user', 'add', 'anna', code='VALUE')['message'].endswith('role: is required')
    assert pic.refused('user', 'add', 'agent', '--role', 'viewer', code='VALUE')
    pic('user', 'add', 'anna', '--role', 'admin', '--note', 'x')
    for bad in ('short', 'password123', 'annaanna12'):
        assert bad not in str(pic.refused('user', 'password', 'anna', code='VALUE', stdin=bad))
    pic('user', 'password', 'anna', stdin=PASSWORD)
    plan = pic.json('--plan', 'user', 'password', 'anna', stdin=OTHER)
    assert {f['after'] for c in plan['changes'] for f in c['fields'] if f['field'] == 'password'} == {'(secret)'} and OTHER not in str(plan)
    assert '--plan' in pic('help', 'token', 'add') and pic.json('--plan', 'token', 'add', 't', '--user', 'anna', '--scope', 'viewer').get('told') is None
    assert pic.json('token', 'list') == []
    pic('peer', 'add', 'phone')
    pic('user', 'add', 'ben', '--role', 'peer', '--devices', 'phone', '--exits', 'direct')
    pic('peer', 'remove', 'phone')
    assert pic.json('user', 'show', 'ben')['devices'] is None
    assert 'users:' in pic('export') and 'password' not in pic('export')
    assert pic.refused('user', 'remove', 'anna', code='BADSTATE') and pic.run('session', 'end', 'x').returncode == 2 and pic.refused('session', 'end', '7', code='NOTFOUND')
    assert 'operator' in pic('help', 'users') and pic('__complete', 'user', 'show', '').split() == ['anna', 'ben']
    assert pic.run('peer', 'link', 'phone', '--for', '2x').returncode == 2
