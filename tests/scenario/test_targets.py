"""Backups that are made by themselves: real servers for SFTP (sshd), WebDAV (rclone) and S3 (s3rver), and one that lies; schedule, retention, kill -9, two at once.

S3 needs npm's s3rver: its folder in $PIC_S3RVER, or in /usr/lib/node_modules or tests/web/node_modules."""
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest
from conftest import BIN, Pic, needs_root

TOP = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = 'correct staple of May'
S3RVER = next((p for p in (os.environ.get('PIC_S3RVER', ''), '/usr/lib/node_modules/s3rver', str(TOP / 'tests/web/node_modules/s3rver')) if p and os.path.isdir(p)), None)


def port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_port(number, process):
    for _ in range(100):
        assert process.poll() is None
        with socket.socket() as s:
            if s.connect_ex(('127.0.0.1', number)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError('nobody listens')


@pytest.fixture
def serve(tmp_path):
    """Programs that are ended by their number."""
    all_ = []

    def start(argv, number):
        p = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(tmp_path / 'server.log', 'ab'))
        all_.append(p)
        wait_port(number, p)
        return p
    yield start
    for p in all_:
        p.kill()
        p.wait()


@pytest.fixture
def key(tmp_path):
    subprocess.run([BIN / 'pic', 'age', 'keygen', '-o', tmp_path / 'id'], check=True, capture_output=True)
    return subprocess.run([BIN / 'pic', 'age', 'keygen', '-y', tmp_path / 'id'], check=True, capture_output=True, text=True).stdout.strip()


def keep(pic, order, check=True, **more):
    """The agent's hands, told what to do by us."""
    cell = pic.json('cell', 'show')
    text = json.dumps({'op': 'run', 'dir': str(pic.dir), 'public_key': cell['public_key'], 'plain': True, 'patience': 2, **order, **more})
    done = subprocess.run([BIN / 'pic-keep'], input=text, capture_output=True, text=True, timeout=60)
    told = json.loads(done.stderr.splitlines()[-1])
    assert told['ok'] == (done.returncode == 0) and (told['ok'] or not check), done.stderr
    return told


def cycle(pic, order, names):
    """Three backups, of which two stay; what is there opens and is listed."""
    (a, b, c) = [keep(pic, order, keep={'last': 2}) for _ in range(3)]
    assert a['name'] < b['name'] < c['name'] and c['removed'] == [a['name']] and {h['name'] for h in c['held']} == {b['name'], c['name']} == set(names())
    assert {h['size'] for h in c['held']} == {b['size'], c['size']} and not a['removed'] and not b['removed']
    assert {h['name'] for h in keep(pic, order, op='list')['held']} == {b['name'], c['name']}
    known = [{'name': c['name'], 'sha256': c['sha256'], 'state': 1}]
    told = keep(pic, order, op='verify', known=known)
    assert told['name'] == c['name'] and told['looked'] == 'content' and told['members'] >= 2 and told['sha256'] == c['sha256']
    assert 'not what was sent' in keep(pic, order, check=False, op='verify', known=[{**known[0], 'sha256': '0' * 64}])['message']
    assert keep(pic, order, check=False, op='verify', name='x')['ok'] is False
    return c


