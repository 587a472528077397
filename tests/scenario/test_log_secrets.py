"""Secrets of each kind, used by a real agent and a real pic-http that writes down all it can: none of them, in no form that a program may give it, is in any log, in the machine's journal, in what the
CLI tells, on a command line or in an environment of any process."""
import base64
import concurrent.futures
import ctypes
import ctypes.util
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest
from conftest import BIN, TOP, Pic, needs_root
from world import World, random_key, wait_for

pytestmark = needs_root
CA = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0ZBTEtFAA==\n-----END CERTIFICATE-----\n'


def forms(secret):
    """As it is, and as programs write what they do not want to write: base64, hex, in a URL, in JSON, as PEM. Of text the lines of keys."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    lines = {line for block in re.findall(rb'-BEGIN [A-Z ]*PRIVATE KEY-+([^-]*)-', raw) for line in block.split() if len(line) > 30}
    if lines:
        return lines
    if isinstance(secret, bytes):
        text = base64.b64encode(raw)
        return {raw, raw.hex().encode(), raw.hex().upper().encode(), text[64:128] if len(text) >= 128 else text.rstrip(b'=')}
    found = {raw, base64.b64encode(raw).rstrip(b'='), base64.urlsafe_b64encode(raw).rstrip(b'='), raw.hex().encode(), raw.hex().upper().encode(),
             urllib.parse.quote(secret, safe='').encode()}
    try:
        key = base64.b64decode(secret, validate=True)
        found |= {key.hex().encode(), key.hex().upper().encode(), base64.urlsafe_b64encode(key).rstrip(b'=')} if len(key) == 32 else set()
    except ValueError:
        pass
    return found


class Watcher(threading.Thread):
    """Command lines and environments of all processes that begin meanwhile, each looked at three times: exec comes after fork."""

    def __init__(self):
        super().__init__(daemon=True)
        self.times, self.seen, self.over = {}, set(), threading.Event()

    def run(self):
        own = set(os.listdir('/proc'))
        while not self.over.wait(0.01):
            for pid in os.listdir('/proc'):
                if pid.isdigit() and pid not in own and self.times.get(pid, 0) < 3:
                    self.times[pid] = self.times.get(pid, 0) + 1
                    for name in ('cmdline', 'environ'):
                        try:
                            self.seen.add(pathlib.Path('/proc', pid, name).read_bytes())
                        except OSError:
                            pass

    def stop(self):
        self.over.set()
        self.join()
        return b'\n'.join(self.seen)


class Journal(threading.Thread):
    """Stands where systemd-journald would."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.at, self.entries = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), []
        self.at.bind(str(path))

    def run(self):
        while True:
            self.entries.append(self.at.recv(1 << 17))


def running(w):
    """What runs of the cell now, in its namespace or in one of an exit: that says in its environment whose it is."""
    found = b''
    pids = set(subprocess.run(['ip', 'netns', 'pids', w.cellns], capture_output=True, text=True).stdout.split())
    for path in pathlib.Path('/proc').glob('[0-9]*/environ'):
        try:
            if path.parent.name in pids or f'PIC_EXIT={w.tmp}/'.encode() in path.read_bytes():
                found += path.read_bytes() + (path.parent / 'cmdline').read_bytes()
        except OSError:
            pass
    return found


