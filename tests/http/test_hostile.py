"""What a server that anybody can talk to must stand. Raw bytes, so that no client library tidies them."""
import json
import socket
import threading
import time

import pytest

HOST = '127.0.0.1'


def connect(cell, timeout=15):
    s = socket.create_connection((HOST, cell.port), timeout=timeout)
    return s


def raw(cell, data, timeout=15, whole=False):
    """All that comes back until the server closes, or falls silent, or (not `whole`) has answered once."""
    with connect(cell, timeout) as s:
        out = b''
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while True:
                block = s.recv(65536)
                if not block:
                    break
                out += block
                head, sep, body = out.partition(b'\r\n\r\n')
                if not whole and sep and b'Content-Length: ' in head and b'close' not in head:
                    if len(body) >= int(head.split(b'Content-Length: ')[1].split(b'\r\n')[0]):
                        break
        except (ConnectionResetError, socket.timeout):
            pass
        return out


def status(answer):
    return int(answer.split(b' ')[1]) if answer.startswith(b'HTTP/1.1 ') else 0


def head(cell, method, path, more='', host=None, who='admin'):
    h = ''.join(f'{k}: {v}\r\n' for k, v in cell.person(who).headers().items()) if who else ''
    return f'{method} {path} HTTP/1.1\r\nHost: {f"{HOST}:{cell.port}" if host is None else host}\r\n{h}{more}'.encode()


def alive(cell):
    began = time.monotonic()
    assert cell.admin.get('/api/cell', timeout=5).status == 200
    return time.monotonic() - began


@pytest.fixture(autouse=True)
def still_there(cell):
    yield
    assert cell.server.process.poll() is None
    alive(cell)


# --- frames


@pytest.mark.parametrize('more, want', [
    ('Content-Length: 2\r\nContent-Length: 2\r\n', 400),
    ('Content-Length: 2\r\nContent-Length: 40\r\n', 400),
    ('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', 411),
    ('Transfer-Encoding: chunked\r\n', 411),
    ('Transfer-Encoding: identity\r\nContent-Length: 2\r\n', 411),
    ('Transfer-Encoding: gzip, chunked\r\n', 400),
    ('Transfer-Encoding:\tchunked\r\nContent-Length: 2\r\n', 400),
    ('Content-Length: -1\r\n', 411),
    ('Content-Length: x\r\n', 411),
    ('Content Length: 2\r\n', 400),
], ids=str)
def test_smuggling(cell, more, want):
    """One head, one body: the connection is closed, so that nothing of the rest is taken for a request."""
    inner = head(cell, 'POST', '/api/groups', 'Content-Type: application/json\r\nContent-Length: 20\r\n\r\n') + b'{"name":"smuggled1"}'
    out = raw(cell, head(cell, 'POST', '/api/groups', 'Content-Type: application/json\r\n' + more + '\r\n') + b'{}' + inner)
    assert status(out) == want, out[:200]
    assert out.count(b'HTTP/1.1 ') == 1 and b'Connection: close' in out
    assert cell.admin.get('/api/groups/smuggled1').status == 404


def test_a_body_that_is_not_read_is_no_request(cell):
    inner = head(cell, 'GET', '/api/cell', '\r\n')
    out = raw(cell, head(cell, 'POST', '/nowhere', f'Content-Length: {len(inner)}\r\n\r\n') + inner)
    assert status(out) == 404 and out.count(b'HTTP/1.1 ') == 1


def test_pipelined_requests_are_answered_in_order(cell):
    one = head(cell, 'GET', '/api/cell', '\r\n')
    last = head(cell, 'GET', '/health', 'Connection: close\r\n\r\n')
    out = raw(cell, one * 5 + last, whole=True)
    assert out.count(b'HTTP/1.1 200') == 6 and out.rstrip().endswith(b'"service":"pic"}')


# --- sizes


def test_a_body_of_a_gigabyte(cell):
    began = time.monotonic()
    out = raw(cell, head(cell, 'POST', '/api/groups', f'Content-Type: application/json\r\nContent-Length: {1 << 30}\r\n\r\n') + b'x' * 100000)
    assert status(out) == 413 and time.monotonic() - began < 5
    assert cell.server.rss() < 64