def test_two_hands_at_one_place(pic, tmp_path):
    """Two programs of the same cell at once, which know nothing of each other (a twin that was restored elsewhere; one agent makes one at a time): both are made
    (test_targets_twins.py: at servers, and what the killed leave)."""
    (pathlib.Path(pic.dir) / 'exits').mkdir(exist_ok=True)
    for i in range(4):  # so that they meet
        (pathlib.Path(pic.dir) / f'exits/{i}').write_bytes(os.urandom(1 << 20) * 7)
    order = {'op': 'run', 'dir': str(pic.dir), 'public_key': pic.json('cell', 'show')['public_key'], 'plain': True, 'url': str(tmp_path / 'd')}
    hands = [subprocess.Popen([BIN / 'pic-keep'], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for h in hands:
        h.stdin.write(json.dumps(order))
        h.stdin.close()
    told = [json.loads(h.stderr.read().splitlines()[-1]) for h in hands]
    assert [h.wait(60) == 0 for h in hands] == [t['ok'] for t in told] == [True, True], told
    shutil.rmtree(pathlib.Path(pic.dir) / 'exits')
    told.append(keep(pic, order))
    assert {t['name'] for t in told if t['ok']} == set(os.listdir(tmp_path / 'd'))
    for name in os.listdir(tmp_path / 'd'):
        pic('backup', 'verify', tmp_path / 'd' / name)


def fetch_opens(pic, order, tmp_path):
    cell = pic.json('cell', 'show')
    text = json.dumps({'op': 'fetch', 'dir': str(pic.dir), 'public_key': cell['public_key'], 'plain': True, **order})
    with open(tmp_path / 'got', 'wb') as out:
        subprocess.run([BIN / 'pic-keep'], input=text.encode(), stdout=out, stderr=subprocess.DEVNULL, timeout=30, check=True)
    pic('backup', 'verify', tmp_path / 'got')


@needs_root
@pytest.mark.skipif(not os.path.exists('/usr/sbin/sshd'), reason='needs sshd')
def test_sftp(pic, serve, tmp_path):
    number = port()
    for name in ('host', 'id', 'other'):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', tmp_path / name], check=True)
    (tmp_path / 'conf').write_text(f'Port {number}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/id.pub\nPidFile none\n'
                                   'Subsystem sftp internal-sftp\nStrictModes no\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\n')
    os.makedirs('/run/sshd', exist_ok=True)
    serve(['/usr/sbin/sshd', '-D', '-e', '-f', tmp_path / 'conf'], number)
    host = ' '.join((tmp_path / 'host.pub').read_text().split()[:2])
    order = {'url': f'sftp://127.0.0.1:{number}{tmp_path}/far/deep', 'user': 'root', 'host_key': host, 'key': (tmp_path / 'id').read_text()}
    cycle(pic, order, lambda: os.listdir(tmp_path / 'far/deep'))
    assert all(os.stat(tmp_path / 'far/deep' / n).st_mode & 0o777 == 0o600 for n in os.listdir(tmp_path / 'far/deep'))
    fetch_opens(pic, order, tmp_path)
    other = ' '.join((tmp_path / 'other.pub').read_text().split()[:2])
    assert 'not who it should be' in keep(pic, {**order, 'host_key': other}, check=False)['message']
    assert 'does not let us in' in keep(pic, {**order, 'key': (tmp_path / 'other').read_text()}, check=False)['message']
    # what another left half done, of ours and not of ours
    name = os.listdir(tmp_path / 'far/deep')[0]
    for left in (f'{name}.part', 'somebody.part', name.replace(name.split('-')[1], '01234567')):
        (tmp_path / 'far/deep' / left).write_text('half')
        os.utime(tmp_path / 'far/deep' / left, (0, time.time() - 49 * 3600))
    keep(pic, order)
    left = os.listdir(tmp_path / 'far/deep')
    assert f'{name}.part' not in left and 'somebody.part' in left and name.replace(name.split('-')[1], '01234567') in left


@pytest.mark.skipif(not shutil.which('rclone'), reason='needs rclone (apt-get install rclone)')
def test_webdav(pic, serve, tmp_path):
    number = port()
    (tmp_path / 'dav').mkdir()
    serve(['rclone', 'serve', 'webdav', tmp_path / 'dav', '--addr', f'127.0.0.1:{number}', '--user', 'u', '--pass', 'p'], number)
    order = {'url': f'http://127.0.0.1:{number}/a/b', 'user': 'u', 'password': 'p'}
    cycle(pic, order, lambda: os.listdir(tmp_path / 'dav/a/b'))
    fetch_opens(pic, order, tmp_path)
    assert 'answers 401' in keep(pic, {**order, 'password': 'x'}, check=False)['message']


@pytest.mark.skipif(not shutil.which('rclone'), reason='needs rclone (apt-get install rclone)')
def test_tls(pic, serve, tmp_path):
    """A server with a CA of the house, one that vouches for itself and is known by its key, and one that is another: to which nothing is said."""
    def certificate(name):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', f'/CN={name}', '-keyout', tmp_path / f'{name}.key',
                        '-out', tmp_path / f'{name}.pem', '-addext', 'subjectAltName=IP:127.0.0.1' if name == 'nas' else 'subjectAltName=DNS:elsewhere'], check=True, capture_output=True)
        der = subprocess.run(f"openssl x509 -in '{tmp_path}/{name}.pem' -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64", shell=True, check=True,
                             capture_output=True, text=True)
        return f'sha256//{der.stdout.strip()}'
    pins = {name: certificate(name) for name in ('nas', 'odd')}
    for name in ('nas', 'odd'):  # the second one is for another name
        number = port()
        (tmp_path / f'dav-{name}').mkdir()
        serve(['rclone', 'serve', 'webdav', tmp_path / f'dav-{name}', '--addr', f'127.0.0.1:{number}', '--user', 'u', '--pass', 'p', '--cert', tmp_path / f'{name}.pem', '--key', tmp_path / f'{name}.key',
               '-vv', '--log-file', tmp_path / f'{name}.log'], number)
        order = {'url': f'https://127.0.0.1:{number}/b', 'user': 'u', 'password': 'p'}
        told = keep(pic, order, check=False)
        assert 'not who it should be' in told['message'] and f'--ca {pins[name]}' in told['hint']
        told = keep(pic, {**order, 'ca': pins['odd' if name == 'nas' else 'nas']}, check=False)
        assert 'not who it should be' in told['message'] and f'--ca {pins[name]}' in told['hint']
        assert not any(word in (tmp_path / f'{name}.log').read_text() for word in ('PROPFIND', 'PUT', 'MKCOL')), 'something was said'
        if name == 'nas':
            keep(pic, {**order, 'ca': str(tmp_path / 'nas.pem')})
        else:
            assert 'not who it should be' in keep(pic, {**order, 'ca': str(tmp_path / 'odd.pem')}, check=False)['message']
        keep(pic, {**order, 'ca': pins[name]})
        assert os.listdir(tmp_path / f'dav-{name}/b')


