"""HTTPS in front of the page: by name and address, in both families; who is no device gets no TLS; haproxy killed, the agent killed,
certificates exchanged under load, a port that somebody else has."""
import json
import os
import signal
import subprocess
import time

import pytest
from conftest import BIN, needs_root
from world import PYTHON, World, wait_for

pytestmark = needs_root
CELL = '10.20.0.1', 'fd20::1'
NAMES = '--resolve home.internal:443:10.20.0.1 --resolve home.internal:80:10.20.0.1 --resolve cell.home.internal:443:[fd20::1]'


def state(w):
    """Whether it is good or not."""
    return json.loads(w.pic.run('--json', 'front', 'status').stdout)


def haproxy(w):
    """Of this cell, which its pid file names."""
    path = w.tmp / 'cell/run/haproxy/haproxy.pid'
    return int(path.read_text().split()[0]) if path.exists() else None


def page(w):
    w.spawn(w.cellns, BIN / 'pic-http', '--dir', w.pic.dir, stdout=open(w.tmp / 'http.out', 'w'), stderr=subprocess.STDOUT)
    wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :3000'), 10, 'pic-http')


def curl(w, device, what, check=True):
    done = w.sh(device.space, f'curl -sS --max-time 5 --cacert {w.tmp}/root.pem {NAMES} {what}', check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout if check else done


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        yield w


def trusted(w):
    (w.tmp / 'root.pem').write_text(w.pic('cert', 'root', '--pem'))
    wait_for(lambda: state(w)['serving'] and state(w)['not_after'], 15, 'the front')
    page(w)


def test_devices_reach_the_page(world):
    w = world
    anna = w.peer('anna')
    trusted(w)
    assert '"status":"ok"' in curl(w, anna, '--http2 https://home.internal/health')
    assert [curl(w, anna, f"-o /dev/null -w '%{{http_version}} %{{http_code}}' {url}") for url in (
        'https://cell.home.internal/health', 'https://10.20.0.1/health', "'https://[fd20::1]/health'")] == ['2 200'] * 3
    assert curl(w, anna, "-o /dev/null -w '%{http_code} %{redirect_url}' 'http://home.internal/peers?q=1'") == '301 https://home.internal/peers?q=1'
    assert 'BEGIN CERTIFICATE' in curl(w, anna, 'http://home.internal/api/ca.pem') and '<h1>' in curl(w, anna, 'http://home.internal/trust')
    assert curl(w, anna, "-o /dev/null -w '%{http_code}' -H 'Host: evil.example' https://home.internal/health") == '421'
    head = curl(w, anna, '-D - -o /dev/null https://home.internal/')
    assert 'strict-transport-security' not in head.lower(), 'a name that is the same in every such cell'
    w.pic('domain', 'add', 'cell.example.org', '--mode', 'http01')
    head = lambda name: curl(w, anna, f"-D - -o /dev/null -k --resolve {name}:443:10.20.0.1 https://{name}/").lower()
    assert 'strict-transport-security: max-age=31536000' in head('cell.example.org') and 'strict-transport-security' not in head('home.internal')
    w.pic('domain', 'remove', 'cell.example.org')
    said = anna.sh('openssl s_client -connect 10.20.0.1:443 -tls1_1 </dev/null 2>&1 || true')
    assert 'Cipher is (NONE)' in said or 'alert' in said, said
    t = w.pic.json('front', 'status')
    assert t['url'] == 'https://home.internal/' and t['addresses'] == list(CELL) and t['handshakes'] > 0 and t['trouble'] is None

    # a person logs in: the cookie is for HTTPS alone, a page of another server has no say
    setup = w.pic('setup').split()
    w.pic('user', 'add', 'owner', '--role', 'admin', '--password-file', '-', stdin='a good long password\n')
    login = ("-D - -H 'Content-Type: application/json' -H 'Origin: %s' -d '{\"username\":\"owner\",\"password\":\"a good long password\"}' "
             'https://home.internal/api/auth/login')
    assert setup and 'Secure' in curl(w, anna, login % 'https://home.internal')
    assert ' 403' in curl(w, anna, login % 'https://evil.example') and ' 403' in curl(w, anna, login % 'http://home.internal')


def test_who_is_no_device_gets_no_tls(world):
    w = world
    anna, bert = w.peer('anna'), w.peer('bert')
    trusted(w)
    w.sh(w.lan, 'ip route add 10.20.0.0/16 via 192.168.77.1; ip -6 route add fd20::/48 via fd77::1')
    ask = 'timeout 2 openssl s_client -connect %s:443 </dev/null 2>/dev/null | grep -c "BEGIN CERT" || true'
    assert anna.sh(ask % '10.20.0.1').strip() == '1' and anna.sh(ask % '[fd20::1]').strip() == '1'
    for space, addresses in (w.lan, (*CELL, '192.168.77.1', 'fd77::1')), (w.inet, ('203.0.113.1', '2001:db8:1::1')):
        for a in addresses:
            assert w.sh(space, ask % (f'[{a}]' if ':' in a else a)).strip() == '0', a
            assert w.sh(space, f"curl -s --max-time 1 'http://{f'[{a}]' if ':' in a else a}/trust' || true") == '', a
    w.pic('peer', 'set', 'bert', '--enabled', 'no')
    assert bert.sh(ask % '10.20.0.1').strip() == '0' and anna.sh(ask % '10.20.0.1').strip() == '1'
    # also where the firewall is away for a moment: only who is known as a device
    assert curl(w, anna, "-o /dev/null -w '%{http_code}' https://home.internal/health") == '200'
    w.sh(w.cellns, f'printf "del map peers.map {anna.address4}\\n" | socat - UNIX-CONNECT:{w.tmp}/cell/run/haproxy/sock')
    assert anna.sh(ask % '10.20.0.1').strip() == '0'
    assert not json.loads(w.pic.run('--json', 'drift', '--repair').stdout)['foreign']
    assert anna.sh(ask % '10.20.0.1').strip() == '1', 'what somebody took out is seen, and put back'


ECHO = '''
import http.server
class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        text = str(self.headers).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *unused):
        pass
http.server.ThreadingHTTPServer(('127.0.0.1', 3000), Echo).serve_forever()
'''


def test_who_asks_is_told_by_the_front_alone(world):
    w = world
    anna = w.peer('anna')
    (w.tmp / 'root.pem').write_text(w.pic('cert', 'root', '--pem'))
    wait_for(lambda: state(w)['not_after'], 15, 'the front')
    w.spawn(w.cellns, PYTHON, '-c', ECHO)
    wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :3000'), 10, 'the echo')
    lies = ' '.join(f"-H '{name}: 6.6.6.6'" for name in ('X-PIC-Front', 'x-pic-front', 'x-pic-client', 'X-PIC-PEER', 'X-Pic-Proto', 'X-Forwarded-For',
                                                        'Forwarded', 'X-Real-IP', 'X-Forwarded-Host'))

    def heard(url):
        """What is told of who asks, by one header alone, and what a liar got through."""
        lines = [line.split(': ', 1) for line in curl(w, anna, f'{lies} {url}').splitlines() if ': ' in line]
        told = [value for name, value in lines if name.lower() == 'x-pic-front']
        assert len(told) == 1 and not [line for line in lines if line[1] == '6.6.6.6']
        return told[0].split(' ')
    secret = (w.tmp / 'cell/run/front').read_text()
    assert heard('https://home.internal/') == [secret, 'https', anna.address4, 'anna']
    assert heard("'https://[fd20::1]/'") == [secret, 'https', anna.address6, 'anna']
    assert heard('http://home.internal/trust') == [secret, 'http', anna.address4, 'anna']
    w.pic('peer', 'set', 'anna', '--name', 'annas-phone')
    assert heard('https://home.internal/')[3] == 'annas-phone'

    pid = haproxy(w)
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    assert heard('https://home.internal/')[0] == secret, 'without an agent as well'
    w.start()
    now = wait_for(lambda: heard('https://home.internal/')[0] != secret and heard('https://home.internal/'), 5, 'the new secret')
    assert (w.tmp / 'cell/run/front.former').read_text() == secret, 'a connection that stays has it'
    assert now == [(w.tmp / 'cell/run/front').read_text(), 'https', anna.address4, 'annas-phone'] and haproxy(w) == pid, 'the same one goes on'


FLOOD = """
import socket, ssl, sys, time
def word(text): return bytes([len(text)]) + text
def frame(kind, flags, stream, text): return len(text).to_bytes(3, 'big') + bytes([kind, flags]) + stream.to_bytes(4, 'big') + text
fields = {b':method': b'POST', b':scheme': b'https', b':path': b'/api/auth/login', b':authority': b'home.internal', b'content-length': b'1000',
          b'content-type': b'application/json', b'origin': b'https://home.internal'}
head = b''.join(bytes(1) + word(k) + word(v) for k, v in fields.items())
context = ssl.create_default_context(cafile=sys.argv[1])
context.set_alpn_protocols(['h2'])
held = []
for _ in range(5):
    c = context.wrap_socket(socket.create_connection(('10.20.0.1', 443), 5), server_hostname='home.internal')
    c.sendall(b'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n' + frame(4, 0, 0, b'') + b''.join(frame(1, 4, s, head) + frame(0, 0, s, b'{') for s in range(1, 180, 2)))
    held.append(c)
context.set_alpn_protocols(['http/1.1'])
single = []
for _ in range(100):
    try:
        c = context.wrap_socket(socket.create_connection(('10.20.0.1', 443), 5), server_hostname='home.internal')
        c.sendall(b'POST /api/auth/login HTTP/1.1\\r\\nHost: home.internal\\r\\nContent-Length: 1000\\r\\n\\r\\n{')
        c.settimeout(2)
        single.append(c)
    except OSError:
        pass
def answer(c):
    try:
        return c.recv(12)
    except OSError:
        return b''
print('refused', sum(answer(c) == b'HTTP/1.1 429' for c in single), flush=True)
time.sleep(20)
"""


def test_one_device_leaves_room_for_others(world):
    """450 requests that never end, over five connections; and a hundred with one request each, which get no place besides."""
    w = world
    anna, bert = w.peer('anna'), w.peer('bert')
    trusted(w)
    flood = w.spawn(anna.space, PYTHON, '-c', FLOOD, w.tmp / 'root.pem', stdout=subprocess.PIPE, text=True)
    assert flood.stdout.readline() == 'refused 100\n'
    began = time.monotonic()
    assert [curl(w, bert, "-o /dev/null -w '%{http_code}' https://home.internal/health", check=False).stdout for _ in range(5)] == ['200'] * 5
    assert time.monotonic() - began < 3


def test_killed_and_exchanged(world):
    w = world
    anna = w.peer('anna')
    trusted(w)
    status = '-o /dev/null -w "%{http_code}" https://home.internal/health'
    pid = haproxy(w)
    assert w.sh(w.cellns, f"grep -c -E '^(Uid|Gid):\t61120\t61120\t61120\t61120|^Cap(Prm|Eff|Amb):\t0*$' /proc/{pid}/status").strip() == '5'
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: haproxy(w) not in (pid, None) and curl(w, anna, status, check=False).stdout == '200', 10, 'another one')

    # another root: the page's certificate is another one at once, and nobody who asks meanwhile notices
    serial = 'openssl s_client -connect 10.20.0.1:443 </dev/null 2>/dev/null | openssl x509 -noout -serial -issuer'
    before = anna.sh(serial)
    load = subprocess.Popen(['ip', 'netns', 'exec', anna.space, 'sh', '-c',
                             f'i=0; while [ ! -e {w.tmp}/enough ]; do curl -s --max-time 5 --cacert {w.tmp}/root.pem {NAMES} {status} || echo " bad"; echo; done'],
                            stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    w.pic('cert', 'root', '--rotate')
    wait_for(lambda: anna.sh(serial) != before, 5, 'another certificate')
    time.sleep(0.5)
    (w.tmp / 'enough').touch()
    answers = load.communicate(timeout=20)[0].split('\n')[:-1]
    assert len(answers) > 5 and set(answers) == {'200'}, set(answers)

    w.pic('cell', 'set', '--front', 'no')
    assert curl(w, anna, status, check=False).returncode != 0 and haproxy(w) is None and not state(w)['serving']
    w.pic('undo')
    assert curl(w, anna, status) == '200'
    w.pic('down')
    assert w.sh(w.cellns, 'ss -Hltn sport = :443') == ''


def test_a_port_of_somebody_else(tmp_path):
    """He was here first: devices and rules go on, and it is said."""
    with World(tmp_path) as w:
        w.scene()
        w.spawn(w.cellns, 'socat', '-u', 'TCP4-LISTEN:443,fork,reuseaddr', 'OPEN:/dev/null')
        wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :443'), 5, 'somebody')
        w.start()
        w.pic('peer', 'add', 'anna')
        t = state(w)
        assert not t['serving'] and 'port is taken' in t['trouble'] and 'ss -ltnp' in t['hint']
        assert any('port is taken' in f['what'] for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'])
