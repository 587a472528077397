"""Each path of the system that this one re-implements (reference.md, section 4), with its old body, as far as the thing
behind it exists today."""
import pathlib

import pytest
from web import PASSWORD


@pytest.fixture(scope='module', autouse=True)
def things(cell):
    assert cell.admin.post('/api/groups', {'name': 'kids'}).status == 201
    assert cell.admin.post('/api/connectivity/connections', {'type': 'block', 'name': 'nowhere'}).status == 201
    assert cell.admin.post('/api/connectivity/connections', {'type': 'tor', 'name': 'onion'}).status == 201


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


def test_health(cell):
    assert {'status', 'timestamp', 'version'} <= ok(cell.server.client().get('/health')).keys()


def test_status(admin):
    assert {'cell_name', 'domain', 'uptime', 'peer_count', 'services', 'timestamp'} <= ok(admin.get('/api/status')).keys()


def test_login_and_logout(cell):
    client = cell.server.client()
    assert ok(client.login('owner'))['username'] == 'owner'
    ok(client.post('/api/auth/logout'))
    assert client.get('/api/auth/me').status == 401


def test_me(admin):
    assert ok(admin.get('/api/auth/me'))['username'] == 'owner'


def test_csrf_token(admin):
    assert ok(admin.get('/api/auth/csrf-token'))['csrf_token'] == admin.csrf


def test_change_password(cell):
    person = cell.person('viewer')
    ok(person.post('/api/auth/change-password', {'current_password': PASSWORD, 'new_password': PASSWORD + '!'}))
    ok(person.get('/api/cell'))
    ok(person.post('/api/auth/change-password', {'current_password': PASSWORD + '!', 'new_password': PASSWORD}))


def test_admin_reset_password(cell):
    cell.person('operator')
    ok(cell.admin.post('/api/auth/admin/reset-password', {'username': 'operator1', 'new_password': 'another one 123'}))
    again = cell.server.client()
    assert ok(again.login('operator1', 'another one 123'))['must_change'] is True


def test_auth_users(admin):
    assert 'owner' in [u['name'] for u in ok(admin.get('/api/auth/users'))]


def test_setup_status(cell):
    assert ok(cell.server.client().get('/api/setup/status'))['complete'] is True


def test_config(admin):
    was = ok(admin.get('/api/config'))
    assert (was['cell_name'], was['ip_range'], was['wireguard_port']) == ('home', '10.20.0.0/16', 51820)


def test_put_config(admin):
    now = ok(admin.put('/api/config', {'cell_name': 'home2', 'domain': 'lan', 'ip_range': '10.21.0.0/16', 'wireguard_port': 51821}))
    assert (now['name'], now['domain'], now['net4'], now['listen_port']) == ('home2', 'lan', '10.21.0.0/16', 51821)


@pytest.mark.parametrize('body', [{'cell_name': ''}, {'cell_name': 'x' * 256}, {'ip_range': '10.0.0.0'}, {'ip_range': '8.8.0.0/16'}, {'ip_range': '172.32.0.0/16'}, {'ip_range': '10.0.0.0/7'}, {'wireguard_port': 70000},
                                  {'domain': 'x' * 256}, {'domain': ''}, {'ip_range': 7}, {'nonsense': 1}])
def test_put_config_refuses(admin, body):
    """By the code that old clients know; /api/cell says 422. The body is the one of all refusals."""
    a = admin.put('/api/config', body)
    assert a.status == 400 and a.json['error'] and a.json['code'] in ('VALUE', 'NOTFOUND') and a.json['fields'][0]['field'], a
    if not set(body) & {'cell_name', 'ip_range', 'wireguard_port'} and body != {'domain': ''}:
        assert admin.patch('/api/cell', body).status == 422


def test_wireguard_status(admin):
    assert {'interface', 'public_key', 'peers'} <= ok(admin.get('/api/wireguard/status')).keys()


def test_peers(admin):
    assert isinstance(ok(admin.get('/api/peers')), list)