@needs_root
@pytest.mark.skipif(not os.path.exists('/usr/sbin/sshd'), reason='needs sshd')
def test_sftp_with_a_password(pic, serve, tmp_path):
    """As a NAS has it; sshd sees a shadow file of its own."""
    number = port()
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', tmp_path / 'host'], check=True)
    hashed = subprocess.run(['openssl', 'passwd', '-6', 'a good password'], check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / 'shadow').write_text(f'root:{hashed}:19000:0:99999:7:::\n')
    (tmp_path / 'conf').write_text(f'Port {number}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\nSubsystem sftp internal-sftp\nStrictModes no\n'
                                   'PasswordAuthentication yes\nPubkeyAuthentication no\nUsePAM no\nPermitRootLogin yes\n')
    os.makedirs('/run/sshd', exist_ok=True)
    serve(['unshare', '-m', 'sh', '-c', f'mount --bind {tmp_path}/shadow /etc/shadow && exec /usr/sbin/sshd -D -e -f {tmp_path}/conf'], number)
    host = ' '.join((tmp_path / 'host.pub').read_text().split()[:2])
    order = {'url': f'sftp://127.0.0.1:{number}{tmp_path}/far', 'user': 'root', 'host_key': host, 'password': 'a good password'}
    made = keep(pic, order)
    assert os.listdir(tmp_path / 'far') == [made['name']]
    assert 'does not let us in' in keep(pic, {**order, 'password': 'another'}, check=False)['message']


@pytest.mark.slow  # its server is npm's; the one below checks signatures, which that one does not
@pytest.mark.skipif(S3RVER is None or not shutil.which('node'), reason='needs s3rver (npm install s3rver) and node')
def test_s3(pic, serve, tmp_path):
    number = port()
    (tmp_path / 'run.js').write_text(f"new (require('{S3RVER}'))({{port:{number},address:'127.0.0.1',silent:true,directory:'{tmp_path}/s3',configureBuckets:[{{name:'bucket'}}]}}).run(()=>0)")
    serve(['node', tmp_path / 'run.js'], number)
    order = {'url': 's3://bucket/folder', 'endpoint': f'http://127.0.0.1:{number}', 'user': 'S3RVER', 'password': 'S3RVER'}
    cycle(pic, order, lambda: {n.split('._')[0] for n in os.listdir(tmp_path / 's3/bucket/folder')})
    fetch_opens(pic, order, tmp_path)
    # more than one part
    (pathlib.Path(pic.dir) / 'exits').mkdir(exist_ok=True)
    for i in range(5):
        (pathlib.Path(pic.dir) / f'exits/{i}').write_bytes(os.urandom(7 << 20))
    told = keep(pic, order)
    assert told['size'] > 2 * 16 << 20 and keep(pic, order, op='verify', name=told['name'])['size'] == told['size']
    shutil.rmtree(pathlib.Path(pic.dir) / 'exits')


