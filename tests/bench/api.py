"""What pic-http costs: one device, a list of 1,000, one added, memory. Beside it, in the same run and by turns: nginx that sends the
same bytes from a file, and a small Flask app that answers the same list from SQLite, which is what users of the former system run.
Servers are on one core, wrk on the other."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from figures import Figures, percentile
from web import BIN, Cell, free_port

PEERS = int(os.environ.get('PIC_BENCH_PEERS', '1000'))
ADDS = int(os.environ.get('PIC_BENCH_ADDS', '300'))
ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '3'))
RATE = int(os.environ.get('PIC_BENCH_RATE', '5000'))
FLASK_RATE = 200
SECONDS = int(os.environ.get('PIC_BENCH_SECONDS', '4'))

FLASK = '''
import json, sqlite3, sys
from flask import Flask, Response
app = Flask(__name__)
db = sqlite3.connect(sys.argv[1], check_same_thread=False)
@app.route('/api/peers')
def peers():
    return Response(json.dumps([json.loads(row[0]) for row in db.execute('SELECT doc FROM peer')]), mimetype='application/json')
@app.route('/api/peers/<name>')
def peer(name):
    return Response(db.execute('SELECT doc FROM peer WHERE name = ?', (name,)).fetchone()[0], mimetype='application/json')
import logging
logging.getLogger('werkzeug').setLevel(logging.ERROR)
app.run('127.0.0.1', int(sys.argv[2]), threaded=True)
'''


def pin(pid, core):
    for task in os.listdir(f'/proc/{pid}/task'):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task), {core})


def ahead(pid):
    """As far ahead of others as this program was put (`nice -n -5 ./dev bench`): where sessions are groups to the scheduler, a nice value
    says nothing to processes of other sessions, and each server has one of its own."""
    with contextlib.suppress(OSError):
        pathlib.Path(f'/proc/{pid}/autogroup').write_text(str(os.getpriority(os.PRIO_PROCESS, 0)))


def wait_port(port):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f'nobody listens on {port}')


class Nginx:
    def __init__(self, base, files):
        self.port = free_port()
        for name, data in files.items():
            path = base / 'root' / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        conf = base / 'nginx.conf'
        conf.write_text(f'daemon off; worker_processes 1; pid {base}/nginx.pid; error_log {base}/nginx.log; events {{ worker_connections 2048; }}\n'
                        f'http {{ access_log off; keepalive_requests 1000000; open_file_cache max=100; default_type application/json;\n'
                        f'client_body_temp_path {base}/b; proxy_temp_path {base}/p; fastcgi_temp_path {base}/f; uwsgi_temp_path {base}/u; scgi_temp_path {base}/s;\n'
                        f'server {{ listen 127.0.0.1:{self.port}; root {base}/root; }} }}\n')
        os.chmod(base, 0o755)
        self.process = subprocess.Popen(['nginx', '-p', str(base), '-c', str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        start_new_session=True)
        wait_port(self.port)
        ahead(self.process.pid)
        for pid in subprocess.run(['pgrep', '-P', str(self.process.pid)], capture_output=True, text=True).stdout.split() + [str(self.process.pid)]:
            pin(int(pid), 0)

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(10)


class Flask:
    def __init__(self, base, peers):
        import sqlite3
        self.port = free_port()
        with sqlite3.connect(base / 'peers.db') as db:
            db.execute('CREATE TABLE peer (name TEXT PRIMARY KEY, doc TEXT)')
            db.executemany('INSERT INTO peer VALUES (?, ?)', [(p['name'], json.dumps(p)) for p in peers])
        (base / 'app.py').write_text(FLASK)
        self.process = subprocess.Popen(['taskset', '-c', '0', '/usr/bin/python3', base / 'app.py', base / 'peers.db', str(self.port)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_port(self.port)
        ahead(self.process.pid)

    def stop(self):
        self.process.kill()
        self.process.wait(10)


def wrk(port, path, connections, headers=()):
    """As fast as they get answers: requests a second, median and 99th percentile in milliseconds."""
    command = ['taskset', '-c', '1', 'wrk', '-t1', f'-c{connections}', f'-d{SECONDS}s', '--latency']
    for h in headers:
        command += ['-H', h]
    text = subprocess.run([*command, f'http://127.0.0.1:{port}{path}'], capture_output=True, text=True, check=True).stdout
    assert 'Non-2xx' not in text and 'Socket errors' not in text, text
    found = [re.search(rf'{p}%\s+([\d.]+)(us|ms|s)', text) for p in (50, 99)]
    return float(re.search(r'Requests/sec:\s+([\d.]+)', text)[1]), *(float(p[1]) * {'us': 1e-3, 'ms': 1, 's': 1e3}[p[2]] for p in found)


def paced(port, path, connections, rate, cookie=''):
    """At a steady pace: requests a second; median, 99th and 99.9th percentile in milliseconds; the 99th of what the asking program added."""
    done = subprocess.run(['taskset', '-c', '1', BIN.parent / 'tests/bench_paced', str(port), path, cookie, str(connections), str(rate), str(SECONDS)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    count, *times = done.stdout.split()
    return int(count) / SECONDS, *(float(t) / 1e3 for t in times)


def timer():
    """Median, 99th and 99.9th percentile in milliseconds of how late the servers' core lets somebody run who does nothing."""
    return tuple(float(t) / 1e3 for t in subprocess.check_output(['taskset', '-c', '0', BIN.parent / 'tests/bench_timer', str(SECONDS)], text=True).split())