def test_post_peer(cell):
    made = ok(cell.admin.post('/api/peers', {'name': 'anna', 'password': PASSWORD, 'service_access': [], 'internet_access': True}), 201)
    assert made['access'] == ['internet']
    anna = cell.server.client()
    assert ok(anna.login('anna'))['role'] == 'peer'
    assert [d['name'] for d in ok(anna.get('/api/peer/devices'))] == ['anna']


def test_post_peer_refuses(admin):
    assert admin.post('/api/peers', {'name': 'bad name', 'password': PASSWORD}).status == 422
    assert admin.post('/api/peers', {'name': 'short', 'password': 'short'}).status == 422
    assert admin.post('/api/peers', {'name': 'svc', 'service_access': ['nonesuch']}).status == 422
    assert [p['name'] for p in ok(admin.get('/api/peers')) if p['name'] in ('short', 'svc')] == []


def test_get_peer(admin):
    ok(admin.post('/api/peers', {'name': 'bert'}), 201)
    assert ok(admin.get('/api/peers/bert'))['name'] == 'bert'
    assert admin.get('/api/peers/nobody').status == 404


def test_put_peer(admin):
    ok(admin.post('/api/peers', {'name': 'carl', 'access': ['lan']}), 201)
    assert sorted(ok(admin.put('/api/peers/carl', {'internet_access': True}))['access']) == ['internet', 'lan']
    assert ok(admin.put('/api/peers/carl', {'internet_access': False, 'exit_via': 'nowhere'}))['exit'] == 'nowhere'
    assert ok(admin.put('/api/peers/carl', {'exit_via': 'tor'}))['exit'] == 'onion'
    assert ok(admin.put('/api/peers/carl', {'exit_via': 'default', 'route_via': None}))['exit'] is None


def test_delete_peer_and_its_login(cell):
    ok(cell.admin.post('/api/peers', {'name': 'dora', 'password': PASSWORD}), 201)
    ok(cell.admin.delete('/api/peers/dora'))
    assert cell.admin.get('/api/peers/dora').status == 404
    assert cell.admin.get('/api/users/dora').status == 404


def test_clear_reinstall(admin):
    def needs():
        return ok(admin.get('/api/peers/emil/reinstall'))['config_needs_reinstall']

    ok(admin.post('/api/peers', {'name': 'emil'}), 201)
    assert needs() is False  # it was given nothing yet
    ok(admin.post('/api/peers/emil/config'))
    assert needs() is False
    ok(admin.put('/api/peers/emil', {'note': 'x', 'expires': '2099-01-01'}))
    assert needs() is False  # not what a device has
    ok(admin.put('/api/peers/emil', {'tunnel': 'full'}))
    assert needs() is True
    assert ok(admin.post('/api/peers/emil/clear-reinstall')) == {'name': 'emil', 'config_needs_reinstall': False}
    assert needs() is False
    port = ok(admin.get('/api/cell'))['endpoint']
    ok(admin.patch('/api/cell', {'endpoint': 'elsewhere.example.org:51820'}))
    assert needs() is True
    ok(admin.patch('/api/cell', {'endpoint': port}))
    assert needs() is False  # it is as it was again
    ok(admin.post('/api/peers/emil/rekey'))
    assert needs() is True
    ok(admin.post('/api/peers/emil/config'))
    assert needs() is False
    assert admin.post('/api/peers/nobody/clear-reinstall').status == admin.get('/api/peers/nobody/reinstall').status == 404


def test_route_via(admin):
    ok(admin.post('/api/peers', {'name': 'fred'}), 201)
    ok(admin.put('/api/peers/fred/route-via', {'via_cell': None}))
    for name in ('elsewhere', 'onion', 'fred'):  # no cell, a connection, a device: nothing is promised that nobody keeps
        no = admin.put('/api/peers/fred/route-via', {'via_cell': name})
        assert no.status == 501 and no.json['code'] == 'UNSUPPORTED' and no.json['hint']
    assert ok(admin.get('/api/peers/fred'))['exit'] is None
    no = admin.post('/api/peers', {'name': 'gina', 'route_via': 'elsewhere'})
    assert no.status == 422 and no.json['fields'][0]['field'] == 'route_via' and admin.get('/api/peers/gina').status == 404