# --- a server that lies ------------------------------------------------------------------------------------------------

class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    lie, files = None, {}

    def log_message(self, *args):
        pass

    def answer(self, status, body=b'', length=None):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get('Transfer-Encoding') == 'chunked':
            out = b''
            while (n := int(self.rfile.readline(), 16)) > 0:
                out += self.rfile.read(n)
                self.rfile.readline()
            self.rfile.readline()
            return out
        return self.rfile.read(int(self.headers.get('Content-Length', 0)))

    def do_PROPFIND(self):
        self.body()
        if self.lie == 'no xml':
            return self.answer(207, b'<!DOCTYPE x><a')
        rows = ''.join(f'<D:response><D:href>{n}</D:href><D:getcontentlength>{len(b)}</D:getcontentlength></D:response>' for n, b in self.files.items())
        if self.lie == 'hostile names':
            rows += ''.join(f'<D:response><D:href>/b/{n}</D:href></D:response>' for n in ('../../x', '%2e%2e%2fx', 'a%00b', '&#10;', 'x' * 3000, '..'))
        self.answer(207, f'<D:multistatus xmlns:D="DAV:">{rows}</D:multistatus>'.encode())

    def do_PUT(self):
        if self.lie == 'cut on the way':  # the network goes in the middle of it
            self.rfile.read(700)
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            return self.connection.close()
        if self.lie == 'hang up':
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        body = self.body()
        if self.lie in ('500', '507'):
            return self.answer(int(self.lie))
        self.files[self.path] = {'short': body[:-7], 'flip': body[:50] + bytes([body[50] ^ 1]) + body[51:], 'nothing': b''}.get(self.lie, body)
        self.answer(201)

    def do_GET(self):
        body = self.files.get(self.path)
        if body is None:
            return self.answer(404)
        if self.lie == 'slow':
            self.answer(200, body[:10], len(body))
            return time.sleep(4)
        if self.lie == 'cut':
            self.answer(200, body[:100], len(body))
            self.close_connection = True
            return None
        if self.lie == 'no end':
            return self.answer(200, body + b'x' * 1000)
        return self.answer(200, body)

    def do_MOVE(self):
        if self.lie == 'no move':
            return self.answer(502)
        body = self.files.pop(self.path)
        if self.lie != 'lost':
            self.files['/' + self.headers['Destination'].split('/', 3)[3]] = body
        return self.answer(201)

    def do_DELETE(self):
        if self.lie == 'no delete':
            return self.answer(500)
        return self.answer(204 if self.files.pop(self.path, None) is not None else 404)


@pytest.fixture
def liar():
    Liar.files, Liar.lie = {}, None
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Liar)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {'url': f'http://127.0.0.1:{server.server_port}/b'}
    server.shutdown()
    server.server_close()


def test_a_server_that_lies(pic, liar):
    good = keep(pic, liar, keep={'last': 1})
    whole = dict(Liar.files)
    for lie, words in (('short', 'read back is not what was sent'), ('flip', 'read back is not what was sent'), ('nothing', 'read back is not'), ('no end', 'read back is not'),
                       ('500', 'answers 500'), ('507', 'answers 507'), ('slow', 'silent, or too slow'), ('cut', 'ended too early'), ('hang up', ''), ('cut on the way', ''), ('no move', 'answers 502'),
                       ('lost', 'there is no backup'), ('no xml', 'cannot be read')):
        Liar.lie = lie
        told = keep(pic, liar, check=False, keep={'last': 1}, known=[{'name': good['name'], 'state': 1}])
        assert not told['ok'] and words in told['message'], (lie, told)
        Liar.lie = None
        # nothing but the good one counts, and it is still there
        assert {n: b for n, b in Liar.files.items() if not n.endswith('.part')} == whole, lie
    Liar.lie = 'hostile names'
    assert [h['name'] for h in keep(pic, liar, op='list')['held']] == [good['name']]
    Liar.lie = 'no delete'
    told = keep(pic, liar, keep={'last': 1}, known=[{'name': good['name'], 'state': 1}])
    assert 'answers 500' in told['warning'] and len(told['held']) == 2
    Liar.lie = None
    assert keep(pic, liar, keep={'last': 1})['removed'] and not [n for n in Liar.files if n.endswith('.part')]