def stolen():
    """What the hypervisor took, and all, in ticks of both cores."""
    ticks = [int(t) for t in pathlib.Path('/proc/stat').read_text().split('\n')[0].split()[1:9]]
    return ticks[7], sum(ticks)


def turns(*makers):
    """Medians of each, by turns."""
    runs = [[] for _ in makers]
    for _ in range(ROUNDS):
        for i, make in enumerate(makers):
            runs[i].append(make())
    return [tuple(statistics.median(column) for column in zip(*every)) for every in runs]


def add_by_http(cell, prefix):
    """Milliseconds each, on one connection."""
    c = http.client.HTTPConnection('127.0.0.1', cell.port, timeout=30)
    h = {**cell.admin.headers(), 'Content-Type': 'application/json'}
    times = []
    for i in range(ADDS):
        body = json.dumps({'name': f'{prefix}{i}', 'access': ['internet']})
        began = time.monotonic()
        c.request('POST', '/api/peers', body, h)
        r = c.getresponse()
        r.read()
        times.append((time.monotonic() - began) * 1e3)
        assert r.status == 201
    c.close()
    doc = {'wishes': [{'do': 'remove', 'kind': 'peer', 'name': f'{prefix}{i}'} for i in range(ADDS)]}
    assert cell.admin.post('/api/edit', doc, timeout=120).status == 200
    return times


def add_by_library(cell, prefix):
    done = subprocess.run([BIN.parent / 'tests/bench_pic', 'add', cell.pic.dir, str(ADDS), prefix], capture_output=True, text=True,
                          env={**os.environ, 'PIC_BENCH_WORLD': 'fake'}, timeout=300)
    assert done.returncode == 0, done.stderr
    return [float(line) / 1e3 for line in done.stdout.split()]


def megabytes(cell):
    return cell.server.rss() * 1024 * 1024 / 1e6


def memory(cell, cookie):
    """With 200 connections that have each asked for something: at once, and when garbage of what came before went back."""
    held = []
    for i in range(200):
        s = socket.create_connection(('127.0.0.1', cell.port))
        s.sendall(f'GET /api/peers/d{i} HTTP/1.1\r\nHost: 127.0.0.1:{cell.port}\r\n{cookie}\r\n\r\n'.encode())
        s.recv(65536)
        held.append(s)
    at_once = megabytes(cell)
    time.sleep(2)
    later = megabytes(cell)
    for s in held:
        s.close()
    return at_once, later


