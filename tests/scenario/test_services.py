"""Services of the owner behind the front: by grant or not at all, in both families, by their own names at their own addresses; what is open
ends with its right; a target that is away, haproxy and the agent killed, certificates exchanged under load."""
import json
import os
import signal
import subprocess
import time

import pytest
from conftest import needs_root
from test_front import haproxy, state, trusted
from world import PYTHON, World, wait_for

pytestmark = needs_root

TARGET = '''
import base64, hashlib, http.server, socketserver, sys, time
class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        if self.headers.get('Upgrade', '').lower() == 'websocket':
            key = self.headers['Sec-WebSocket-Key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
            self.send_response(101)
            self.send_header('Upgrade', 'websocket')
            self.send_header('Connection', 'Upgrade')
            self.send_header('Sec-WebSocket-Accept', base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
            self.end_headers()
            while True:
                data = self.connection.recv(100)
                if not data:
                    return
                self.connection.sendall(data)
        if self.path == '/drip':
            self.send_response(200)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            while True:
                self.wfile.write(b'5\\r\\ndrip\\n\\r\\n')
                time.sleep(0.1)
        text = (sys.argv[1] + '\\n' + str(self.headers)).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def do_POST(self):
        left, seen = int(self.headers['Content-Length']), hashlib.sha256()
        while left > 0:
            piece = self.rfile.read(min(left, 1 << 16))
            seen.update(piece)
            left -= len(piece)
        text = seen.hexdigest().encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *unused):
        pass
http.server.ThreadingHTTPServer.handle_error = lambda *unused: None
http.server.ThreadingHTTPServer((sys.argv[2], int(sys.argv[3])), Web).serve_forever()
'''


def target(w, space, name, address, port):
    child = w.spawn(space, PYTHON, '-c', TARGET, name, address, port)
    wait_for(lambda: w.sh(space, f'ss -Hltn sport = :{port}'), 10, name)
    return child


def addresses(w, name):
    o = w.pic.json('service', 'show', name)
    return o['address4'], o['address6']