def opened(directory):
    """All that is sealed in a cell's directory, its store's rows and its files', opened with the agent's key: {where it is: what it is}."""
    sodium = ctypes.CDLL(ctypes.util.find_library('sodium'))
    key, public, found = bytes.fromhex((directory / 'key').read_text().strip()), ctypes.create_string_buffer(32), {'agent key': (directory / 'key').read_text().strip()}
    sodium.crypto_scalarmult_base(public, key)
    texts = [path.read_text(errors='replace') for path in (*directory.glob('*.json'), *directory.glob('*.state'))]
    with sqlite3.connect(f'file:{directory}/cell.db?mode=ro', uri=True) as store:
        for (table,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            texts += [value for row in store.execute(f'SELECT * FROM "{table}"') for value in row if isinstance(value, str)]
    for text in {each for text in texts for each in re.findall(r'[A-Za-z0-9+/]{64,}={0,2}', text)}:
        box = base64.b64decode(text + '=' * (-len(text) % 4))
        plain = ctypes.create_string_buffer(len(box))
        if len(box) > 48 and sodium.crypto_box_seal_open(plain, box, ctypes.c_ulonglong(len(box)), public, key) == 0:
            place, _, value = plain.raw[:len(box) - 48].partition(b'\0')
            found[f'{place.decode()} {len(found)}'] = value
    return found


def gathered(w, journal, watcher, shown=''):
    """All that was said and shown until now, by where."""
    told = shown.encode() + b''.join(w.pic.run(*args).stdout.encode() for args in (
        ('--json', 'status'), ('log', '-n', '10000'), ('--json', 'log', '-n', '10000'), ('--json', 'history'), ('audit', 'export', '--format', 'bundle'), ('export',),
        ('--json', 'connection', 'list'), ('--json', 'alert', 'status'), ('--json', 'domain', 'status'), ('--json', 'backup', 'status'), ('--json', 'plan')))
    alive = running(w)
    time.sleep(2.5)  # what programs write comes into the journal every other second
    return {'told': told, 'processes': alive + watcher.stop(), 'journal': b'\n'.join(journal.entries), 'standard error': (w.tmp / 'picd.out').read_bytes(),
            **{path.name: path.read_bytes() for path in pathlib.Path(w.pic.dir, 'log').iterdir()}}


def leaks(what, places):
    return {(name, place) for name, secret in what.items() if len(secret) >= 8 for place, text in places.items() for form in forms(secret) if form in text}


@pytest.fixture
def w(tmp_path):
    with World(tmp_path) as world:
        yield world.scene()


def test_no_secret_is_told(w, monkeypatch):
    sys.path.insert(0, str(TOP / 'bindings/python'))
    monkeypatch.setenv('PIC_LIBRARY', str(BIN.parent / 'lib/libpic.so.0'))
    import pic
    journal = Journal(w.tmp / 'journal')
    journal.start()
    monkeypatch.setenv('PIC_JOURNAL', str(w.tmp / 'journal'))
    key = {name: random_key() for name in ('wg private', 'wg preshared')}
    word = {name: f'Geh3im-{name}-{secrets.token_hex(8)}' for name in ('ssh password', 'proxy password', 'ovpn password', 'domain token', 'dyndns password', 'smtp password',
                                                                       'hook secret', 's3 secret', 'backup passphrase', 'user password', 'wrong password')}
    word = {name: text.replace(' ', '-') for name, text in word.items()}

    def tell(name, *args):
        w.pic(*args, '-', stdin={**key, **word}[name] + '\n')
    w.picd = w.spawn(w.cellns, BIN / 'picd', '--dir', w.pic.dir, '--log-level', 'debug', stdout=open(w.tmp / 'picd.out', 'a'), stderr=subprocess.STDOUT)
    w.pic('status', '--wait', '20s')
    watcher = Watcher()
    watcher.start()
    w.pic('log', 'level', 'debug')
    (w.tmp / 'psk').write_text(key['wg preshared'])
    (w.tmp / 'vpn.ovpn').write_text(f'client\ndev tun\nproto udp\nremote 203.0.113.254 1194\nauth-user-pass\n<ca>\n{CA}</ca>\n')
    w.pic('begin')
    tell('wg private', 'connection', 'add', 'wg', '--type', 'wireguard', '--endpoint', '203.0.113.254:51820', '--addresses', '10.64.0.2/32', '--peer-key', random_key(),
         '--preshared-key-file', str(w.tmp / 'psk'), '--private-key-file')
    tell('ssh password', 'connection', 'add', 'ssh', '--type', 'ssh', '--endpoint', '203.0.113.254:22', '--user', 'me', '--host-key',
         'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==', '--password-file')
    tell('proxy password', 'connection', 'add', 'proxy', '--type', 'proxy', '--protocol', 'socks5', '--endpoint', '203.0.113.254:1080', '--user', 'me', '--password-file')
    tell('ovpn password', 'connection', 'import', w.tmp / 'vpn.ovpn', 'ovpn', '--user', 'me', '--password-file')
    tell('domain token', 'domain', 'add', 'home.duckdns.org', '--mode', 'duckdns', '--token-file')
    tell('dyndns password', 'domain', 'add', 'home.example.org', '--mode', 'dyndns2', '--server', 'dyn.example.org', '--user', 'me', '--password-file')
    tell('smtp password', 'alert', 'add', 'post', '--to', 'smtp://203.0.113.254:587', '--user', 'me', '--sender', 'a@example.org', '--recipients', 'b@example.org', '--token-file')
    tell('hook secret', 'alert', 'add', 'hook', '--to', 'http://127.0.0.1:9/hook', '--secret-file')
    (w.tmp / 'passphrase').write_text(word['backup passphrase'])
    tell('s3 secret', 'target', 'add', 's3', '--url', 's3://bucket/cell', '--endpoint', 'http://127.0.0.1:9', '--user', 'AKEY', '--passphrase-file', str(w.tmp / 'passphrase'), '--password-file')
    tell('user password', 'user', 'add', 'ben', '--role', 'admin', '--password-file')
    w.pic('peer', 'add', 'anna', '--exit', 'wg')
    w.pic('peer', 'add', 'bert')
    w.pic('commit')
    config = dict(line.split(' = ', 1) for line in w.pic('peer', 'config', 'anna').splitlines() if ' = ' in line)
    key['device private'] = config['PrivateKey']
    if 'PresharedKey' in config:
        key['device preshared'] = config['PresharedKey']
    with pic.Context(w.pic.dir) as ctx:
        offer = ctx.totp_offer('ben')
        word['totp'] = offer['secret']
        word['session'] = ctx.login('ben', word['user password']).token
        with pytest.raises(pic.Error):
            ctx.login('ben', word['wrong password'])
        code = subprocess.run(['oathtool', '--totp', '-b', '-'], input=word['totp'], capture_output=True, text=True, check=True).stdout.strip()
        with ctx.edit() as edit:
            word |= {f'recovery {i}': each for i, each in enumerate(edit.totp('ben', word['totp'], code))}
        with pytest.raises(pic.Error):
            ctx.login('ben', word['user password'], code='000000')
        word['link'] = ctx.make_link('bert')
    word['token'] = re.search(r'pic_[\w-]{43}', w.pic('token', 'add', 'robot', '--user', 'ben', '--scope', 'viewer'))[0]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda args: w.pic.run(*args, timeout=30), (
            ('connection', 'restart', 'ssh'), ('alert', 'test', 'post'), ('alert', 'test', 'hook'), ('backup', 'run'), ('domain', 'publish'), ('peer', 'rekey', 'anna'), ('doctor',))))
    places = gathered(w, journal, watcher)
    assert b'DEBUG' in places['agent.log'] and len(journal.entries) > 20 and b'PRIORITY=7\n' in places['journal'] and all(name in places['processes'] for name in (b'unbound', b'openvpn'))
    assert any(name.startswith('exit') for name in places), list(places)
    assert [place for place in ('told', 'processes', 'journal') if not any(form in places[place] for form in forms('203.0.113.254'))] == []  # what is no secret is found
    assert not leaks({**key, **word}, places)


