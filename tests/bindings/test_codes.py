"""Whatever is the matter with a cell, a call answers with a code that its header lists. Each state of a broken directory is tried with each call."""
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault('PIC_LIBRARY', str(TOP / 'build/release/lib/libpic.so'))
sys.path.insert(0, str(TOP / 'bindings/python'))
import pic  # noqa: E402

CODES = {kind.name for kind in pic.ERRORS.values()}


def listed():
    """function -> codes that its text names, with those of the functions that the text refers to."""
    texts = {}
    for header in (TOP / 'include/pic').glob('*.h'):
        for comment, name in re.findall(r'(/\*(?:(?!\*/).)*?\*/)\s*PIC_API [^;]*?\b(pic_\w+)\(', header.read_text(), re.S):
            texts[name] = ' '.join(re.sub(r'^\s*\*', '', line) for line in comment.split('\n'))

    def codes(name, seen=()):
        text = texts.get(name, '')
        found = set(re.findall(r'PIC_([A-Z]+)\b', text)) & CODES
        if re.search(r'(?i)\b(codes|else|also codes|store)\b[^.]*?\bas\b', text) or ' as pic_' in text:
            for other in re.findall(r'\bas (?:of )?(pic_\w+)', text):
                if other not in seen and other != name:
                    found |= codes(other, (*seen, name))
        return found
    return {name: codes(name) for name in texts}


LISTED = listed()


def test_every_text_lists_codes():
    for name, codes in LISTED.items():
        if re.search(rf'PIC_MUST_USE int {name}\(', ''.join(p.read_text() for p in (TOP / 'include/pic').glob('*.h'))):
            assert {'INVALID', 'NOMEM'} & codes, name


# ---- what may be the matter ----

def make(path):
    with pic.Context(path, world='fake') as ctx:
        ctx.init(name='home', endpoint='home.example.org:51820')
        ctx.add('group', 'kids')
        ctx.add('peer', 'anna', groups=['kids'])
        ctx.add('peer', 'bert')
        ctx.add('user', 'anna', role='admin', password='correct staple of May')


def no_directory(path):
    shutil.rmtree(path)


def directory_is_a_file(path):
    shutil.rmtree(path)
    path.write_text('x')


def no_store(path):
    (path / 'cell.db').unlink()


def store_is_a_directory(path):
    (path / 'cell.db').unlink()
    (path / 'cell.db').mkdir()


def store_is_empty(path):
    (path / 'cell.db').write_bytes(b'')


def store_is_text(path):
    (path / 'cell.db').write_text('no database ' * 1000)


