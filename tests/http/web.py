"""A real pic-http on a cell of the fake world, with somebody of each role logged in. One cell a module."""
import http.client
import importlib.util
import json
import pathlib
import signal
import socket
import subprocess
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location('scenario', TOP / 'tests/scenario/conftest.py')
scenario = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scenario)
BIN, Pic, needs_root = scenario.BIN, scenario.Pic, scenario.needs_root
PASSWORD = 'a long horse battery 7'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data

    @property
    def json(self):
        return json.loads(self.data)

    def __repr__(self):
        return f'{self.status} {self.data[:600]!r}'


class Client:
    """Somebody: client.get('/api/peers'), client.post('/api/peers', {...}). Keeps its cookies and its CSRF token."""

    def __init__(self, server, bearer=None):
        self.server, self.bearer, self.cookies, self.csrf = server, bearer, {}, None

    def headers(self):
        h = {}
        if self.bearer:
            h['Authorization'] = f'Bearer {self.bearer}'
        if self.cookies:
            h['Cookie'] = '; '.join(f'{k}={v}' for k, v in self.cookies.items())
        if self.csrf:
            h['X-CSRF-Token'] = self.csrf
        return h

    def ask(self, method, path, body=None, headers=None, timeout=30):
        h = self.headers()
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None or method == 'POST':
            h['Content-Type'] = 'application/json'
        for name, value in (headers or {}).items():
            h.pop(name, None)
            if value is not None:
                h[name] = value
        c = http.client.HTTPConnection('127.0.0.1', self.server.port, timeout=timeout)
        try:
            c.request(method, path, body, h)
            r = c.getresponse()
            answer = Answer(r.status, r.headers, r.read())
        finally:
            c.close()
        for cookie in answer.headers.get_all('Set-Cookie') or []:
            name, value = cookie.split(';')[0].split('=', 1)
            if 'Max-Age=0' in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def get(self, path, **kw):
        return self.ask('GET', path, **kw)

    def post(self, path, body=None, **kw):
        return self.ask('POST', path, {} if body is None else body, **kw)

    def patch(self, path, body, **kw):
        return self.ask('PATCH', path, body, **kw)

    def put(self, path, body, **kw):
        return self.ask('PUT', path, body, **kw)

    def delete(self, path, **kw):
        return self.ask('DELETE', path, **kw)

    def login(self, user, password=PASSWORD, code=None):
        a = self.post('/api/auth/login', {'username': user, 'password': password, 'code': code})
        if a.status == 200:
            self.csrf = a.json['csrf_token']
        return a


class Server:
    """pic-http on a cell's directory."""

    def __init__(self, directory, world='fake', netns=None, port=None, args=()):
        self.port, self.dir = port or free_port(), str(directory)
        command = [str(BIN / 'pic-http'), '--dir', self.dir, '--world', world, '--port', str(self.port), *args]
        if netns:
            command = ['ip', 'netns', 'exec', netns, *command]
        self.log = open(f'{directory}.http.log', 'ab')
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, start_new_session=True)
        self.netns = netns
        if not netns:
            self.wait()

    def wait(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                if Client(self).get('/health', timeout=2).status == 200:
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f'pic-http does not answer: {open(self.log.name).read()}')

    def client(self, **kw):
        return Client(self, **kw)

    def rss(self):
        for line in open(f'/proc/{self.process.pid}/status'):
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        self.log.close()
        return status


def new_cell(directory):
    pic = Pic(directory)
    pic('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48')
    return pic


class Cell:
    """A cell, its server, and somebody of each role; the setup is done by the API, as an owner does it."""

    def __init__(self, directory):
        self.pic = new_cell(directory)
        self.server = Server(directory)
        self.port = self.server.port
        self.admin = self.server.client()
        opened = self.admin.post('/api/setup/code', {'code': self.pic.json('setup')['code']})
        assert opened.status == 200, opened
        self.admin.csrf = opened.json['csrf_token']
        done = self.admin.post('/api/setup/complete', {'username': 'owner', 'password': PASSWORD})
        assert done.status == 201, done
        self.admin.csrf = done.json['csrf_token']
        self.roles = {'admin': self.admin}

    def person(self, role):
        """Somebody of that role, logged in; made when first asked for."""
        if role not in self.roles:
            name = f'{role}1'
            made = self.admin.post('/api/users', {'name': name, 'role': role, 'password': PASSWORD})
            assert made.status == 201, made
            self.roles[role] = self.server.client()
            assert self.roles[role].login(name).status == 200
        return self.roles[role]

    def token(self, scope):
        name = f'token-{scope}'
        if name not in self.roles:
            made = self.admin.post('/api/tokens', {'name': name, 'scope': scope})
            assert made.status == 201, made
            self.roles[name] = self.server.client(bearer=made.json['token'])
        return self.roles[name]

    def stop(self):
        return self.server.stop()


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    made = Cell(tmp_path_factory.mktemp('http') / 'cell')
    yield made
    assert made.stop() == 0


@pytest.fixture(scope='module')
def admin(cell):
    return cell.admin


def routes():
    return json.loads(subprocess.check_output([str(BIN / 'pic-http'), '--routes']))