def test_peer_dashboard_and_services(cell):
    person = cell.person('peer')
    assert ok(person.get('/api/peer/dashboard'))['username'] == 'peer1'
    assert ok(person.get('/api/peer/services')) == []
    assert cell.admin.get('/api/peer/dashboard').status == 403


def test_connections(admin):
    assert {c['name'] for c in ok(admin.get('/api/connectivity/connections'))} >= {'nowhere', 'onion'}


def test_post_connection(admin):
    made = ok(admin.post('/api/connectivity/connections', {
        'type': 'wireguard_ext', 'name': 'hop', 'endpoint': 'vpn.example.org:51820', 'addresses': ['10.66.0.2/32'], 'peer_key': 'B' * 42 + 'A='}), 201)
    assert made['type'] == 'wireguard' and made['public_key']
    assert admin.post('/api/connectivity/connections', {'type': 'carrier pigeon', 'name': 'x'}).status == 422


def test_one_connection(admin):
    made = ok(admin.get('/api/connectivity/connections/nowhere'))
    assert ok(admin.get(f'/api/connectivity/connections/{made["id"]}'))['name'] == 'nowhere'
    assert ok(admin.put('/api/connectivity/connections/nowhere', {'note': 'a wall'}))['note'] == 'a wall'


def test_delete_connection_that_is_used(admin):
    ok(admin.post('/api/connectivity/connections', {'type': 'block', 'name': 'used'}), 201)
    ok(admin.post('/api/peers', {'name': 'gina', 'exit': 'used'}), 201)
    refused = admin.delete('/api/connectivity/connections/used')
    assert refused.status == 409 and refused.json['code'] == 'INUSE'
    assert any('gina' in user for user in refused.json['users']), refused
    ok(admin.put('/api/peers/gina', {'exit': None}))
    ok(admin.delete('/api/connectivity/connections/used'))


def test_connection_health(admin):
    assert ok(admin.get('/api/connectivity/connections/nowhere/health'))['name'] == 'nowhere'


def test_failopen(admin):
    ok(admin.post('/api/peers', {'name': 'hans'}), 201)
    for value in (True, False, None):
        assert ok(admin.put('/api/connectivity/peers/hans/failopen', {'failopen': value}))['failopen'] is value


def test_peer_exit(admin):
    ok(admin.post('/api/peers', {'name': 'ida'}), 201)
    for given, exit_ in (('nowhere', 'nowhere'), ('tor', 'onion'), ('direct', 'direct'), ('default', None)):
        assert ok(admin.put('/api/connectivity/peers/ida/exit', {'connection_id': given}))['exit'] == exit_


def test_logs(admin):
    assert isinstance(ok(admin.get('/api/logs?service=agent&lines=10'))['lines'], list)


def test_log_verbosity(admin):
    seen = ok(admin.get('/api/logs/verbosity'))
    areas = {'network', 'wireguard', 'routing', 'agent', 'acme', 'alert', 'audit', 'backup', 'blocks', 'certs', 'doctor', 'domains', 'engine', 'exit', 'front', 'nft', 'ntp',
             'router', 'store'}
    assert seen == {'python': {'root': 'INFO', 'services': dict.fromkeys(areas, 'INFO')}, 'containers': {}}
    old = {'python': {'root': 'WARNING', 'services': {'wireguard': 'DEBUG', 'email': 'ERROR', 'network': 'CRITICAL', 'nft': 'info'}}, 'containers': {'caddy': 'DEBUG'}}
    told = ok(admin.put('/api/logs/verbosity', old))
    assert told['applied'] == {'python': {'root': 'hot', 'services': {'wireguard': 'hot', 'email': 'absent', 'network': 'hot', 'nft': 'hot'}}, 'containers': {'caddy': 'absent'}}
    assert told['python'] == {'root': 'WARNING', 'services': {**dict.fromkeys(areas, 'WARNING'), 'network': 'ERROR', 'wireguard': 'DEBUG', 'nft': 'INFO'}}
    back = ok(admin.put('/api/logs/verbosity', {'python': {'root': None, 'services': dict.fromkeys(('wg', 'dns', 'nft'))}}))
    assert back['python'] == seen['python'] and back['applied']['python']['root'] == 'hot'
    back = ok(admin.put('/api/logs/verbosity', seen))  # what was read can be sent back
    assert back['python'] == seen['python']
    ok(admin.put('/api/logs/verbosity', {'python': {'services': dict.fromkeys(areas)}}))
    rows = len(ok(admin.get('/api/audit?verb=log-level&limit=1000')))
    for body, field in (({'python': {'services': {'sea': 'info'}}}, 'python.services.sea'), ({'python': {'services': {'wg': 'loud', 'dns': 3}}}, 'python.services.wg'),
                        ({'python': {'root': 1}}, 'python.root'), ({'python': {'services': []}}, 'python'), ({'containers': {'caddy': 'x'}}, 'containers.caddy'),
                        ({'more': 1}, 'more')):
        a = admin.put('/api/logs/verbosity', body)
        assert a.status == 422 and a.json['fields'][0]['field'] == field, a
    assert rows == len(ok(admin.get('/api/audit?verb=log-level&limit=1000'))) > 3