def host_and_keys(w):
    """A machine out there with sshd, whose owner lets a key in; and a name server that knows no key of ours."""
    for name in ('host', 'id'):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', w.tmp / name], check=True)
    (w.tmp / 'sshd').write_text(f'Port 2222\nListenAddress 203.0.113.254\nHostKey {w.tmp}/host\nAuthorizedKeysFile {w.tmp}/id.pub\nPidFile none\n'
                                'Subsystem sftp internal-sftp\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n')
    os.makedirs('/run/sshd', exist_ok=True)
    w.spawn(w.inet, '/usr/sbin/sshd', '-D', '-e', '-f', w.tmp / 'sshd', stderr=subprocess.DEVNULL)
    (w.tmp / 'named').mkdir()
    (w.tmp / 'named/zone').write_text('$TTL 60\n@ SOA ns.example.org. root.example.org. 1 60 60 60 60\n@ NS ns\nns A 203.0.113.254\n')
    (w.tmp / 'named/conf').write_text(f'options {{ directory "{w.tmp}/named"; listen-on port 53 {{ 203.0.113.254; }}; listen-on-v6 {{ none; }}; recursion no; pid-file none; '
                                      f'session-keyfile none; }};\ncontrols {{ }};\nzone "example.org" {{ type master; file "{w.tmp}/named/zone"; allow-update {{ none; }}; }};\n')
    w.spawn(w.inet, 'named', '-f', '-n', '1', '-c', w.tmp / 'named/conf', stderr=subprocess.DEVNULL)
    return ' '.join((w.tmp / 'host.pub').read_text().split()[:2])