def store_is_cut(path):
    data = (path / 'cell.db').read_bytes()
    (path / 'cell.db').write_bytes(data[:len(data) // 2])


def store_is_scribbled_on(path):
    data = bytearray((path / 'cell.db').read_bytes())
    for at in range(4096, len(data), 4096):
        data[at:at + 200] = b'\xff' * 200
    (path / 'cell.db').write_bytes(bytes(data))


def store_of_another_program(path):
    (path / 'cell.db').unlink()
    db = sqlite3.connect(path / 'cell.db')
    db.execute('CREATE TABLE notes (text)')
    db.commit()
    db.close()


def store_of_a_newer_version(path):
    db = sqlite3.connect(path / 'cell.db')
    db.execute('PRAGMA user_version = 99')
    db.commit()
    db.close()


def store_without_a_table(path):
    db = sqlite3.connect(path / 'cell.db')
    db.execute('PRAGMA foreign_keys = OFF')
    db.execute('DROP TABLE peer')
    db.commit()
    db.close()


def no_key(path):
    (path / 'key').unlink()


def key_is_damaged(path):
    (path / 'key').write_text('nonsense\n')


def key_of_another_cell(path):
    (path / 'key').write_text('1' * 64 + '\n')


def run_is_a_file(path):
    shutil.rmtree(path / 'run', ignore_errors=True)
    (path / 'run').write_text('x')


def log_is_a_file(path):
    shutil.rmtree(path / 'log', ignore_errors=True)
    (path / 'log').write_text('x')


def fake_world_is_damaged(path):
    for file in (path / 'fake').iterdir():
        file.write_text('nonsense\n')


STATES = [no_directory, directory_is_a_file, no_store, store_is_a_directory, store_is_empty, store_is_text, store_is_cut, store_is_scribbled_on,
          store_of_another_program, store_of_a_newer_version, store_without_a_table, no_key, key_is_damaged, key_of_another_cell, run_is_a_file, log_is_a_file,
          fake_world_is_damaged]


def edit(ctx, wish):
    with ctx.edit() as e:
        wish(e)


def export(ctx):
    with open('/dev/null', 'wb') as out:
        for form in ('jsonl', 'csv', 'bundle'):
            ctx.audit_export(out, form)


WG = '''[Interface]
PrivateKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=
Address = 10.64.0.2/32
[Peer]
PublicKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw=
Endpoint = 192.0.2.7:51820
AllowedIPs = 0.0.0.0/0
'''
CALLS = {
    'pic_cell_init': lambda c: c.init(name='again'),
    'pic_get': lambda c: c.get('peer', 'anna'),
    'pic_list_get': lambda c: c.list('peer'),
    'pic_edit_plan': lambda c: c.edit().set('peer', 'anna', note='x').plan(),
    'pic_edit_commit': lambda c: [c.set('peer', 'anna', note='x'), c.add('peer', 'carl'), c.remove('group', 'kids')],
    'pic_plan_get': lambda c: [c.plan(), c.plan(repair=True)],
    'pic_peer_config': lambda c: c.config('anna'),
    'pic_peer_qr': lambda c: c.qr('bert', 'svg'),
    'pic_connection_import': lambda c: c.edit().import_connection('m', WG),
    'pic_household_import': lambda c: c.edit().import_household(TOP / 'tests/fixtures/household/wg0.conf', access='lan'),
    'pic_connection_move': lambda c: c.edit().move_connection('m', 'direct'),
    'pic_connection_test': lambda c: c.connection_test('m'),
    'pic_connection_restart': lambda c: c.connection_restart('m'),
    'pic_status_get': lambda c: [c.status(), c.status(wait=0.05)],
    'pic_doctor_fix': lambda c: c.doctor_fix(),
    'pic_doctor_run': lambda c: c.doctor(),
    'pic_drift_get': lambda c: [c.drift(), c.drift(repair=True)],
    'pic_cert_state': lambda c: c.certificate_state(),
    'pic_ntp_get': lambda c: c.ntp(),
    'pic_health_history': lambda c: [c.health_history(), c.health_history(since=1, until=2, max=5)],
    'pic_traffic_get': lambda c: [c.traffic(), c.traffic(peer='anna', hours=2), c.traffic(connection='m', days=400), c.traffic(since=1)],
    'pic_dns_log': lambda c: [c.dns_log(), c.dns_log('anna', 5)],
    'pic_dns_stats': lambda c: c.dns_stats(),
    'pic_dns_flush': lambda c: [c.dns_flush(), c.dns_flush('example.org')],
    'pic_alert_status': lambda c: c.alert_status(),
    'pic_alert_test': lambda c: c.alert_test('me'),
    'pic_dns_blocks': lambda c: c.dns_blocks(),
    'pic_dns_block_refresh': lambda c: [c.dns_block_refresh(), c.dns_block_refresh('ads')],
    'pic_dns_block_test': lambda c: [c.dns_block_test('example.org'), c.dns_block_test('example.org', 'anna')],
    'pic_target_status': lambda c: c.targets(),
    'pic_target_do': lambda c: [c.target_do('list'), c.target_do('burn', 'disk')],
    'pic_target_cancel': lambda c: [c.target_cancel(), c.target_cancel('disk')],
    'pic_target_fetch': lambda c: c.target_fetch('disk', '/tmp/never'),
    'pic_dns_query': lambda c: [c.dns_query('anna'), c.dns_query('example.org', 'AAAA', 'anna')],
    'pic_front_get': lambda c: c.front(),
    'pic_why_get': lambda c: c.why('anna', 'bert'),
    'pic_export_get': lambda c: [c.export(), c.export(data=True)],
    'pic_log_get': lambda c: c.log(),
    'pic_log_search': lambda c: [c.log_search(), c.log_search('x', peer='anna')],
    'pic_sub_open': lambda c: list(c.events()),
    'pic_history_get': lambda c: c.history('peer', 'anna'),
    'pic_revision_at': lambda c: c.revision_at(4e9),
    'pic_export_at': lambda c: c.export_at(2),
    'pic_diff_get': lambda c: c.diff(1, 2),
    'pic_audit_head': lambda c: c.audit_head(),
    'pic_audit_verify': lambda c: c.audit_verify(),
    'pic_audit_get': lambda c: [c.audit_get(2), c.audit_get(1, proof=True)],
    'pic_audit_export': lambda c: export(c),
    'pic_audit_note': lambda c: c.audit_note('login', 'x'),
    'pic_confirm': lambda c: c.confirm(),
    'pic_login': lambda c: c.login('anna', 'correct staple of May'),
    'pic_password_check': lambda c: c.password_check('anna', 'correct staple of May'),
    'pic_session_find': lambda c: c.find_session('pic_' + 'A' * 43),
    'pic_session_list': lambda c: [c.sessions(), c.sessions('anna')],
    'pic_session_end': lambda c: c.end_session(1),
    'pic_totp_offer': lambda c: c.totp_offer('anna'),
    'pic_passkey_offer': lambda c: c.passkey_offer('http://localhost:3000'),
    'pic_passkey_login': lambda c: c.login_passkey('http://localhost:3000', 'x', {'id': 'AAAA', 'response': {}}),
    'pic_passkey_list': lambda c: [c.passkeys(), c.passkeys('anna')],
    'pic_passkey_rename': lambda c: c.rename_passkey('anna', 1, 'x'),
    'pic_passkey_remove': lambda c: c.remove_passkey('anna', 1),
    'pic_setup_is': lambda c: c.in_setup,
    'pic_setup_code': lambda c: c.setup_code(),
    'pic_setup_open': lambda c: c.open_setup('0000-0000-0000'),
    'pic_link_make': lambda c: c.make_link('bert'),
    'pic_link_take': lambda c: c.take_link('pic_' + 'A' * 43),
    'pic_agent_down': lambda c: c.down(),
}


def answers(ctx, name):
    """The codes of a call that may be made of several; nothing else than an Error comes out."""
    try:
        CALLS[name](ctx)
    except pic.Error as error:
        assert str(error) and '\n' not in str(error), name
        found = {error.name} | {other.name for other in error.others}
        assert found <= LISTED[name] | (LISTED['pic_sub_next'] if name == 'pic_sub_open' else set()), f'{name}: {error.name}: {error}'
        return found
    return set()


# Calls that wait for somebody who does not answer, and how long is not the caller's to say: nobody waits with them.
WAITS = {'pic_dns_query'}  # a name server: five seconds a question
WAITS_FOR_AGENT = {'pic_alert_test', 'pic_doctor_fix'}  # 40 s and 60 s


class Later:
    """Such calls go on in threads while other tests are tried; what they answered is looked at by gather()."""

    def __init__(self):
        self.pool, self.begun, self.ends = ThreadPoolExecutor(64), [], []

    def answers(self, label, cell, name):
        def call():
            with pic.Context(cell, world='real', busy=0.05, agent=0.2) as ctx:
                return answers(ctx, name)
        self.begun.append((label, name, self.pool.submit(call)))

    def gather(self):
        """label and call -> its codes, of all since the last time."""
        try:
            return {(label, name): future.result() for label, name, future in self.begun}
        finally:
            self.begun = []
            while self.ends:
                self.ends.pop()()


@pytest.fixture(scope='module')
def later():
    later = Later()
    yield later
    later.gather()  # where the last test was not asked for
    later.pool.shutdown()


@pytest.mark.parametrize('answer', [None, b'', b'nonsense', b'{}', b'{"ok":true}', b'{"ok":true,"result":7}', b'{"ok":true,"result":nonsense}', b'{"ok":false}',
                                    b'{"ok":false,"error":{"code":"WHAT"}}', b'{"ok":true,"result":{"steps":[{"kind":"what"}]}}', b'[' * 1000])
def test_an_agent_that_talks_nonsense(tmp_path, answer, later):
    """None: it says nothing at all."""
    cell = tmp_path / 'cell'
    make(cell)
    shutil.rmtree(cell / 'run', ignore_errors=True)
    (cell / 'run').mkdir()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(cell / 'run/agent.sock'))
    listener.listen(16)

    def serve():
        kept = []
        while True:
            try:
                client, _ = listener.accept()
                client.recv(65536)
                if answer is None:
                    kept.append(client)
                    continue
                client.send(answer)
                client.close()
            except OSError:
                return
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def end():
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    later.ends.append(end)  # it is asked until then
    waits = WAITS | (WAITS_FOR_AGENT if answer is None else set())
    for name in CALLS:
        if name in ('pic_cell_init',) or (answer is None and name in ('pic_dns_block_refresh', 'pic_target_do')):  # that one waits for far ends: two and a half minutes
            continue
        if name in waits:
            continue
        with pic.Context(cell, world='real', busy=0.05, agent=0.2) as ctx:
            codes = answers(ctx, name)
        if answer and name in ('pic_login', 'pic_password_check', 'pic_status_get', 'pic_doctor_run', 'pic_plan_get', 'pic_peer_config', 'pic_peer_qr'):
            assert codes == {'BACKEND'} or name == 'pic_doctor_run' and b'"result"' not in answer, name
    for name in waits:
        later.answers(repr(answer), cell, name)


@pytest.mark.parametrize('state', STATES, ids=lambda s: s.__name__)
@pytest.mark.parametrize('world', ['fake', 'real'])
def test_broken_cells(tmp_path, state, world, later):
    cell = tmp_path / 'cell'
    make(cell)
    state(cell)
    seen = {}
    for name in CALLS:
        if name == 'pic_agent_down' and world == 'real':
            continue  # it would change this machine
        if name in WAITS and world == 'real':
            continue
        with pic.Context(cell, world=world, busy=0.05, agent=0.2) as ctx:
            seen[name] = answers(ctx, name)
    if state not in (run_is_a_file, log_is_a_file, fake_world_is_damaged) and world == 'fake':
        assert any(seen.values()), 'none of the calls noticed'
    for name in WAITS if world == 'real' else ():
        later.answers(state.__name__, cell, name)


@pytest.mark.parametrize('state', STATES, ids=lambda s: s.__name__)
def test_an_agent_does_not_start_on(tmp_path, state):
    cell = tmp_path / 'cell'
    make(cell)
    state(cell)
    with pic.Context(cell, world='fake', busy=0.05) as ctx:
        cancel = pic.Cancel()
        timer = threading.Timer(1.0, cancel.cancel)
        timer.start()
        try:
            ctx.run_agent(cancel)
        except pic.Error as error:
            assert error.name in LISTED['pic_agent_run'], f'{error.name}: {error}'
        timer.cancel()


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root to be somebody else')
def test_somebody_else(tmp_path):
    """A cell of root's, looked at by nobody: refused, with the codes that the headers list."""
    cell = tmp_path / 'cell'
    make(cell)
    for at in [tmp_path, *tmp_path.parents]:
        if str(at).startswith('/tmp/'):
            at.chmod(0o755)
    code = ('import sys; sys.path.insert(0, sys.argv[1]); import test_codes as t; import pic\n'
            'for name in t.CALLS:\n'
            '    with pic.Context(sys.argv[2], world=sys.argv[3], busy=0.05, agent=0.2) as ctx:\n'
            '        print(name, *t.answers(ctx, name))\n')
    for mode in (0o700, 0o755):
        cell.chmod(mode)
        for world in ('fake', 'real'):
            stage = tmp_path / f'stage-{mode:o}-{world}'
            shutil.copytree(TOP / 'tests/bindings', stage / 'tests/bindings')
            shutil.copytree(TOP / 'bindings', stage / 'bindings')
            shutil.copytree(TOP / 'include', stage / 'include')
            shutil.copytree(pathlib.Path(os.environ['PIC_LIBRARY']).parent, stage / 'lib')
            done = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '/usr/bin/python3', '-B', '-c', code,
                                   str(stage / 'tests/bindings'), str(cell), world], capture_output=True, text=True, cwd='/',
                                  env={'PATH': '/usr/bin:/bin', 'PIC_LIBRARY': str(stage / 'lib/libpic.so')})
            assert done.returncode == 0, done.stdout + done.stderr
            assert 'pic_get DENIED' in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root to mount')
