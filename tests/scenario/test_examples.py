"""Every example does what its first comment says, on the fake world."""
import pathlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from conftest import BIN, TOP, Pic


def run(name, *args, status=0):
    done = subprocess.run([BIN / name, *map(str, args)], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, f'{name} {args}: {done.returncode}\n{done.stdout}{done.stderr}'
    return done


def test_none_is_forgotten():
    tested = open(__file__).read()
    for source in (TOP / 'examples').glob('*.c'):
        assert f"'{source.stem}'" in tested, source
        assert f'`{source.stem}`' in (TOP / 'examples/README.md').read_text(), source
        assert len(source.read_text().splitlines()) <= 120  # a screen or two


def test_add_and_list(pic):
    assert '\nPrivateKey = ' in run('add_peer', pic.dir, 'anna', 'internet', 'fake').stdout
    assert run('list_peers', pic.dir, 'fake').stdout == 'anna 10.20.0.2 fd20::2\n'
    assert 'nonsense' in run('add_peer', pic.dir, 'bert', 'nonsense', 'fake', status=1).stderr
    assert run('list_peers', pic.dir + '-nowhere', 'fake', status=1).stderr


def test_watch_events(pic):
    pic('peer', 'add', 'anna')
    watcher = subprocess.Popen([BIN / 'watch_events', pic.dir, '3', 'fake'], stdout=subprocess.PIPE, text=True)
    first = [watcher.stdout.readline() for _ in range(6)]
    pic('peer', 'remove', 'anna')
    rest = watcher.stdout.read()
    assert watcher.wait() == 0
    assert re.match(r'2 at \d+: \S+.* add of peer anna, revision 2\n', first[3]) and json.loads(first[5])['name'] == 'anna'
    assert re.match(r'3 at \d+: \S+.* remove of peer anna, revision 3\n', rest)


def test_change_safely(pic):
    pic('peer', 'add', 'anna', '--note', 'old')
    text = run('change_safely', pic.dir, 'anna', 'new', 'fake').stdout
    assert '"note":"old"' in text and 'applied' in text and pic.json('peer', 'show', 'anna')['note'] == 'new'
    assert 'step: ' in run('change_safely', pic.dir, 'anna', 'rekey', 'fake').stdout
    run('change_safely', pic.dir, 'anna', '', 'fake')
    assert pic.json('peer', 'show', 'anna')['note'] is None
    done = run('change_safely', pic.dir, 'anna', 'two\nlines', 'fake', status=1)
    assert done.stderr.startswith('VALUE (') and 'field note: ' in done.stderr
    assert 'hint: ' in run('change_safely', pic.dir, 'ana', 'x', 'fake', status=1).stderr
    run('change_safely', pic.dir, 'anna', 'remove', 'fake')
    assert pic.json('peer', 'list') == []


def test_copy_cell(pic, tmp_path):
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--groups', 'kids')
    text = run('copy_cell', pic.dir, tmp_path / 'other', 'other', 'fake').stdout.splitlines()
    assert json.loads(text[0])['state'] == 'pending' and json.loads(text[1])[0]['groups'] == ['kids']
    other = Pic(tmp_path / 'other')
    assert other.json('cell', 'show')['name'] == 'other'
    assert other.json('peer', 'show', 'anna')['public_key'] != pic.json('peer', 'show', 'anna')['public_key']
    run('copy_cell', pic.dir, tmp_path / 'other', 'again', 'fake', status=1)


def test_look_after(pic):
    pic('peer', 'add', 'anna', '--access', 'internet')
    text = run('look_after', pic.dir, 'anna', '198.51.100.1:tcp/443', 'fake').stdout
    assert 'status: well' in text and 'doctor: well' in text and '"allowed":true' in text and '0 steps' in text
    pic('cell', 'set', '--unset', 'endpoint')
    assert 'doctor: not well' in run('look_after', pic.dir, 'fake', status=1).stdout


def test_read_log(pic):
    pic('peer', 'add', 'anna')
    text = run('read_log', pic.dir, 'anna', 'fake').stdout
    assert text.startswith('log: ') and '\nsaid: ' in text and '\nlevels: ' in text


def test_let_in(pic):
    pic('user', 'add', 'anna', '--role', 'admin', '--password-file', '-', stdin='correct staple of May')
    text = run('let_in', pic.dir, 'anna', 'correct staple of May', 'another staple of May', 'fake').stdout.splitlines()
    assert text[0] == 'anna is admin; cookies of 47 and 47 bytes, csrf of 43' and json.loads(text[1])['agent'] == 'example' and len(json.loads(text[2])) == 1
    assert pic.json('session', 'list') == [] and pic.json('history', '--verb', 'login')['actor'] == 'anna'
    assert run('let_in', pic.dir, 'anna', 'correct staple of May', 'x', 'fake', status=1).stderr == 'user, password or code is wrong\n'


def test_issue_certificate(pic):
    told = run('issue_certificate', pic.dir, 'nas', 'fake').stdout
    assert 'BEGIN PRIVATE KEY' in told and '"former":null' in told and '"zones":["home.internal"]' in told
    assert 'exists already' in run('issue_certificate', pic.dir, 'nas', 'fake', status=1).stderr
    assert run('issue_certificate', pic.dir, 'renew', 'nas', 'fake').stdout.startswith('-----BEGIN CERTIFICATE-----')
    pic('domain', 'add', 'home.example.org', '--mode', 'http01')
    assert '"state":"due"' in run('issue_certificate', pic.dir, 'state', 'home.example.org', 'fake').stdout


def test_tell_once(pic):
    assert run('tell_once', pic.dir, 'setup', 'fake').stdout == 'a session of role setup\n'
    pic('user', 'add', 'anna', '--role', 'admin', '--password-file', '-', stdin='correct staple of May')
    assert 'nothing is to be set up' in run('tell_once', pic.dir, 'setup', 'fake').stdout
    assert run('tell_once', pic.dir, 'token', 'anna', 'fake').stdout.startswith('Authorization: Bearer pic_')
    pic('peer', 'add', 'phone')
    assert 'PrivateKey = ' in json.loads(run('tell_once', pic.dir, 'link', 'phone', 'fake').stdout)['config']
    assert 'shown already' in run('tell_once', pic.dir, 'link', 'phone', 'fake', status=1).stderr
    offer = subprocess.Popen([BIN / 'tell_once', pic.dir, 'totp', 'anna', 'fake'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    secret = json.loads(offer.stdout.readline())['secret']
    code = subprocess.run(['oathtool', '--totp', '-b', secret], capture_output=True, text=True, check=True).stdout
    codes, _ = offer.communicate(f'{secret} {code}', timeout=60)
    assert offer.returncode == 0 and len(codes.split()) == 10


def test_passkeys(pic, tmp_path):
    def talk(answer, *words):
        p = subprocess.Popen([BIN / 'passkeys', pic.dir, *words, 'fake'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        options = json.loads(p.stdout.readline())['public_key']
        out, _ = p.communicate(json.dumps(answer(options)) + '\n', timeout=60)
        assert p.returncode == 0, out
        return out

    sys.path.append(str(TOP / 'tests/http'))
    from authenticator import Authenticator
    pic('user', 'add', 'anna', '--role', 'admin', '--password-file', '-', stdin='correct staple of May')
    key = Authenticator(tmp_path, 'http://localhost:3000')
    number = talk(key.create, 'add', 'anna', 'correct staple of May').split()[1]
    assert talk(key.get, 'login') == 'anna is admin\n'
    run('passkeys', pic.dir, 'rename', 'anna', number, 'Ring', 'fake')
    (listed,) = pic.json('user', 'passkey', 'list', 'anna')
    assert listed['name'] == 'Ring' and listed['used'] and 'Ring' in pic('user', 'passkey', 'list', 'anna')
    assert run('passkeys', pic.dir, 'remove', 'anna', number, 'fake').stdout == '[]\n'
    talk(key.create, 'add', 'anna', 'correct staple of May')
    assert 'neither list nor remove' in pic.run('user', 'passkey', 'dance', 'anna').stderr
    assert "anna has no passkey 'ring'" in pic.refused('user', 'passkey', 'remove', 'anna', 'ring', code='NOTFOUND')['message']
    assert 'Passkeys go on letting anna in' in pic.run('user', 'reset', 'anna').stderr
    pic('user', 'passkey', 'remove', 'anna', 'EXAMPLE')
    assert pic.json('user', 'passkey', 'list', 'anna') == [] and 'web page' in pic.run('user', 'passkey', 'list', 'anna').stderr


def test_time_machine(pic):
    pic('peer', 'add', 'anna', '--access', 'lan')
    time.sleep(2.1)
    pic('peer', 'set', 'anna', '--access', 'internet')
    text = run('time_machine', pic.dir, 1, 'fake').stdout
    assert text.startswith('# revision 2') and 'access: [lan]' in text and 'since then: ' in text
    run('time_machine', pic.dir, 1, 'back', 'fake')
    assert pic.json('peer', 'show', 'anna')['access'] == ['lan']
    assert run('time_machine', pic.dir, 10**6, 'fake', status=1).stderr


def test_keep_evidence(pic, tmp_path):
    kept = tmp_path / 'kept'
    assert '"proof":{"index":0,' in run('keep_evidence', pic.dir, 'keep', kept, 'fake').stdout
    assert kept.read_text().startswith('pic/') and (tmp_path / 'kept.bundle').read_text().endswith('end\n')
    pic('peer', 'add', 'anna')
    assert '"ok":true' in run('keep_evidence', pic.dir, 'check', kept, 'fake').stdout
    with sqlite3.connect(f'{pic.dir}/cell.db') as db:
        db.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    assert '"row":2' in run('keep_evidence', pic.dir, 'check', kept, 'fake', status=1).stdout
    assert run('keep_evidence', pic.dir, 'check', tmp_path / 'nowhere', 'fake', status=1).stderr


def test_keep_secret(tmp_path):
    plain, sealed, back, key = (tmp_path / n for n in ('plain', 'sealed', 'back', 'key'))
    plain.write_text('between us\n')
    recipient = run('keep_secret', 'new', key).stdout.strip()
    for who in (key, recipient):
        run('keep_secret', 'seal', who, plain, sealed)
        run('keep_secret', 'open', key, sealed, back)
        assert back.read_text() == 'between us\n'
    assert '(header)' in run('keep_secret', 'open', '-wrong', sealed, back, status=1).stderr


def test_bring_back(pic, tmp_path):
    key, file, other = tmp_path / 'key', tmp_path / 'b.age', tmp_path / 'other'
    recipient = run('keep_secret', 'new', key).stdout.strip()
    pic('peer', 'add', 'anna')
    assert '"members"' in run('back_up', pic.dir, 'make', recipient, file, 'fake').stdout
    pic('peer', 'remove', 'anna')
    assert '"kind":"peer","added":1' in run('bring_back', pic.dir, 'some', file, key, 'peer:anna', 'fake').stdout and pic.json('peer', 'show', 'anna')
    assert 'friends' in run('bring_back', pic.dir, 'some', file, key, 'friends', 'fake', status=1).stderr
    for _ in range(2):
        former = json.loads(run('back_up', other, 'back', key, file, 'fake').stdout)['former']
    assert json.loads(run('bring_back', other, 'kept', 'fake').stdout)['kept'][0]['path'] == former
    assert json.loads(run('bring_back', other, 'look', 'fake').stdout)['changes'] == [] and 'agent' in run('bring_back', other, 'order', 'fake', status=1).stderr
    undone = json.loads(run('bring_back', other, 'undo', 'fake').stdout)
    assert undone['name'] == pathlib.Path(former).name and run('bring_back', other, 'forget', pathlib.Path(undone['former']).name, 'fake').stdout == ''
    assert run('bring_back', other, 'kept', 'fake').stdout == '{"kept":[]}\n'


def test_back_up(pic, tmp_path):
    key, file = tmp_path / 'key', tmp_path / 'b.age'
    recipient = run('keep_secret', 'new', key).stdout.strip()
    assert '"revision":1' in run('back_up', pic.dir, 'make', recipient, file, 'fake').stdout
    assert '"cell.db"' in run('back_up', pic.dir, 'look', key, file, 'fake').stdout
    assert '"restorable":true' in run('back_up', pic.dir, 'try', key, file, 'fake').stdout
    assert len(run('back_up', pic.dir, 'take', key, file, 'key').stdout) == 65
    assert '"questions":[]' in run('back_up', pic.dir, 'plan', key, file, 'fake').stdout
    assert '"former":null' in run('back_up', tmp_path / 'other', 'back', key, file, 'fake').stdout
    assert Pic(tmp_path / 'other').json('cell', 'show')['name'] == 'home'
    assert 'none of the keys' in run('back_up', pic.dir, 'look', run('keep_secret', 'new', tmp_path / 'k2') and tmp_path / 'k2', file, 'fake', status=1).stderr


def test_change_and_confirm(pic):
    pic('peer', 'add', 'anna', '--access', 'lan')
    for answer, access in (('n', ['lan']), ('y', ['internet'])):
        done = subprocess.run([BIN / 'change_and_confirm', pic.dir, 'anna', 'internet', 'fake'], input=answer, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and 'Keep it?' in done.stdout and 'anna' in done.stdout, done.stdout + done.stderr
        assert pic.json('peer', 'show', 'anna')['access'] == access


def test_qr_files(pic, tmp_path):
    pic('peer', 'add', 'anna')
    pic('peer', 'add', 'bert')
    run('qr_files', pic.dir, 'anna', tmp_path / 'a.png', tmp_path / 'a.svg', 'fake')
    run('qr_files', pic.dir, 'bert', tmp_path / 'b.png', '-', 'fake')
    assert (tmp_path / 'a.png').read_bytes()[:4] == (tmp_path / 'b.png').read_bytes()[:4] == b'\x89PNG'
    assert (tmp_path / 'a.svg').read_text().startswith('<svg ')
    run('qr_files', pic.dir, 'anna', tmp_path / 'a.png', tmp_path / 'a.svg', 'fake', status=1)  # shown once


WG = '''[Interface]
PrivateKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHl8=
Address = 10.64.0.2/32
[Peer]
PublicKey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHhw=
Endpoint = 192.0.2.7:51820
AllowedIPs = 0.0.0.0/0
'''


def test_own_names(pic):
    first, second = run('own_names', pic.dir, 'nas', '192.168.1.10', 'fake').stdout.splitlines()
    assert first == 'nas: "in the cellar\\044 left"' and json.loads(second)['why'] == "the owner's record nas"
    assert 'exists already' in run('own_names', pic.dir, 'nas', '192.168.1.10', 'fake', status=1).stderr
    assert "'nowhere'" in run('own_names', pic.dir, 'x', 'nowhere', 'fake', status=1).stderr


def test_serve(pic):
    pic('peer', 'add', 'anna')
    why, front = (json.loads(line) for line in run('serve', pic.dir, 'tv', 'http://127.0.0.1:8096', 'anna', 'fake').stdout.splitlines())
    assert why['allowed'] and why['rule'] == 'service:tv' and front['services'][0]['url'] == 'https://tv.home.internal/'
    assert 'must be http://' in run('serve', pic.dir, 'x', 'nas', 'anna', 'fake', status=1).stderr


def test_tell_me(pic):
    first, = run('tell_me', pic.dir, 'me', 'ntfy://ntfy.example/cell', 'fake').stdout.splitlines()
    assert json.loads(first.split(' ', 1)[1])['alerts'][0]['state'] == 'waiting'
    assert 'must be ntfy://HOST/TOPIC' in run('tell_me', pic.dir, 'x', 'ntfy://ntfy.example', 'fake', status=1).stderr


def test_keep_backups(pic, tmp_path):
    subprocess.run([BIN / 'pic', 'age', 'keygen', '-o', tmp_path / 'id'], check=True, capture_output=True)
    recipient = subprocess.run([BIN / 'pic', 'age', 'keygen', '-y', tmp_path / 'id'], check=True, capture_output=True, text=True).stdout.strip()
    first, second = run('keep_backups', pic.dir, 'disk', tmp_path / 'd', recipient, tmp_path / 'got', 'fake').stdout.splitlines()
    told = json.loads(first.split(' ', 1)[1])['targets'][0]
    assert first.startswith('well:') and told['state'] == 'ok' and json.loads(second)['name'] == told['backup'] and (tmp_path / 'got').stat().st_size == told['size']
    assert 'must be a folder' in run('keep_backups', pic.dir, 'x', 'ftp://x/y', recipient, tmp_path / 'got', 'fake', status=1).stderr


def test_block_names(pic):
    first, second = run('block_names', pic.dir, 'ads', 'https://example.org/hosts', 'ads.example', 'fake').stdout.splitlines()
    assert json.loads(first.split(' ', 1)[1])['lists'][0]['state'] == 'waiting' and json.loads(second.split(' ', 1)[1])['blocked'] is False
    assert 'must be an address of the web' in run('block_names', pic.dir, 'x', 'hosts.txt', 'ads.example', 'fake', status=1).stderr


def test_public_name(pic, tmp_path):
    (tmp_path / 'token').write_text('hunter2')
    text = run('public_name', pic.dir, 'home.duckdns.org', tmp_path / 'token', 'fake').stdout
    assert text.startswith('nothing failed') and '"state":"waiting"' in text and 'hunter2' not in text
    assert 'must end in .duckdns.org' in run('public_name', pic.dir, 'home.example.org', tmp_path / 'token', 'fake', status=1).stderr


def test_leave_by(pic, tmp_path):
    pic('peer', 'add', 'anna')
    (tmp_path / 'mullvad.conf').write_text(WG)
    text = run('leave_by', pic.dir, 'anna', tmp_path / 'mullvad.conf', 'fake').stdout
    assert 'anna: exit is provider' in text and 'carrier elsewhere' in text and 'est' in text.splitlines()[-1]
    assert 'anna: exit is direct' in run('leave_by', pic.dir, 'anna', 'direct', 'fake').stdout
    assert pic.json('connection', 'list') == []
    (tmp_path / 'bad.conf').write_text(WG.replace('Address', 'PostUp = x\nAddress'))
    assert 'bad.conf:3:' in run('leave_by', pic.dir, 'anna', tmp_path / 'bad.conf', 'fake', status=1).stderr
    run('leave_by', pic.dir, 'anna', tmp_path / 'nowhere.conf', 'fake', status=1)


def test_move_in(pic):
    path = pathlib.Path(__file__).resolve().parents[1] / 'fixtures/household/wg0.conf'
    text = run('move_in', pic.dir, path, 'look', 'fake').stdout
    assert text.startswith('not all of it is taken') and 'PostUp is a command' in text and ' steps' in text
    assert pic.json('peer', 'list') == []
    run('move_in', pic.dir, path, 'move', 'fake')
    assert pic.json('peer', 'show', 'moved')['access'] == ['internet']
    assert 'wg0.conf:8:1: ' in run('move_in', pic.dir, path, 'move', 'fake', status=1).stderr


def test_show_schema():
    text = run('show_schema').stdout
    assert 'world.fake: yes' in text and re.search(r'^peers\n.*^  access +grant', text, re.M | re.S) and 'full|split' in text


@pytest.mark.parametrize('how', [signal.SIGTERM, signal.SIGINT])
def test_own_agent(pic, how):
    agent = subprocess.Popen([BIN / 'own_agent', pic.dir, 'fake'], stdout=subprocess.PIPE, text=True)
    try:
        assert agent.stdout.readline() == f'{pic.dir}: ready\n'
        assert pic.json('status')['agent']['pid'] == agent.pid
    finally:
        os.kill(agent.pid, how)
        assert agent.wait(20) == 0