def curl(w, device, url, *options, name=None, at=None, check=True):
    """By a name of the service at an address, else at its own."""
    host = url.split('/')[2]
    at = at or addresses(w, name or host.split('.')[0])[0]
    at = f'[{at}]' if ':' in at else at
    done = w.sh(device.space, f'curl -sS --max-time 5 --cacert {w.tmp}/root.pem --resolve {host}:443:{at} --resolve {host}:80:{at} '
                              + ' '.join(options) + f" '{url}'", check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout if check else done


def shown(w, device, address, sni):
    """Whom the certificate that is shown is for; '' for none. Of several addresses all, side by side."""
    several = [f'[{a}]' if ':' in a else a for a in ([address] if isinstance(address, str) else address)]
    return w.sh(device.space, ''.join(f'(timeout 2 openssl s_client -connect {to}:443 {sni} </dev/null 2>/dev/null | openssl x509 -noout -ext '
                                      'subjectAltName 2>/dev/null | tail -1 || true)&\n' for to in several) + 'wait').strip()


def health(w, name):
    return {s['name']: s for s in state(w)['services']}[name]['state']


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        yield w


def test_by_grant_or_not_at_all(world):
    w = world
    w.pic('peer', 'add', 'nobody')
    anna, bert, carl = w.peer('anna'), w.peer('bert', '--access', 'peers,lan,internet'), w.peer('carl', '--access', 'peers,10.20.0.0/16,[fd20::]/48')
    trusted(w)
    w.spawn(w.cellns, 'socat', '-u', 'TCP6-LISTEN:22,fork,reuseaddr,ipv6only=0', 'OPEN:/dev/null')
    target(w, w.lan, 'the nas', '192.168.77.10', 8080)
    w.pic('service', 'add', 'nas', '--target', 'http://192.168.77.10:8080')
    w.pic('service', 'add', 'secret', '--target', 'http://192.168.77.10:8080')
    a4, a6 = addresses(w, 'nas')
    s4, s6 = addresses(w, 'secret')
    said = w.pic('peer', 'set', 'anna', '--access', 'service:nas', '--plan')
    assert 'anna gains service nas' in said, said
    w.pic('peer', 'set', 'anna', '--access', 'service:nas')

    # names, there and back
    assert anna.sh('dig +short @10.20.0.1 nas.home.internal A nas.home.internal AAAA').split() == [a4, a6]
    assert anna.sh(f'dig +short @10.20.0.1 -x {a4}; dig +short @10.20.0.1 -x {a6}').split() == ['nas.home.internal.'] * 2

    # with the grant, in both families; what is told of her
    for at in (a4, a6):
        heard = curl(w, anna, 'https://nas.home.internal/', "-H 'X-Pic-Peer: mallory' -H 'X-Pic-Front: x' -H 'X-Forwarded-For: 6.6.6.6'", '--http2', at=at)
        assert heard.startswith('the nas') and '6.6.6.6' not in heard and 'mallory' not in heard and 'x-pic-front' not in heard.lower()
        assert 'x-pic-peer: anna' in heard.lower() and f'x-forwarded-for: {anna.address6 if ":" in at else anna.address4}' in heard.lower()
    assert curl(w, anna, 'https://nas.home.internal/', "-o /dev/null -w '%{http_version}'") == '2'
    assert curl(w, anna, 'http://nas.home.internal/a?b=c', "-o /dev/null -w '%{http_code} %{redirect_url}'") == '301 https://nas.home.internal/a?b=c'

    # without it: nothing at all, whatever other rights there are; and of the machine behind the address nothing either
    for device in bert, carl:
        assert shown(w, device, (a4, a6, s4, s6), '-servername nas.home.internal') == '', device.name
        assert not any(device.probe([('tcp', a, port) for a in (a4, a6) for port in (80, 443, 22, 5443, 5480)])), device.name
    assert not any(anna.probe([('tcp', a, port) for a in (a4, a6) for port in (22, 5443, 5480)] + [('tcp', s4, 443), ('tcp', '10.20.0.1', 5443)]))
    assert not any(anna.probe([('tcp', a, port) for a in ('10.20.0.1', 'fd20::1') for port in (5443, 5480)]))

    # names of others at one's address, one's name at other addresses
    assert shown(w, anna, a4, '-servername nas.home.internal') == 'DNS:nas.home.internal' == shown(w, anna, a6, '-servername nas.home.internal')
    assert shown(w, anna, a4, '-noservername') == '' and shown(w, anna, a4, '-servername home.internal') == ''
    assert curl(w, anna, 'https://secret.home.internal/', at=a4, check=False).returncode != 0
    assert curl(w, anna, 'https://nas.home.internal/', "-H 'Host: secret.home.internal' -o /dev/null -w '%{http_code}'") == '421'
    assert 'nas' not in shown(w, anna, '10.20.0.1', '-servername nas.home.internal')
    assert curl(w, anna, 'https://home.internal/', '-k', "-H 'Host: nas.home.internal' -o /dev/null -w '%{http_code}'", at='10.20.0.1') == '421'

    # what pic says of it
    why = w.pic.json('why', 'anna', 'nas')
    assert why['allowed'] and why['rule'] == 'service:nas' and why['through'] == 'peer anna'
    assert not w.pic.json('why', 'bert', f'{a4}:tcp/443')['allowed'] and 'bert needs service:nas' in w.pic('why', 'bert', 'nas')
    assert not w.pic.json('why', 'carl', f'{a4}:22')['allowed'] and not w.pic.json('why', 'anna', f'{a4}:22')['allowed']
    refused = w.pic.run('service', 'remove', 'nas')
    assert refused.returncode == 1 and 'anna' in refused.stderr
    w.pic('service', 'set', 'nas', '--name', 'files')
    assert w.pic.json('peer', 'show', 'anna')['access'] == ['service:files']
    assert curl(w, anna, 'https://files.home.internal/').startswith('the nas')
    assert shown(w, anna, a4, '-servername nas.home.internal') == ''
    w.pic('undo')
    assert curl(w, anna, 'https://nas.home.internal/').startswith('the nas')
    assert not json.loads(w.pic.run('--json', 'drift').stdout)['foreign']
    w.pic('service', 'disable', 'nas')
    assert shown(w, anna, a4, '-servername nas.home.internal') == '' and 'turned off' in w.pic.run('why', 'anna', 'nas').stdout
    assert w.pic.run('peer', 'add', 'nas').returncode == 1 and w.pic.run('peer', 'add', 'x', '--address4', a4).returncode == 1


def test_what_is_carried_and_what_ends(world):
    w = world
    anna, bert = w.peer('anna', '--access', 'peers'), w.peer('bert')
    trusted(w)
    target(w, bert.space, 'berts web', '0.0.0.0', 8080)
    server = target(w, w.lan, 'the nas', '192.168.77.10', 8080)
    w.pic('service', 'add', 'nas', '--target', 'http://192.168.77.10:8080')
    w.pic('service', 'add', 'bertweb', '--target', 'http://bert:8080')
    w.pic('peer', 'set', 'anna', '--access', 'service:nas,service:bertweb')
    assert curl(w, anna, 'https://bertweb.home.internal/').startswith('berts web'), 'a device of the cell as a target'
    wait_for(lambda: health(w, 'nas') == 'up', 5, 'the nas is looked at')
    w.pic('connection', 'add', 'shut', '--type', 'block')
    w.pic('peer', 'set', 'anna', '--exit', 'shut')
    assert curl(w, anna, 'https://nas.home.internal/').startswith('the nas'), 'what is near takes no exit'
    w.pic('peer', 'set', 'anna', '--unset', 'exit')

    # a large body, and an upgrade
    w.sh(anna.space, f'head -c 104857600 /dev/urandom >{w.tmp}/big')
    sums = curl(w, anna, 'https://nas.home.internal/', f'--max-time 60 --data-binary @{w.tmp}/big'), w.sh(anna.space, f'sha256sum <{w.tmp}/big').split()[0]
    assert sums[0] == sums[1]
    ask = ('(printf "GET / HTTP/1.1\\r\\nHost: nas.home.internal\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n'
           'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n"; sleep 0.5; printf hello; sleep 0.5) | timeout 5 openssl s_client -quiet '
           f'-servername nas.home.internal -connect {addresses(w, "nas")[0]}:443 2>/dev/null')
    said = w.sh(anna.space, ask, check=False).stdout
    assert 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' in said and said.endswith('hello'), said

    # the right is taken: what is open ends, though the far side goes on
    drip = subprocess.Popen(['ip', 'netns', 'exec', anna.space, 'curl', '-sN', '--cacert', f'{w.tmp}/root.pem', '--max-time', '20', '--resolve',
                             f'nas.home.internal:443:{addresses(w, "nas")[0]}', 'https://nas.home.internal/drip', '-o', f'{w.tmp}/drip'])
    size = lambda: os.path.getsize(w.tmp / 'drip') if (w.tmp / 'drip').exists() else 0
    wait_for(size, 5, 'drips')
    w.pic('peer', 'set', 'anna', '--access', 'service:bertweb')
    time.sleep(0.5)
    had = size()
    time.sleep(1.5)
    assert size() == had, 'nothing comes any more'
    drip.kill()
    drip.wait()
    gone = wait_for(lambda: not w.sh(w.cellns, f'ss -Htn state established sport = :5443 dst {anna.address4}'), 5, 'the front hung up')
    assert gone
    w.pic('undo')
    assert curl(w, anna, 'https://nas.home.internal/').startswith('the nas')

    # the target is away
    server.terminate()
    server.wait(5)
    wait_for(lambda: health(w, 'nas') == 'down', 15, 'seen')
    done = curl(w, anna, 'https://nas.home.internal/', "-w '%{http_code}'")
    assert 'nas' in done and 'does not answer' in done and done.endswith('503')
    assert any('service nas' in f['what'] for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'])
    assert 'down' in w.pic('service', 'list') and 'does NOT answer' in w.pic.run('front', 'status').stdout
    assert curl(w, anna, 'https://bertweb.home.internal/').startswith('berts web'), 'and nobody answers in its place'
    target(w, w.lan, 'the nas', '192.168.77.10', 8080)
    wait_for(lambda: curl(w, anna, 'https://nas.home.internal/').startswith('the nas'), 10, 'it is back')


def test_killed_and_exchanged(world):
    w = world
    anna = w.peer('anna')
    trusted(w)
    target(w, w.cellns, 'this machine', '127.0.0.1', 8096)
    w.pic('service', 'add', 'tv', '--target', 'http://127.0.0.1:8096')
    w.pic('peer', 'set', 'anna', '--access', 'service:tv')
    assert curl(w, anna, 'https://tv.home.internal/').startswith('this machine')

    # haproxy, then the agent
    pid = haproxy(w)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: haproxy(w) not in (pid, None) and curl(w, anna, 'https://tv.home.internal/', check=False).stdout.startswith('this'), 10, 'another one')
    pid = haproxy(w)
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    assert curl(w, anna, 'https://tv.home.internal/').startswith('this machine'), 'without an agent as well'
    w.start()
    assert haproxy(w) == pid and curl(w, anna, 'https://tv.home.internal/').startswith('this machine')
    assert not json.loads(w.pic.run('--json', 'drift').stdout)['foreign']

    # what somebody took out is put back
    w.sh(w.cellns, f'printf "del map servers.map tv\\n" | socat - UNIX-CONNECT:{w.tmp}/cell/run/haproxy/sock')
    assert not json.loads(w.pic.run('--json', 'drift', '--repair').stdout)['foreign']
    assert curl(w, anna, 'https://tv.home.internal/').startswith('this machine')

    # another root, another target, other services, while somebody asks all the time
    at = addresses(w, 'tv')[0]
    serial = f'openssl s_client -servername tv.home.internal -connect {at}:443 </dev/null 2>/dev/null | openssl x509 -noout -serial -issuer'
    before = anna.sh(serial)
    load = subprocess.Popen(['ip', 'netns', 'exec', anna.space, 'sh', '-c',
                             f'while [ ! -e {w.tmp}/enough ]; do curl -s -o /dev/null -w "%{{http_code}}\\n" --max-time 5 --cacert {w.tmp}/root.pem '
                             f'--resolve tv.home.internal:443:{at} https://tv.home.internal/ || echo bad; done'], stdout=subprocess.PIPE, text=True)
    time.sleep(0.3)
    w.pic('cert', 'root', '--rotate')
    wait_for(lambda: anna.sh(serial) != before, 5, 'another certificate')
    target(w, w.cellns, 'another port', '127.0.0.1', 8097)
    w.pic('service', 'set', 'tv', '--target', 'http://127.0.0.1:8097')
    for i in range(3):
        w.pic('service', 'add', f'more{i}', '--target', 'http://127.0.0.1:8097')
    assert curl(w, anna, 'https://tv.home.internal/').startswith('another port')
    (w.tmp / 'enough').touch()
    answers = load.communicate(timeout=20)[0].split()
    assert len(answers) > 5 and set(answers) == {'200'}, set(answers)
    w.pic('cell', 'set', '--front', 'no')
    assert curl(w, anna, 'https://tv.home.internal/', check=False).returncode != 0 and 'front, which is turned off' in w.pic.run('why', 'anna', 'tv').stdout
    w.pic('undo')
    assert curl(w, anna, 'https://tv.home.internal/').startswith('another port')