def test_logs_search(admin):
    assert isinstance(ok(admin.get('/api/logs/search?q=x&service=agent'))['lines'], list)


def test_logs_are_chosen(admin):
    """Filters of the search, pages, both forms; what is none is refused in the usual ways."""
    log = pathlib.Path(admin.server.dir, 'log')
    log.mkdir(exist_ok=True)
    with open(log / 'agent.log', 'a') as f:
        f.write(''.join(f'2026-01-01T00:00:0{i}Z {level} wg Line {i}\n' for i, level in enumerate(['INFO', 'WARNING', 'ERROR', 'INFO'])))
    with open(log / 'unbound.log', 'ab') as f:
        f.write(b'[1767225605] unbound[1:0] info: \x1b[31m\xff line\n')
    old = 'since=2026-01-01T00:00:00Z&until=2026-01-01T01:00:00Z'

    def lines(query):
        return [line.split(' ', 1)[1] for line in ok(admin.get(f'/api/logs?{old}&{query}'))['lines']]
    assert lines('q=line') == ['INFO wg Line 0', 'WARNING wg Line 1', 'ERROR wg Line 2', 'INFO wg Line 3', 'INFO dns unbound: \\x1b[31m\\xff line']
    assert lines('q=line&case=true') == lines('service=dns&q=line') == lines('q=line')[4:] and lines('level=warning&service=wg') == lines('q=line')[1:3]
    page = ok(admin.get(f'/api/logs/search?q=line&lines=2&objects=true&{old}'))
    assert [one['from'] for one in page['lines']] == [None, 'unbound'] and page['query'] == 'line' and page['lines'][0]['level'] == 'info'
    assert lines(f'q=line&before={page["before"]}') == lines('q=line')[:3] and ok(admin.get(f'/api/logs?{old}'))['before'] is None
    for query, status in (('service=moon', 404), ('peer=nobody', 404), ('connection=none', 404), ('level=loud', 422), ('before=x', 422), ('lines=10001', 400), ('since=x', 400), ('lines=0', 200)):
        assert admin.get('/api/logs?' + query).status == status, query


def test_audit(admin):
    rows = ok(admin.get('/api/audit?actor=owner&limit=5'))
    assert 0 < len(rows) <= 5 and {r['actor'] for r in rows} == {'owner'}


def test_audit_export(admin):
    answer = admin.get('/api/audit/export')
    assert answer.status == 200 and answer.data.startswith(b'seq,revision,time,actor')


def test_audit_verify(admin):
    assert ok(admin.get('/api/audit/verify'))['ok'] is True


def test_config_backup(admin, tmp_path):
    assert admin.post('/api/config/backup', {'passphrase': 'x'}).status == 422
    assert admin.post('/api/config/backup', {}).status == 409  # there is no target
    assert admin.post('/api/backups/targets', {'name': 'old', 'url': str(tmp_path / 'd'), 'plain': True}).status == 201
    assert ok(admin.post('/api/config/backup', {}), 202)['targets'][0]['state'] == 'ok'
    assert admin.delete('/api/backups/targets/old').status == 200
