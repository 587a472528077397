"""Secrets of each kind, used by a real agent that writes down all it can: none of them, in no form that a program may give it, is in any log, in the machine's journal, in what the
CLI tells, on a command line or in an environment of any process."""
import base64
import concurrent.futures
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import threading
import urllib.parse

import pytest
from conftest import BIN, TOP, needs_root
from world import World, random_key

pytestmark = needs_root
CA = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0ZBTEtFAA==\n-----END CERTIFICATE-----\n'


def forms(secret):
    """As it is, and as programs write what they do not want to write: base64, hex, in a URL, in JSON."""
    raw = secret.encode()
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
        code = subprocess.run(['oathtool', '--totp', '-b', word['totp']], capture_output=True, text=True, check=True).stdout.strip()
        with ctx.edit() as edit:
            word |= {f'recovery {i}': each for i, each in enumerate(edit.totp('ben', word['totp'], code))}
        with pytest.raises(pic.Error):
            ctx.login('ben', word['user password'], code='000000')
        word['link'] = ctx.make_link('bert')
    word['token'] = re.search(r'pic_[\w-]{43}', w.pic('token', 'add', 'robot', '--user', 'ben', '--scope', 'viewer'))[0]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda args: w.pic.run(*args, timeout=30), (
            ('connection', 'restart', 'ssh'), ('alert', 'test', 'post'), ('alert', 'test', 'hook'), ('backup', 'run'), ('domain', 'publish'), ('peer', 'rekey', 'anna'), ('doctor',))))
    told = b''.join(w.pic.run(*args).stdout.encode() for args in (
        ('--json', 'status'), ('log', '-n', '10000'), ('--json', 'log', '-n', '10000'), ('--json', 'history'), ('audit', 'export', '--format', 'bundle'), ('export',),
        ('--json', 'connection', 'list'), ('--json', 'alert', 'status'), ('--json', 'domain', 'status'), ('--json', 'backup', 'status'), ('--json', 'plan')))
    alive = running(w)
    places = {'told': told, 'processes': alive + watcher.stop(), 'journal': b'\n'.join(journal.entries), 'standard error': (w.tmp / 'picd.out').read_bytes()}
    for path in pathlib.Path(w.pic.dir, 'log').iterdir():
        places[path.name] = path.read_bytes()
    assert b'DEBUG' in places['agent.log'] and len(journal.entries) > 20 and b'PRIORITY=7\n' in places['journal'] and b'unbound' in alive and b'openvpn' in places['processes']
    assert any(name.startswith('exit') for name in places), list(places)
    assert [place for place in ('told', 'processes', 'journal') if not any(form in places[place] for form in forms('203.0.113.254'))] == []  # what is no secret is found
    found = {(name, place) for name, secret in {**key, **word}.items() for place, text in places.items() for form in forms(secret) if form in text}
    assert not found, found