def test_limits_of_bodies(cell):
    big = json.dumps({'name': 'x', 'note': 'y' * ((1 << 20) - 20)})
    assert cell.admin.ask('POST', '/api/groups', big[:1 << 20]).status in (400, 422)
    assert cell.admin.ask('POST', '/api/groups', big + ' ' * 100).status == 413
    conf = json.dumps({'name': 'x', 'text': 'z' * (8 << 20)})
    assert cell.admin.ask('POST', '/api/connectivity/import', conf).status in (400, 422)
    assert cell.admin.ask('POST', '/api/connectivity/import', conf + ' ' * (2 << 20)).status == 413


def test_huge_heads(cell):
    assert status(raw(cell, head(cell, 'GET', '/api/cell', 'X-Long: ' + 'a' * 70000 + '\r\n\r\n'))) in (0, 400, 413, 431)
    assert status(raw(cell, head(cell, 'GET', '/' + 'a' * 15000, '\r\n'))) == 200  # the page's own path
    assert status(raw(cell, head(cell, 'GET', '/api/cell', ''.join(f'X-{i}: y\r\n' for i in range(200)) + '\r\n'))) in (200, 400)
    assert cell.admin.get('/api/peers?' + '&'.join(f'a{i}=1' for i in range(500))).status == 400
    assert cell.admin.get('/api/peers?q=' + 'a' * 9000).status == 200
    assert cell.admin.get('/api/peers?' + '&' * 5000).status == cell.admin.get('/api/peers?&&q').status == 200
    cut = cell.admin.get('/api/peers?sort=' + 'a' * 63 + '%C3%A4%C3%A4')
    assert cut.status == 400 and cut.json['code'] == 'INVALID'


# --- slow and many


def test_slow_loris(cell):
    """Sixty that send a byte now and then hold up nobody, and are gone soon."""
    slow = [connect(cell) for _ in range(60)]
    began = time.monotonic()
    for s in slow:
        s.sendall(b'GET / HTTP/1.1\r\nHost: x\r\nX-A: ')
    assert max(alive(cell) for _ in range(5)) < 1
    left = set(slow)
    while left and time.monotonic() - began < 14:
        for s in list(left):
            try:
                s.sendall(b'a')
                s.setblocking(False)
                if s.recv(1000) == b'':
                    left.discard(s)
            except BlockingIOError:
                pass
            except OSError:
                left.discard(s)
            s.setblocking(True) if s in left else s.close()
        time.sleep(1)
    for s in left:
        s.close()
    assert not left, f'{len(left)} of 60 are still connected after {time.monotonic() - began:.0f} s'


def test_a_slow_body(cell):
    with connect(cell) as s:
        s.sendall(head(cell, 'POST', '/api/groups', 'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n') + b'{"name')
        assert alive(cell) < 1


def test_idle_connections(cell):
    """Thousands that say nothing cost no thread: the kernel keeps them."""
    idle = []
    try:
        for _ in range(3000):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex((HOST, cell.port))
            idle.append(s)
        assert max(alive(cell) for _ in range(3)) < 3
        assert cell.server.rss() < 64
    finally:
        for s in idle:
            s.close()


def test_more_connections_than_threads(cell):
    """Keep-alive does not let early comers keep all the threads."""
    held = []
    try:
        for _ in range(300):
            s = connect(cell, 2)
            s.sendall(f'GET /health HTTP/1.1\r\nHost: {HOST}:{cell.port}\r\n\r\n'.encode())
            held.append(s)
        assert max(alive(cell) for _ in range(3)) < 3
    finally:
        for s in held:
            s.close()


# --- what is in it


@pytest.mark.parametrize('body, want', [
    (b'[' * 40 + b']' * 40, 400), (b'{"a":' * 33 + b'1' + b'}' * 33, 400), (b'[' * 1000000, 400),
    (b'{"name":"a","name":"b"}', 400), (b'{"name":"\xff\xfe"}', 400), (b'{"name":"\xed\xa0\x80"}', 400),
    (b'{"name":"a\\u0000b"}', 400), (b'{"name":"\\ud800"}', 400), (b'{"name":"a"} {"name":"b"}', 400), (b'[]', 400), (b'null', 400),
    (b'"x"', 400), (b'', 422), (b'{"name":"a","note":99999999999999999999999}', 400), (b'{"name":"a","note":1e999}', 400),
    (b'{"name":"a","note":1.5}', 422), (b'{"name":"a","access":["a,b"]}', 422), (b'{"name":1}', 422), (b'{"name":null}', 422),
    (b'{"name":"../../etc/passwd"}', 422), (b'{"name":"a\\nb"}', 422), (b'{"name":"' + b'a' * 5000 + b'"}', 422),
    (b'{"' + b'a' * 5000 + b'":1,"name":"a"}', 422), (b'{"__proto__":{},"name":"a"}', 422),
], ids=lambda v: str(v)[:40])
def test_bodies(cell, body, want):
    a = cell.admin.ask('POST', '/api/groups', body)
    assert a.status == want, a
    assert a.json['error'] and a.json['code']