def test_a_full_disk(tmp_path):
    code = ('import sys; sys.path.insert(0, sys.argv[1]); import test_codes as t; import pic, pathlib\n'
            'cell = pathlib.Path(sys.argv[2]) / "cell"; t.make(cell)\n'
            'fill = open(cell.parent / "fill", "wb", buffering=0)\n'
            'try:\n'
            '    while True: fill.write(b"x" * 4096)\n'
            'except OSError: pass\n'
            'for name in t.CALLS:\n'
            '    if name in ("pic_cell_init",): continue\n'
            '    with pic.Context(cell, world="fake", busy=0.05) as ctx:\n'
            '        print(name, *t.answers(ctx, name))\n'
            'with pic.Context(cell.parent / "other", world="fake") as ctx: print("pic_cell_init", *t.answers(ctx, "pic_cell_init"))\n')
    done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs -o size=1m none "$1" && exec /usr/bin/python3 -B -c "$0" "$2" "$1"',
                           code, str(tmp_path), str(TOP / 'tests/bindings')], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'pic_edit_commit IO' in done.stdout and 'pic_cell_init IO' in done.stdout, done.stdout


def test_what_waited(later):
    """The codes of those whose answers the tests before did not wait for."""
    for (label, name), codes in later.gather().items():
        assert codes <= CODES, (label, name)