class Bucket(http.server.BaseHTTPRequestHandler):
    """A bucket that looks at signatures as Amazon's documentation has them (s3rver does not), and at the hash of what it is sent."""
    protocol_version = 'HTTP/1.1'
    files = {}

    def log_message(self, *args):
        pass

    def right(self, body):
        auth = dict(part.strip().split('=', 1) for part in self.headers['Authorization'].split(' ', 1)[1].split(','))
        key, day, region, service, end = auth['Credential'].split('/')
        path, _, query = self.path.partition('?')
        hashed = self.headers['x-amz-content-sha256']
        signed = auth['SignedHeaders'].split(';')
        text = '\n'.join([self.command, path, '&'.join(sorted(query.split('&'))), *(f'{h}:{self.headers[h].strip()}' for h in signed), '', ';'.join(signed), hashed])
        to_sign = '\n'.join(['AWS4-HMAC-SHA256', self.headers['x-amz-date'], f'{day}/{region}/{service}/{end}', hashlib.sha256(text.encode()).hexdigest()])
        secret = b'AWS4' + b'very secret'
        for part in (day, region, service, end):
            secret = hmac.new(secret, part.encode(), 'sha256').digest()
        return (key, region, service) == ('id', 'eu-1', 's3') and hmac.new(secret, to_sign.encode(), 'sha256').hexdigest() == auth['Signature'] \
            and hashed == hashlib.sha256(body).hexdigest() and {'host', 'x-amz-content-sha256', 'x-amz-date'} <= set(signed)

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        path, _, query = self.path.partition('?')
        out, status = b'', 200
        if not self.right(body):
            status = 403
        elif self.command == 'PUT':
            self.files[path] = body
        elif self.command == 'DELETE':
            status = 204 if self.files.pop(path, None) is not None else 404
        elif query.startswith('list-type'):
            out = ('<R>' + ''.join(f'<Contents><Key>{n.split("/", 2)[2]}</Key><Size>{len(b)}</Size></Contents>' for n, b in self.files.items()) + '</R>').encode()
        elif query:
            out = b'<R/>'
        else:
            out, status = (self.files[path], 200) if path in self.files else (b'', 404)
        self.send_response(status)
        self.send_header('Content-Length', str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    do_GET = do_PUT = do_DELETE = handle_one


def test_signatures(pic):
    Bucket.files = {}
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Bucket)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    order = {'url': 's3://bucket/a/b~c', 'endpoint': f'http://127.0.0.1:{server.server_port}', 'user': 'id', 'password': 'very secret', 'region': 'eu-1'}
    cycle(pic, order, lambda: [n.rsplit('/', 1)[1] for n in Bucket.files])
    assert all(n.startswith('/bucket/a/b~c/home-') for n in Bucket.files)
    assert 'answers 403' in keep(pic, {**order, 'password': 'x'}, check=False)['message']
    server.shutdown()
    server.server_close()


# --- the agent ---------------------------------------------------------------------------------------------------------