@pytest.mark.parametrize('field, value', [('keepalive', v) for v in (-1, 65536, 2**31, 2**63 - 1, -2**63, True, 'x', [], {})])
def test_numbers(cell, field, value):
    assert cell.admin.post('/api/peers?plan=1', {'name': 'n', field: value}).status == 422


@pytest.mark.parametrize('kind', ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp',
                                  'text/json', None])
def test_content_types(cell, kind):
    assert cell.admin.ask('POST', '/api/groups', '{"name":"typed"}', headers={'Content-Type': kind}).status == 415
    login = cell.server.client().ask('POST', '/api/auth/login', '{"username":"a","password":"b"}', headers={'Content-Type': kind})
    assert login.status == 415


@pytest.mark.parametrize('path', ['/../../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/assets/../../etc/passwd', '/..%2f..%2fetc/passwd',
                                  '/assets/..%5c..%5cx.js', '//etc/passwd', '/api/peers/..%2f..%2fcell', '/api/peers/%00', '/api/peers/%ff', '/api/peers/%',
                                  '/api/peers/a%2fb', '/api//peers', '/api/peers/', '/API/peers', '/api/peers;x=1', '/api/./peers', '/api/x/../cell'])
def test_paths(cell, path):
    out = raw(cell, head(cell, 'GET', path, 'Connection: close\r\n\r\n'))
    assert b'root:' not in out
    if path.startswith('/api'):
        assert status(out) == 404, out[:100]
    else:
        assert status(out) in (200, 400, 404) and b'/bin/' not in out


@pytest.mark.parametrize('line', ['GET', 'GET /', 'GET / HTTP/2.0', 'GET / HTTP/1.1 x', 'G\x01T / HTTP/1.1', '', 'OPTIONS * HTTP/1.1',
                                  'CONNECT a:1 HTTP/1.1', 'GET http://evil.example/ HTTP/1.1', 'TRACE / HTTP/1.1', 'PROPFIND /api/peers HTTP/1.1'])
def test_request_lines(cell, line):
    out = raw(cell, line.encode('latin1') + f'\r\nHost: {HOST}:{cell.port}\r\n\r\n'.encode(), 3)
    assert status(out) in (0, 400, 404, 405, 421, 500, 505), out[:200]


def test_method_override(cell):
    for name in ('X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'):
        assert cell.admin.ask('GET', '/api/cell', headers={name: 'DELETE'}).status == 200
        assert cell.admin.ask('POST', '/api/cell', '{}', headers={name: 'PATCH'}).status == 405
    assert cell.admin.ask('POST', '/api/cell?_method=PATCH', '{}').status == 405
    assert cell.admin.ask('OPTIONS', '/api/cell').status == 405
    assert 'GET' in cell.admin.ask('DELETE', '/api/cell').headers['Allow']


def test_head(cell):
    a = cell.admin.ask('HEAD', '/api/cell')
    assert a.status == 200 and a.data == b'' and int(a.headers['Content-Length']) > 0


# --- other people's pages


@pytest.mark.parametrize('host', ['evil.example', 'evil.example:{port}', '127.0.0.1', 'localhost', '127.0.0.1:1', '127.0.0.1:{port}.evil.example', '',
                                  '[::1]:{port}', '127.1:{port}', '2130706433:{port}'])
def test_dns_rebinding(cell, host):
    out = raw(cell, head(cell, 'GET', '/api/cell', 'Connection: close\r\n\r\n', host=host.format(port=cell.port)))
    assert status(out) == 421
    assert status(raw(cell, head(cell, 'GET', '/', 'Connection: close\r\n\r\n', host=host.format(port=cell.port)))) == 421


def test_hosts(cell):
    assert status(raw(cell, head(cell, 'GET', '/api/cell', '\r\n', host=f'LOCALHOST:{cell.port}'))) == 200
    two = head(cell, 'GET', '/api/cell', f'Host: localhost:{cell.port}\r\n\r\n')
    assert status(raw(cell, two)) == 400