def ask_page(w, path, body=None, **headers):
    """What pic-http answers, headers too; nothing of it on a command line. As a machine of the cell's own."""
    conf = [f'url = "http://127.0.0.1:3000{path}"', 'silent', 'include', *(f'header = "{name}: {value}"' for name, value in headers.items())]
    if body is not None:
        conf += ['header = "Content-Type: application/json"', 'data = ' + json.dumps(json.dumps(body))]
    return w.sh(w.cellns, 'curl -K -', stdin='\n'.join(conf) + '\n')


def test_keys_and_sessions(w, monkeypatch):
    """Keys of ssh, SFTP, TSIG, of the cell and of its devices; passphrases of backups; sessions, tokens and codes of the page."""
    for program in ('sshd', 'named', 'nsupdate', 'oathtool'):
        if not shutil.which(program, path=os.environ['PATH'] + ':/usr/sbin'):
            pytest.skip(f'needs {program}')
    journal = Journal(w.tmp / 'journal')
    journal.start()
    monkeypatch.setenv('PIC_JOURNAL', str(w.tmp / 'journal'))
    word = {name.replace(' ', '-'): f'Geh3im-{name.replace(" ", "-")}-{secrets.token_hex(8)}' for name in (
        'sftp password', 'target passphrase', 'backup passphrase', 'wrong passphrase', 'user password', 'wrong password')}

    def in_file(name, text):
        (w.tmp / name).write_text(text)
        return w.tmp / name
    host = host_and_keys(w)
    watcher = Watcher()
    watcher.start()
    out = open(w.tmp / 'picd.out', 'a')
    w.picd = w.spawn(w.cellns, BIN / 'picd', '--dir', w.pic.dir, '--log-level', 'debug', stdout=out, stderr=subprocess.STDOUT)
    w.pic('status', '--wait', '20s')
    w.spawn(w.cellns, BIN / 'pic-http', '--dir', w.pic.dir, '--log-level', 'debug', stdout=out, stderr=subprocess.STDOUT)
    w.pic('log', 'level', 'debug')
    word['tsig'] = base64.b64encode(secrets.token_bytes(32)).decode()
    word['tsig text'] = base64.b64encode(secrets.token_bytes(32)).decode()
    phrase = in_file('phrase', word['target-passphrase'])
    w.pic('begin')
    w.pic('connection', 'add', 'far', '--type', 'ssh', '--endpoint', '203.0.113.254:2222', '--user', 'root', '--host-key', host, '--key-file', w.tmp / 'id')
    w.pic('target', 'add', 'keyed', '--url', f'sftp://203.0.113.254:2222{w.tmp}/far', '--user', 'root', '--host-key', host, '--key-file', w.tmp / 'id', '--passphrase-file', phrase)
    w.pic('target', 'add', 'worded', '--url', f'sftp://203.0.113.254:2222{w.tmp}/far', '--user', 'root', '--host-key', host, '--passphrase-file', phrase,
          '--password-file', in_file('sftp', word['sftp-password']))
    w.pic('domain', 'add', 'home.example.org', '--mode', 'rfc2136', '--server', '203.0.113.254', '--key-file',
          in_file('tsig', f'key "home-key" {{ algorithm hmac-sha256; secret "{word["tsig"]}"; }};\n'))
    w.pic('domain', 'add', 'web.example.net', '--mode', 'http01', '--acme', 'https://203.0.113.254:14000/dir')
    w.pic('domain', 'add', 'away.example.org', '--mode', 'rfc2136', '--server', '203.0.113.254', '--key-file', in_file('text', f'hmac-sha256:home-key:{word["tsig text"]}'))
    w.pic('user', 'add', 'ben', '--role', 'admin', '--password-file', in_file('user', word['user-password']))
    w.pic('peer', 'add', 'anna', '--exit', 'far')
    w.pic('peer', 'add', 'bert', '--key-mode', 'kept')
    w.pic('commit')
    word['cell key'] = w.sh(w.cellns, f'wg show {w.dev} private-key').strip()
    word['preshared keys'] = w.sh(w.cellns, f'wg show {w.dev} preshared-keys').split()[-1]
    # the page: who comes in, who does not, with a code, with a token
    wait_for(lambda: ask_page(w, '/health'), 20, 'pic-http')
    came = ask_page(w, '/api/auth/login', {'username': 'ben', 'password': word['user-password']})
    word['session'], word['csrf'] = re.search('pic_session=([^;]+)', came)[1], json.loads(came.splitlines()[-1])['csrf_token']
    me = {'Cookie': f'pic_session={word["session"]}', 'X-CSRF-Token': word['csrf']}
    assert '"ben"' in ask_page(w, '/api/auth/me', **me)
    assert ' 401 ' in ask_page(w, '/api/auth/login', {'username': 'ben', 'password': word['wrong-password']})
    offer = json.loads(ask_page(w, '/api/auth/totp', {}, **me).splitlines()[-1])
    word['one-time secret'] = offer['secret']
    number = subprocess.run(['oathtool', '--totp', '-b', '-'], input=offer['secret'], capture_output=True, text=True, check=True).stdout.strip()
    codes = json.loads(ask_page(w, '/api/auth/totp/confirm', {'secret': offer['secret'], 'code': number}, **me).splitlines()[-1])['recovery']
    word |= {f'recovery {i}': code for i, code in enumerate(codes)}
    again = ask_page(w, '/api/auth/login', {'username': 'ben', 'password': word['user-password'], 'code': codes[0]})
    word['second session'] = re.search('pic_session=([^;]+)', again)[1]
    word['spent code'] = codes[0]
    assert ' 401 ' in ask_page(w, '/api/auth/login', {'username': 'ben', 'password': word['user-password'], 'code': codes[0]})
    word['token'] = re.search(r'pic_[\w-]{43}', w.pic('token', 'add', 'robot', '--user', 'ben', '--scope', 'viewer'))[0]
    assert ' 200 ' in ask_page(w, '/api/cell', Authorization=f'Bearer {word["token"]}')
    word['no token'] = 'pic_' + secrets.token_urlsafe(32)
    assert ' 401 ' in ask_page(w, '/api/cell', Authorization=f'Bearer {word["no token"]}')
    # backups: made, read, restored, tried out, with a wrong passphrase too; what the targets and the name server say
    good, bad, file, other = in_file('good', word['backup-passphrase']), in_file('bad', word['wrong-passphrase']), w.tmp / 'a.backup', Pic(w.tmp / 'other', world='real', netns=w.lan)
    w.pic('backup', 'create', file, '--work-factor', '10', '--passphrase-file', good)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda args: w.pic.run(*args, timeout=60), (
            ('backup', 'run', 'keyed'), ('backup', 'run', 'worded'), ('domain', 'publish'), ('cert', 'renew', 'web.example.net'), ('peer', 'config', 'bert'), ('connection', 'test', 'far'),
            ('backup', 'verify', file, '--passphrase-file', bad), ('backup', 'drill', file, '--passphrase-file', good), ('doctor',))))
    said += [other.run('backup', 'restore', file, '--passphrase-file', which) for which in (bad, good)]
    assert [done.returncode for done in said[-2:] + said[:2]] == [1, 0, 0, 1], [done.stdout + done.stderr for done in said[-2:] + said[:2]]
    shown = ''.join(done.stdout + done.stderr for done in said[:4] + said[5:])  # a device's configuration is told whoever asks for it
    places = gathered(w, journal, watcher, shown)
    key = opened(pathlib.Path(w.pic.dir))
    kinds = {name.split()[0] for name in key}
    assert {'agent', 'cell/private_key', 'cell/identity_secret', 'cell/ca_secret', 'peer/private_key', 'peer/preshared_key', 'connection/key', 'target/key', 'target/password',
            'target/passphrase', 'domain/key', 'user/password', 'user/totp', 'user/recovery'} <= {re.sub('/[0-9]+/', '/', kind) for kind in kinds}, sorted(kinds)
    assert re.search(rb'SYSLOG_IDENTIFIER=(?!picd|pic-http)', places['journal']) and b'sftp' in places['told'] and b'DEBUG' in places['agent.log']  # what is no secret is found
    assert not leaks({**key, **word}, places)
    assert not [name for name, text in places.items() if re.search(rb'(?<![0-9.])' + number.encode() + rb'(?![0-9])', text)]
