"""Two keepers of one cell at one place that know nothing of each other (an agent that was killed has one that still ends; a cell that was restored elsewhere has a twin),
in a folder, at a real sshd, at rclone's WebDAV and at a bucket: nobody takes away what another one writes, and what the killed left goes."""
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import pytest
from conftest import BIN, needs_root
from test_targets import keep, port, serve, until  # noqa: F401 (serve is a fixture)

DEAD = 49 * 3600  # more than two days


def heavy(pic, pieces=4):
    """So that they meet."""
    (pathlib.Path(pic.dir) / 'exits').mkdir(exist_ok=True)
    for i in range(pieces):
        (pathlib.Path(pic.dir) / f'exits/{i}').write_bytes(os.urandom(1 << 20) * 7)


def hand(pic, order):
    text = json.dumps({'op': 'run', 'dir': str(pic.dir), 'public_key': pic.json('cell', 'show')['public_key'], 'plain': True, **order})
    p = subprocess.Popen([BIN / 'pic-keep'], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    p.stdin.write(text)
    p.stdin.close()
    return p


def parts(folder):
    return [n for n in (os.listdir(folder) if os.path.isdir(folder) else []) if n.endswith('.part')]


def place(kind, tmp_path, serve):  # noqa: F811
    """Where it is, as an order has it, and the folder of this machine that it is."""
    folder, number = tmp_path / 'far', port()
    if kind == 'folder':
        return {'url': str(folder)}, folder
    if kind == 'webdav':
        folder.mkdir()
        serve(['rclone', 'serve', 'webdav', folder, '--addr', f'127.0.0.1:{number}', '--user', 'u', '--pass', 'p', '--dir-cache-time', '0s'], number)
        return {'url': f'http://127.0.0.1:{number}/b', 'user': 'u', 'password': 'p'}, folder / 'b'
    for name in ('host', 'id'):
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', tmp_path / name], check=True)
    (tmp_path / 'conf').write_text(f'Port {number}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/id.pub\nPidFile none\n'
                                   'Subsystem sftp internal-sftp\nStrictModes no\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\n')
    os.makedirs('/run/sshd', exist_ok=True)
    serve(['/usr/sbin/sshd', '-D', '-e', '-f', tmp_path / 'conf'], number)
    return {'url': f'sftp://127.0.0.1:{number}{folder}', 'user': 'root', 'host_key': ' '.join((tmp_path / 'host.pub').read_text().split()[:2]), 'key': (tmp_path / 'id').read_text()}, folder


KINDS = [pytest.param('folder'),
         pytest.param('webdav', marks=pytest.mark.skipif(not shutil.which('rclone'), reason='needs rclone (apt-get install rclone)')),
         pytest.param('sftp', marks=[needs_root, pytest.mark.skipif(not os.path.exists('/usr/sbin/sshd'), reason='needs sshd')])]


@pytest.mark.parametrize('kind', KINDS)
def test_at_once(pic, serve, tmp_path, kind):  # noqa: F811
    """Both are made, each whole, under names of their own."""
    order, folder = place(kind, tmp_path, serve)
    heavy(pic)
    hands = [hand(pic, order) for _ in range(2)]
    told = [json.loads(h.stderr.read().splitlines()[-1]) for h in hands]
    assert [h.wait(60) for h in hands] == [0, 0], told
    assert len({t['name'] for t in told}) == 2 and {t['name'] for t in told} == set(os.listdir(folder)), (told, os.listdir(folder))
    for name in os.listdir(folder):
        pic('backup', 'verify', folder / name)


@pytest.mark.parametrize('kind', KINDS)
def test_one_is_stopped_in_the_middle(pic, serve, tmp_path, kind):  # noqa: F811
    """Another one runs from its beginning to its end meanwhile; the first goes on and is whole. Killed then, what it leaves goes: at once where its lock shows that it is dead, else
    when it is old by the place's clock, and not before."""
    order, folder = place(kind, tmp_path, serve)
    heavy(pic, 6)
    first = hand(pic, order)
    if kind == 'webdav':  # while rclone takes a file, it lists none of those behind it: so when it is read back
        assert next(line for line in first.stderr if line.startswith('at check'))
    until(lambda: parts(folder) or first.poll() is not None)
    first.send_signal(signal.SIGSTOP)
    mine = parts(folder)
    assert len(mine) == 1 and first.poll() is None
    second = keep(pic, order, patience=30)
    assert parts(folder) == mine and second['name'] in os.listdir(folder)
    first.send_signal(signal.SIGCONT)
    told = json.loads(first.stderr.read().splitlines()[-1])
    assert first.wait(60) == 0 and told['ok'], told
    assert set(os.listdir(folder)) == {told['name'], second['name']}
    # killed
    first = hand(pic, order)
    until(lambda: parts(folder) or first.poll() is not None)
    first.kill()
    first.wait()
    shutil.rmtree(pathlib.Path(pic.dir) / 'exits')
    left = parts(folder)
    assert len(left) == 1
    keep(pic, order)
    if kind != 'folder':
        assert parts(folder) == left, 'whether it is dead nobody can know yet'
        for _ in range(3):  # rclone gives it the time of now once more when it sees, late, that nobody writes any more
            if parts(folder):
                os.utime(folder / left[0], (0, time.time() - DEAD))
                keep(pic, order)
    assert parts(folder) == []


@needs_root
def test_a_folder_of_another_machine(pic, tmp_path):
    """What a lock says there is nobody's: rclone's mount of a folder (FUSE) stands for it. Age tells."""
    if not shutil.which('rclone') or not os.path.exists('/dev/fuse') or not (shutil.which('fusermount3') or shutil.which('fusermount')):
        pytest.skip('needs rclone and FUSE')
    (tmp_path / 'there').mkdir()
    (tmp_path / 'here').mkdir()
    rclone = subprocess.Popen(['rclone', 'mount', tmp_path / 'there', tmp_path / 'here', '--vfs-cache-mode', 'writes', '--vfs-write-back', '0', '--dir-cache-time', '0'], stderr=subprocess.DEVNULL)
    try:
        until(lambda: os.path.ismount(tmp_path / 'here') or rclone.poll() is not None)
        if rclone.poll() is not None:
            pytest.skip('FUSE cannot be mounted here')
        name = keep(pic, {'url': str(tmp_path / 'here')})['name']
        for left, age in ((f'{name}.00000001.part', 3600), (f'{name}.00000002.part', DEAD)):
            (tmp_path / 'there' / left).write_text('half')
            os.utime(tmp_path / 'there' / left, (0, time.time() - age))
        keep(pic, {'url': str(tmp_path / 'here')})
        assert parts(tmp_path / 'there') == [f'{name}.00000001.part']
    finally:
        subprocess.run(['umount', '-l', tmp_path / 'here'], check=False)
        rclone.kill()
        rclone.wait()


class Uploads(http.server.BaseHTTPRequestHandler):
    """A bucket that has uploads which nobody ended, with when they were begun, and its own clock, which is two weeks off."""
    protocol_version = 'HTTP/1.1'
    gone, files, clock, uploads = [], {}, 0, []

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.clock)

    def one(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        path, _, query = self.path.partition('?')
        out, status = b'', 200
        if self.command == 'DELETE':
            (self.gone.append(query) if query else self.files.pop(path, None))
            status = 204
        elif self.command == 'PUT':
            self.files[path] = body
        elif query.startswith('list-type'):
            out = ('<R>' + ''.join(f'<Contents><Key>{n.split("/", 2)[2]}</Key><Size>{len(b)}</Size></Contents>' for n, b in self.files.items()) + '</R>').encode()
        elif query:
            out = ('<R>' + ''.join(f'<Upload><Key>{k}</Key><UploadId>{i}</UploadId><Initiated>{time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.clock - age))}</Initiated></Upload>'
                                   for k, i, age in self.uploads) + '</R>').encode()
        else:
            out, status = (self.files[path], 200) if path in self.files else (b'', 404)
        self.send_response(status)
        self.send_header('Content-Length', str(len(out)))
        self.end_headers()
        self.wfile.write(out)

    do_GET = do_PUT = do_DELETE = do_POST = one


def test_uploads_of_a_bucket(pic):
    """Those of this cell that were begun two days ago by the server's clock are ended; one of an hour ago, and others', go on."""
    Uploads.gone, Uploads.files, Uploads.clock = [], {}, time.time() - 14 * 86400
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Uploads)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    order = {'url': 's3://bucket/f', 'endpoint': f'http://127.0.0.1:{server.server_port}', 'user': 'id', 'password': 'very secret'}
    Uploads.uploads = []
    name = keep(pic, order)['name']
    Uploads.uploads = [(f'f/{name}', 'dead', DEAD), (f'f/{name}', 'alive', 3600), ('f/somebody', 'other', DEAD)]
    keep(pic, order)
    server.shutdown()
    server.server_close()
    assert Uploads.gone == ['uploadId=dead']