with tempfile.TemporaryDirectory(prefix='pic-bench-') as base:
    base = pathlib.Path(base)
    ahead('self')
    cell = Cell(base / 'cell')
    ahead(cell.server.process.pid)
    pin(cell.server.process.pid, 0)
    doc = {'peers': {f'd{i}': {'access': ['internet'], 'note': 'a device'} for i in range(PEERS)}}
    assert cell.admin.post('/api/edit', doc, timeout=120).status == 200
    cookie = f'Cookie: {cell.admin.headers()["Cookie"]}'
    one, every = cell.admin.get('/api/peers/d7').data, cell.admin.get('/api/peers').data
    nginx, flask = Nginx(base, {'one.json': one, 'list.json': every}), Flask(base, json.loads(every))
    at_once, later = memory(cell, cookie)
    before = stolen()
    single = turns(lambda: wrk(cell.port, '/api/peers/d7', 50, [cookie]), lambda: wrk(nginx.port, '/one.json', 50),
                   lambda: wrk(flask.port, '/api/peers/d7', 8))
    steady = turns(lambda: paced(cell.port, '/api/peers/d7', 50, RATE, cookie), lambda: paced(nginx.port, '/one.json', 50, RATE),
                   lambda: paced(flask.port, '/api/peers/d7', 8, FLASK_RATE), timer)
    steal = [b - a for a, b in zip(before, stolen())]
    lists = turns(lambda: wrk(cell.port, '/api/peers', 4, [cookie]), lambda: wrk(nginx.port, '/list.json', 4),
                  lambda: wrk(flask.port, '/api/peers', 4))
    pages = turns(lambda: wrk(cell.port, '/api/peers?limit=50&sort=name&offset=500', 4, [cookie]))
    after = megabytes(cell)
    by_http, by_library = [], []
    for i in range(ROUNDS):
        by_http += add_by_http(cell, f'h{i}x')
        by_library += add_by_library(cell, f'l{i}x')
    flask.stop()
    nginx.stop()
    assert cell.stop() == 0

f = Figures(f'pic-http with {PEERS} devices, on one core')
f.add('one device, 50 connections', single[0][0], 'requests/s', single[1][0], 'nginx, the same bytes from a file', '>= 10000')
f.add('its median then, all 50 asking at once', single[0][1], 'ms', single[1][1], 'nginx')
f.add('its 99th percentile then', single[0][2], 'ms', single[1][2], 'nginx')
f.add(f'its median at {RATE}/s on 50 connections', steady[0][1], 'ms', steady[1][1], 'nginx')
f.add('its 99th percentile then', steady[0][2], 'ms', steady[1][2], 'nginx', '<= 2 ms')
f.add('its 99.9th', steady[0][3], 'ms', steady[1][3], 'nginx')
f.add(f'the same, beside Flask at {FLASK_RATE}/s: median', steady[0][1], 'ms', steady[2][1], 'Flask')
f.add('its 99th percentile', steady[0][2], 'ms', steady[2][2], 'Flask')
f.add('its 99.9th', steady[0][3], 'ms', steady[2][3], 'Flask')
f.add('the machine: a bare timer on that core, 99th percentile late', steady[3][1], 'ms')
f.add('its 99.9th', steady[3][2], 'ms')
f.add('the machine: who asks was late by itself, 99th percentile', steady[0][4], 'ms', steady[1][4], 'when asking nginx')
f.add('the machine: taken by the hypervisor meanwhile', 100 * steal[0] / max(1, steal[1]), '%')
f.add('one device, beside Flask', single[0][0], 'requests/s', single[2][0], 'a small Flask app, 8 connections')
f.add(f'list of {PEERS}, {len(every) // 1024} KiB, 4 connections', lists[0][0], 'requests/s', lists[1][0], 'nginx')
f.add('its 99th percentile', lists[0][2], 'ms', lists[1][2], 'nginx', '<= 5 ms')
f.add('the list, beside Flask', lists[0][0], 'requests/s', lists[2][0], 'Flask')
f.add('its 99th percentile', lists[0][2], 'ms', lists[2][2], 'Flask')
f.add('a sorted page of 50 of them', pages[0][0], 'requests/s')
f.add('one added, median', statistics.median(by_http), 'ms', statistics.median(by_library), 'the library call', '<= 1.3x')
f.add('one added, 99th percentile', percentile(by_http, 0.99), 'ms', percentile(by_library, 0.99), 'the library call')
f.add('RSS, 200 connections', max(at_once, later), 'MB', goal='<= 24 MB')
f.add('two seconds later', later, 'MB')
f.add('RSS after all of it', after, 'MB')
f.done(sys.argv[1])