@pytest.mark.parametrize('origin', ['null', 'http://evil.example', 'http://127.0.0.1', 'https://127.0.0.1:{port}', 'http://127.0.0.1:{port}.evil.example',
                                    'http://localhost:{port}', 'http://127.0.0.1:{port}/'])
def test_origins(cell, origin):
    h = {'Origin': origin.format(port=cell.port)}
    assert cell.admin.ask('GET', '/api/cell', headers=h).status == 403
    assert cell.admin.post('/api/groups', {'name': 'csrf'}, headers=h).status == 403
    assert cell.server.client().post('/api/auth/login', {'username': 'owner', 'password': 'x'}, headers=h).status == 403


def test_own_origin_and_fetch_site(cell):
    own = {'Origin': f'http://127.0.0.1:{cell.port}', 'Sec-Fetch-Site': 'same-origin'}
    assert cell.admin.patch('/api/cell', {'note': 'own page'}, headers=own).status == 200
    for site in ('cross-site', 'same-site', 'x'):
        assert cell.admin.patch('/api/cell', {'note': 'x'}, headers={'Sec-Fetch-Site': site}).status == 403


def test_no_cors(cell):
    a = cell.admin.get('/api/cell')
    assert not [h for h in a.headers if h.lower().startswith('access-control')]


def test_headers_of_every_answer(cell):
    for a in (cell.admin.get('/'), cell.admin.get('/api/cell'), cell.admin.get('/nope.js'), cell.server.client().get('/api/cell')):
        csp = a.headers['Content-Security-Policy']
        assert "default-src 'self'" in csp and "frame-ancestors 'none'" in csp and 'unsafe' not in csp
        assert a.headers['X-Content-Type-Options'] == 'nosniff' and a.headers['Referrer-Policy'] == 'no-referrer'
    assert cell.admin.get('/api/cell').headers['Cache-Control'] == 'no-store'


def test_forwarded_for_is_not_believed(cell):
    h = {'X-Forwarded-For': '203.0.113.9', 'Forwarded': 'for=203.0.113.9', 'X-Real-IP': '203.0.113.9', 'X-Pic-Client': '203.0.113.9',
         'X-Pic-Proto': 'https', 'X-Pic-Front': 'guessed https 203.0.113.9 anna'}
    someone = cell.server.client()
    someone.post('/api/auth/login', {'username': 'owner', 'password': 'wrong password'}, headers=h)
    someone.login('owner')
    a = someone.get('/api/auth/sessions')
    assert b'203.0.113.9' not in a.data + cell.admin.get('/api/audit?limit=50').data


def test_cookies(cell):
    a = cell.server.client().login('owner')
    for cookie in a.headers.get_all('Set-Cookie'):
        assert 'HttpOnly' in cookie and 'SameSite=Strict' in cookie and 'Path=/' in cookie and 'Domain' not in cookie
    token = cell.admin.cookies['pic_session']
    for cookies in (f'pic_session={token}; pic_session={token}', f'pic_session={token}x', 'pic_session=', f'x=pic_session={token}'):
        assert cell.server.client().ask('GET', '/api/cell', headers={'Cookie': cookies}).status == 401


def test_bearer(cell):
    for value in ('Bearer', 'Bearer ', 'Bearer x', 'Basic b3duZXI6eA==', 'Bearer ' + 'a' * 5000):
        a = cell.server.client().ask('GET', '/api/cell', headers={'Authorization': value})
        assert a.status == 401 and 'Bearer' in a.headers['WWW-Authenticate']


# --- many at once


def test_twenty_writers(cell):
    results = []

    def write(i):
        for k in range(3):
            results.append(cell.admin.post('/api/groups', {'name': f'w{i}-{k}'}, timeout=60).status)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [201] * 60
    assert len([g for g in cell.admin.get('/api/groups').json if g['name'].startswith('w')]) == 60
    assert cell.admin.get('/api/audit/verify').json['ok'] is True


def test_twenty_with_one_key(cell):
    """The same request twenty times at once is made once."""
    results = []

    def write():
        results.append(cell.admin.post('/api/groups', {'name': 'single'}, headers={'Idempotency-Key': 'one'}, timeout=60).status)

    threads = [threading.Thread(target=write) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert set(results) <= {201, 409} and 201 in results
    assert len(cell.admin.get('/api/history?kind=group&name=single').json) == 1