def until(what, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (got := what()):
            return got
        time.sleep(0.1)
    raise AssertionError('not in time')


def target(pic, name='disk'):
    return next(t for t in json.loads(pic.run('--json', 'backup', 'status').stdout)['targets'] if t['name'] == name)


@pytest.fixture
def agent(pic):
    process = subprocess.Popen([BIN / 'picd', '--dir', str(pic.dir), '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: pic.run('status').returncode == 0 and (pic.json('status')['agent'] or None))
    yield process
    process.kill()
    process.wait()


def test_by_itself(pic, agent, key, tmp_path):
    pic('target', 'add', 'disk', '--url', tmp_path / 'd', '--recipients', key, '--keep-last', '2', '--every', '1d')
    first = until(lambda: (t := target(pic))['state'] == 'ok' and t)
    assert [h['state'] for h in first['held']] == ['good'] and os.listdir(tmp_path / 'd') == [first['backup']] and first['next'] > first['last']
    brief = pic.json('status')['backups'][0]
    assert (brief['name'], brief['state'], brief['last'], brief['size']) == ('disk', 'ok', first['last'], first['size'])
    pic('backup', 'run', 'disk')
    pic('backup', 'verify', 'disk')
    pic('backup', 'verify', f'disk:{first["backup"]}', '-i', tmp_path / 'id')
    assert len(pic.json('backup', 'list', 'disk')) == 2 and pic.json('backup', 'list', f'disk:{first["backup"]}', '-i', tmp_path / 'id')['members']
    pic('backup', 'extract', 'disk:', 'cell.db', '-i', tmp_path / 'id', '-o', tmp_path / 'out.db')
    rows = pic.json('audit', 'list', '--verb', 'backup')
    assert len(rows) == 2 and all('read back and right' in r['text'] for r in rows)
    # a flipped bit is found, told in status and by doctor, and is no backup any more
    newest = target(pic)['backup']
    with open(tmp_path / 'd' / newest, 'r+b') as f:
        f.seek(900)
        f.write(b'lies')
    assert 'not what was sent' in pic.refused('backup', 'verify', 'disk')['message']
    assert pic.run('backup', 'status').returncode == 1 and 'is damaged' in pic.run('doctor').stdout and len(pic.json('audit', 'list', '--verb', 'backup-damaged')) == 1
    pic('backup', 'run')
    assert newest not in os.listdir(tmp_path / 'd') and first['backup'] in os.listdir(tmp_path / 'd') and pic.run('backup', 'status').returncode == 0
    # a disk that is gone
    shutil.rmtree(tmp_path / 'd')
    (tmp_path / 'd').write_text('')
    assert pic.run('backup', 'run').returncode == 1
    t = target(pic)
    assert t['state'] == 'failed' and t['failures'] == 1 and t['next'] and 'no backup' in pic.run('doctor').stdout
    assert [r['text'] for r in pic.json('audit', 'list', '--verb', 'backup-failed')]
    pic('target', 'remove', 'disk')
    until(lambda: not os.path.exists(pathlib.Path(pic.dir) / 'targets.json'))
    assert pic.refused('backup', 'run', code='BADSTATE') and pic.refused('backup', 'run', 'disk', code='NOTFOUND')


def children(process):
    return [int(p) for p in pathlib.Path(f'/proc/{process.pid}/task/{process.pid}/children').read_text().split()]


def test_cancel_kill_and_two_at_once(pic, agent, tmp_path):
    (pathlib.Path(pic.dir) / 'exits').mkdir(exist_ok=True)
    for i in range(25):  # a second of work
        (pathlib.Path(pic.dir) / f'exits/{i}').write_bytes(os.urandom(1 << 20) * 7)
    for name in ('one', 'two'):
        pic('target', 'add', name, '--url', tmp_path / name, '--plain', 'yes', '--every', 'never')
    pic('backup', 'run', 'one', '--background')
    pid = until(lambda: children(agent))[0]
    status = until(lambda: (text := pathlib.Path(f'/proc/{pid}/status').read_text()) and 'Seccomp:\t2' in text and text)
    os.kill(pid, signal.SIGSTOP)  # so that it is not done before it is ended
    assert 'NoNewPrivs:\t1' in status and PASSWORD not in pathlib.Path(f'/proc/{pid}/cmdline').read_text()
    assert target(pic, 'one')['doing']['what'] == 'run' and pic.json('status')['agent']  # the agent's loop is not held
    cancel = subprocess.Popen([BIN / 'pic', '--dir', str(pic.dir), '--world', 'fake', 'backup', 'run', '--cancel'], stdout=subprocess.DEVNULL)
    until(lambda: 'ShdPnd:\t0000000000004000' in pathlib.Path(f'/proc/{pid}/status').read_text())
    os.kill(pid, signal.SIGCONT)
    assert cancel.wait(30) == 0
    assert target(pic, 'one')['error'] == 'canceled' and not [n for n in (os.listdir(tmp_path / 'one') if os.path.exists(tmp_path / 'one') else []) if not n.endswith('.part')]
    # two of them, and one by hand meanwhile: one after the other, all well
    a, b = (subprocess.Popen([BIN / 'pic', '--dir', str(pic.dir), '--world', 'fake', 'backup', 'run', n, '--quiet'], stdout=subprocess.DEVNULL) for n in ('one', 'two'))
    pic('backup', 'create', tmp_path / 'own', '--plain')
    assert a.wait(60) == 0 and b.wait(60) == 0
    assert all(len(os.listdir(tmp_path / n)) == 1 for n in ('one', 'two'))
    # killed with the agent; what is left half done goes with the next run
    pic('backup', 'run', 'one', '--background')
    pid = until(lambda: children(agent))[0]
    until(lambda: [n for n in os.listdir(tmp_path / 'one') if n.endswith('.part')])
    agent.kill()
    agent.wait()
    until(lambda: not os.path.exists(f'/proc/{pid}') or pathlib.Path(f'/proc/{pid}/stat').read_text().split()[2] == 'Z')
    shutil.rmtree(pathlib.Path(pic.dir) / 'exits')
    pic('backup', 'run', 'one')
    assert not [n for n in os.listdir(tmp_path / 'one') if n.endswith('.part')]


def test_missed_and_stale(pic, tmp_path):
    pic('target', 'add', 'disk', '--url', tmp_path / 'd', '--plain', 'yes', '--every', '1h')
    pic('backup', 'run')
    state = pathlib.Path(pic.dir) / 'targets.json'
    known = json.loads(state.read_text())
    known[0].update(good='2026-01-01T00:00:00Z', since='2026-01-01T00:00:00Z')
    state.write_text(json.dumps(known))
    assert target(pic)['state'] == 'stale' and pic.run('backup', 'status').returncode == 1 and 'too old' in pic.run('doctor').stdout
    process = subprocess.Popen([BIN / 'picd', '--dir', str(pic.dir), '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: target(pic)['state'] == 'ok')  # caught up
        assert len(os.listdir(tmp_path / 'd')) == 2
    finally:
        process.kill()
        process.wait()


def test_the_doctor_makes_it(pic, tmp_path):
    """Where one is missing, `doctor --fix` makes one, there alone."""
    for name in ('one', 'two'):
        pic('target', 'add', name, '--url', tmp_path / name, '--plain', 'yes', '--every', '1h')
    pic('backup', 'run')
    state = pathlib.Path(pic.dir) / 'targets.json'
    known = json.loads(state.read_text())
    known[0].update(good='2026-01-01T00:00:00Z', since='2026-01-01T00:00:00Z')
    state.write_text(json.dumps(known))
    assert [f['act'] for f in json.loads(pic.run('--json', 'doctor').stdout)['findings'] if f['area'] == 'backup'] == ['backup']
    fixed = json.loads(pic.run('--json', 'doctor', '--fix').stdout)
    assert [(f['act'], f['done']) for f in fixed['fixed']] == [('backup', True)] and not [f for f in fixed['findings'] if f['area'] == 'backup']
    assert (len(os.listdir(tmp_path / 'one')), len(os.listdir(tmp_path / 'two'))) == (2, 1)


def test_a_full_disk(pic, tmp_path):
    """A place without room: no backup, and nothing left behind."""
    if os.geteuid() != 0:
        pytest.skip('needs root')
    (tmp_path / 'small').mkdir()
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', tmp_path / 'small'], check=True)
    try:
        (pathlib.Path(pic.dir) / 'places').write_bytes(os.urandom(200000))
        pic('target', 'add', 'small', '--url', tmp_path / 'small/b', '--plain', 'yes', '--every', 'never')
        assert pic.run('backup', 'run', 'small').returncode == 1
        assert 'No space left' in target(pic, 'small')['error'] and os.listdir(tmp_path / 'small/b') == []
    finally:
        subprocess.run(['umount', tmp_path / 'small'], check=True)
