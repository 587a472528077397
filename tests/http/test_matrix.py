"""Who may what: every route, every role, with and without CSRF token, from the route table. Changes are sent with a body
that is no JSON: who gets past the guards is told so (400), and nothing is changed."""
import http.client

import pytest
from web import Client, Server, new_cell, routes

ROLES = {'viewer': 1, 'operator': 2, 'admin': 4, 'peer': 8, 'setup': 16, 'metrics': 32}
QUERY = {'/api/why': '?from=x&to=y', '/api/logs/search': '?q=x'}


def status_of(client, method, path, csrf):
    """The first line only: a stream has no end."""
    h = client.headers()
    h.pop('X-CSRF-Token', None)
    if csrf == 'right':
        h['X-CSRF-Token'] = client.csrf or 'none'
    elif csrf == 'wrong':
        h['X-CSRF-Token'] = 'x' * 43
    body = None if method == 'GET' else '{'
    if body:
        h['Content-Type'] = 'application/json'
    c = http.client.HTTPConnection('127.0.0.1', client.server.port, timeout=30)
    try:
        c.request(method, path, body, h)
        return c.getresponse().status
    finally:
        c.close()


def expected(route, role, csrf, bearer):
    if route['public']:
        return 'in'
    if role is None:
        return 401
    if not route['roles'] & ROLES[role] or bearer and route['person']:
        return 403
    return 403 if route['csrf'] and not bearer and csrf != 'right' else 'in'


def right(route, got, want):
    if want == 'in':
        return got == 400 if route['method'] != 'GET' else got not in (401, 403)
    return got == want


def path_of(route):
    path = route['path']
    for arg in ('{name}', '{id}', '{revision}', '{seq}'):
        path = path.replace(arg, '999999')
    return path + QUERY.get(path, '')


def sweep(who):
    """who: (role or None, client). What was wrong, and how many were tried."""
    wrong, tried = [], 0
    for route in routes():
        for role, client in who:
            for csrf in (['right'] if route['method'] == 'GET' else ['right', 'wrong', 'none']):
                got = status_of(client, route['method'], path_of(route), csrf)
                want = expected(route, role, csrf, client.bearer)
                tried += 1
                if not right(route, got, want):
                    wrong.append(f'{route["method"]} {route["path"]} as {role or "nobody"}, CSRF {csrf}: {got}, not {want}')
    return wrong, tried


def test_every_route_and_role(cell, capsys):
    who = [(None, cell.server.client()), (None, Client(cell.server, bearer='pic_' + 'A' * 43))]
    who += [(role, cell.person(role)) for role in ('viewer', 'operator', 'admin', 'peer')]
    who += [(scope, cell.token(scope)) for scope in ('viewer', 'operator', 'admin', 'metrics')]
    wrong, tried = sweep(who)
    with capsys.disabled():
        print(f'\n{len(routes())} routes: {tried} combinations of route, role and CSRF token')
    assert not wrong, '\n'.join(wrong)


def test_every_route_in_setup(tmp_path, capsys):
    pic = new_cell(tmp_path / 'cell')
    server = Server(tmp_path / 'cell')
    try:
        setup = server.client()
        opened = setup.post('/api/setup/code', {'code': pic.json('setup')['code']})
        setup.csrf = opened.json['csrf_token']
        wrong, tried = sweep([('setup', setup), (None, server.client())])
        with capsys.disabled():
            print(f'\n{tried} combinations in setup')
        assert not wrong, '\n'.join(wrong)
    finally:
        server.stop()


MAY = {  # said a second time, by hand: a slip of the table must not go unseen
    'peer': lambda m, p: p.startswith(('/api/peer/', '/api/auth/')),
    'metrics': lambda m, p: p == '/metrics',
    'setup': lambda m, p: p.startswith(('/api/setup/', '/api/auth/')) or p in ('/api/cell', '/api/schema', '/api/openapi.json'),
    'viewer': lambda m, p: m == 'GET' and not p.startswith('/api/peer/') or p.startswith('/api/auth/'),
}
LOGINS = ('/api/auth/login', '/api/auth/passkey/offer', '/api/auth/passkey/login')
ADMIN_ONLY = ('/api/users', '/api/tokens', '/api/auth/users', '/api/auth/admin', '/api/audit/export', '/api/audit/{seq}',
              '/api/peers/{name}/config', '/api/peers/{name}/link', '/api/certificates/{name}/key', '/api/ca/')


@pytest.mark.parametrize('route', routes(), ids=lambda r: f'{r["method"]} {r["path"]}')
def test_the_table_says_what_was_meant(route):
    method, path = route['method'], route['path']
    for role, may in MAY.items():
        if route['roles'] & ROLES[role] and not route['public']:
            assert may(method, path), f'{role} may not'
    if path.startswith(ADMIN_ONLY):
        assert route['roles'] == ROLES['admin'], 'an admin only may'
    if path.startswith('/api/domains') and method != 'GET' and not path.endswith('/publish'):  # one may name a program that the agent runs
        assert route['roles'] == ROLES['admin'], 'an admin only may'
    if path.startswith('/api/peer/'):
        assert route['roles'] == ROLES['peer'], 'role peer only may'
    if method != 'GET' and not path.startswith(('/api/auth/', '/api/setup/')) and path != '/api/link':
        assert route['csrf'], 'a change wants the CSRF token'
    if method != 'GET' and path.startswith(('/api/auth/', '/api/peer/password')) and path not in (*LOGINS, '/api/auth/admin/reset-password'):
        assert route['person'], 'an API token may not'
    if route['public']:
        assert path in ('/health', *LOGINS, '/api/setup/status', '/api/setup/code', '/api/link', '/api/ca', '/api/ca.pem', '/api/ca.crt',
                        '/api/ca.mobileconfig', '/api/ca.crl', '/trust', '/trust.svg', '/trust.css')


def test_a_cell_in_setup_lets_nobody_in(tmp_path):
    new_cell(tmp_path / 'cell')
    server = Server(tmp_path / 'cell')
    try:
        nobody = server.client()
        assert nobody.get('/api/setup/status').json['complete'] is False
        assert nobody.get('/api/cell').status == 401
        assert nobody.post('/api/setup/complete', {'username': 'eve', 'password': 'x' * 20}).status == 401
        assert nobody.post('/api/setup/code', {'code': 'AAAA-AAAA-AAAA'}).status == 403
        assert nobody.login('owner').status == 401
    finally:
        server.stop()


def test_must_change(cell):
    """Who has to choose a new password can do that, and nothing else before."""
    made = cell.admin.post('/api/users', {'name': 'fresh', 'role': 'viewer', 'password': 'first password 1', 'must_change': True})
    assert made.status == 201, made
    fresh = cell.server.client()
    assert fresh.login('fresh', 'first password 1').json['must_change'] is True
    assert fresh.get('/api/peers').status == 403
    assert fresh.get('/api/auth/me').status == 200
    body = {'current_password': 'first password 1', 'new_password': 'second password 2'}
    assert fresh.post('/api/auth/change-password', body).status == 200
    assert fresh.get('/api/peers').status == 200
