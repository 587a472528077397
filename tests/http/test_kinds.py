"""What all kinds have: lists, one, add, change, remove; errors by field; conditions; repeats; plans."""
import json
import threading

import pytest


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


@pytest.fixture(scope='module', autouse=True)
def many(cell):
    doc = {'groups': {'kids': {'access': ['internet']}, 'staff': {}},
           'peers': {f'dev{i:03}': {'note': 'even' if i % 2 == 0 else 'odd', 'groups': ['kids'] if i < 10 else []} for i in range(60)}}
    assert cell.admin.post('/api/edit', doc).status == 200


# --- lists


def test_all_and_pages(admin):
    every = admin.get('/api/peers')
    assert every.headers['X-Total-Count'] == '60' and len(every.json) == 60
    seen, path = [], '/api/peers?limit=25&sort=name'
    while path:
        page = admin.get(path)
        seen += [p['name'] for p in ok(page)]
        link = page.headers.get('Link')
        path = link.split('<')[1].split('>')[0] if link else None
    assert seen == [f'dev{i:03}' for i in range(60)]


def test_filter_sort_fields(admin):
    assert len(ok(admin.get('/api/peers?note=odd'))) == 30
    assert len(ok(admin.get('/api/peers?groups=kids'))) == 10
    assert len(ok(admin.get('/api/peers?enabled=true&note=EVEN'))) == 30
    assert [p['name'] for p in ok(admin.get('/api/peers?q=dev01&sort=-address4'))] == [f'dev{i:03}' for i in range(19, 9, -1)]
    assert ok(admin.get('/api/peers?limit=1&fields=name,note')) == [{'name': 'dev000', 'note': 'even'}]
    for bad in ('?limit=0', '?limit=x', '?offset=-1', '?sort=nonesuch', '?sort=private_key', '?nonesuch=1', '?limit=1&limit=2',
                '?private_key=x', '?q=%ff', '?q=%zz', '?limit=99999999999999999999'):
        assert admin.get('/api/peers' + bad).status == 400, bad
    assert ok(admin.get('/api/peers?offset=1000')) == []


def test_a_list_is_never_old(cell):
    """What the command line did a moment ago is there."""
    for i in range(5):
        cell.pic('--quiet', 'group', 'add', f'late{i}')
        assert f'late{i}' in [g['name'] for g in ok(cell.admin.get('/api/groups'))]


# --- one


def test_by_name_and_number(admin):
    one = ok(admin.get('/api/peers/DEV001'))
    assert ok(admin.get(f'/api/peers/{one["id"]}')) == one
    assert 'private_key' not in one and 'preshared_key' not in one


def test_errors_by_field(admin):
    a = admin.post('/api/peers', {'name': 'wrong', 'access': ['foo:bar'], 'keepalive': 99999, 'nmae': 'x', 'tunnel': 'half',
                                  'note': {'a': 1}, 'enabled': 'perhaps'})
    assert a.status == 422 and a.json['code'] == 'VALUE'
    fields = {f['field']: f for f in a.json['fields']}
    assert set(fields) == {'access', 'keepalive', 'nmae', 'tunnel', 'note', 'enabled'}
    assert 'name' in fields['nmae']['hint'] and fields['access']['rule']
    assert admin.get('/api/peers/wrong').status == 404


def test_refusals(admin):
    assert admin.post('/api/peers', {'name': 'dev001'}).status == 409
    assert admin.post('/api/peers', {'note': 'no name'}).status == 422
    assert admin.patch('/api/peers/dev001', {'created': '2020-01-01'}).status == 403
    assert admin.patch('/api/peers/dev001', {'groups': ['nonesuch']}).status == 404
    held = admin.delete('/api/groups/kids')
    assert held.status == 409 and len(held.json['users']) == 10


def test_null_unsets_and_rename(admin):
    ok(admin.post('/api/peers', {'name': 'old', 'note': 'x', 'access': 'lan,internet'}), 201)
    changed = admin.patch('/api/peers/old', {'name': 'new', 'note': None})
    assert ok(changed)['name'] == 'new' and changed.json['note'] is None
    assert changed.json['outcome']['state'] == 'applied'
    assert ok(admin.delete('/api/peers/new'))['removed'] == 'new'


def test_secrets_are_never_told(admin):
    secret = 'correct horse secret'
    body = {'name': 'px', 'type': 'proxy', 'endpoint': 'proxy.example.org:1080', 'protocol': 'socks5', 'user': 'me', 'password': secret}
    answers = [admin.post('/api/connectivity/connections', body), admin.get('/api/connectivity/connections/px'),
               admin.get('/api/connectivity/connections'), admin.get('/api/export?format=json'), admin.get('/api/audit'),
               admin.patch('/api/connectivity/connections/px?plan=1', {'password': secret + '2'}),
               admin.patch('/api/connectivity/connections/px', {'password': [secret, 'a,b']})]
    assert answers[0].status == 201 and answers[-1].status == 422
    for a in answers:
        assert secret.encode() not in a.data


# --- conditions


def test_etag(admin):
    for path in ('/api/peers/dev002', '/api/peers', '/api/cell', '/api/export', '/api/schema', '/api/openapi.json'):
        tag = admin.get(path).headers['ETag']
        again = admin.get(path, headers={'If-None-Match': f'"other", {tag}'})
        assert again.status == 304 and again.data == b'' and again.headers['ETag'] == tag, path
        assert admin.get(path, headers={'If-None-Match': '"other"'}).status == 200


def test_if_match(admin):
    tag = admin.get('/api/peers/dev003').headers['ETag']
    first = admin.patch('/api/peers/dev003', {'note': 'one'}, headers={'If-Match': tag})
    assert first.status == 200 and first.headers['ETag'] != tag
    stale = admin.patch('/api/peers/dev003', {'note': 'two'}, headers={'If-Match': tag})
    assert stale.status == 412 and stale.json['code'] == 'STALE'
    assert ok(admin.get('/api/peers/dev003'))['note'] == 'one'
    assert admin.delete('/api/peers/dev003', headers={'If-Match': tag}).status == 412
    # What else was changed does not count.
    ok(admin.patch('/api/peers/dev004', {'note': 'other'}))
    ok(admin.patch('/api/peers/dev003', {'note': 'three'}, headers={'If-Match': first.headers['ETag']}))


def test_if_match_among_writers(cell):
    """Ten who write other things at the same time do not make a condition fail that holds."""
    stop, noise = threading.Event(), []

    def write(i):
        while not stop.is_set():
            noise.append(cell.admin.patch(f'/api/peers/dev02{i}', {'note': 'noise'}).status)
            noise.append(cell.admin.patch(f'/api/peers/dev02{i}', {'note': 'more'}).status)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(3)]
    for t in threads:
        t.start()
    try:
        tag = cell.admin.get('/api/peers/dev030').headers['ETag']
        for i in range(15):
            a = cell.admin.patch('/api/peers/dev030', {'note': f'n{i}'}, headers={'If-Match': tag})
            assert a.status == 200, a
            tag = a.headers['ETag']
    finally:
        stop.set()
        for t in threads:
            t.join()
    assert set(noise) == {200}


def test_idempotency(admin):
    key = {'Idempotency-Key': 'abc-1'}
    first = admin.post('/api/groups', {'name': 'once'}, headers=key)
    again = admin.post('/api/groups', {'name': 'once'}, headers=key)
    assert first.status == again.status == 201 and first.data == again.data
    assert again.headers['Idempotency-Replayed'] == 'true' and again.headers['Location'] == first.headers['Location']
    assert admin.post('/api/groups', {'name': 'twice'}, headers=key).status == 422
    assert admin.post('/api/groups', {'name': 'once'}).status == 409
    refused = admin.post('/api/groups', {'name': 'bad name'}, headers={'Idempotency-Key': 'abc-2'})
    assert refused.status == 422 == admin.post('/api/groups', {'name': 'bad name'}, headers={'Idempotency-Key': 'abc-2'}).status


def test_idempotency_keeps_no_secret(admin):
    ok(admin.post('/api/peers', {'name': 'shown'}), 201)
    key = {'Idempotency-Key': 'abc-3'}
    assert 'PrivateKey' in ok(admin.post('/api/peers/shown/config', {}, headers=key))['config']
    assert admin.post('/api/peers/shown/config', {}, headers=key).status == 409


def test_idempotency_is_ones_own(cell):
    key = {'Idempotency-Key': 'shared'}
    assert cell.admin.post('/api/groups', {'name': 'mine'}, headers=key).status == 201
    assert cell.person('operator').post('/api/groups', {'name': 'mine'}, headers=key).status == 409


# --- looking first, going back


def test_plan_changes_nothing(admin):
    before = ok(admin.get('/api/status'))['revision']
    for method, path, body in (('POST', '/api/peers?plan=1', {'name': 'maybe', 'access': ['internet']}),
                               ('PATCH', '/api/peers/dev005?plan=1', {'access': ['lan']}),
                               ('DELETE', '/api/peers/dev005?plan=1', None), ('PATCH', '/api/cell?plan=1', {'net4': '10.77.0.0/16'}),
                               ('POST', '/api/undo?plan=1', {})):
        plan = ok(admin.ask(method, path, body))
        assert {'changes', 'steps', 'meaning', 'risk'} <= plan.keys() and plan['changes'], path
    assert admin.get('/api/peers/maybe').status == 404
    assert ok(admin.get('/api/cell'))['revision'] <= before


def test_confirm(admin):
    waits = ok(admin.patch('/api/peers/dev006?confirm=60', {'access': ['internet']}))
    assert waits['outcome']['waits'] is True
    assert admin.patch('/api/peers/dev007', {'note': 'x'}).status == 409
    ok(admin.post('/api/confirm'))
    assert admin.post('/api/confirm').status == 404
    assert admin.patch('/api/peers/dev006?confirm=0', {'note': 'x'}).status == 422


def test_undo_and_history(admin):
    revision = ok(admin.patch('/api/peers/dev008', {'note': 'to be undone'}))['outcome']['revision']
    rows = ok(admin.get(f'/api/history?kind=peer&name=dev008&first={revision}'))
    assert rows[0]['actor'] == 'owner' and rows[0]['way'] == 'http'
    assert any(c['name'] == 'dev008' for c in ok(admin.get(f'/api/history/{revision}/diff'))['changes'])
    ok(admin.post('/api/undo', {'revision': revision}))
    assert ok(admin.get('/api/peers/dev008'))['note'] == 'even'
    ok(admin.post(f'/api/history/{revision}/return'))
    assert ok(admin.get('/api/peers/dev008'))['note'] == 'to be undone'


def test_assertions_and_override(admin):
    ok(admin.post('/api/assertions', {'name': 'offline', 'rule': 'never group:staff -> internet'}), 201)
    ok(admin.patch('/api/peers/dev009', {'groups': ['staff']}))
    refused = admin.patch('/api/groups/staff', {'access': ['internet']})
    assert refused.status == 409 and refused.json['code'] == 'CONFLICT' and 'packet' in refused.json
    ok(admin.patch('/api/groups/staff?override=today+only', {'access': ['internet']}))
    assert any(r['verb'] == 'override' for r in ok(admin.get('/api/audit?limit=10')))


def test_names(admin):
    """Names of one's own: in the path as they are, texts with commas in a list, and what is refused."""
    ok(admin.post('/api/dns/records', {'name': 'nas', 'addresses': ['192.168.1.10', 'fd00::9'], 'txt': ['a, b', 'say "c"']}), 201)
    assert ok(admin.get('/api/dns/records/nas'))['txt'] == ['"a\\044 b"', '"say \\"c\\""']
    ok(admin.post('/api/dns/records', {'name': '*.dev', 'cname': 'nas'}), 201)
    ok(admin.post('/api/dns/records', {'name': '@', 'mx': '10 nas'}), 201)
    assert [r['name'] for r in ok(admin.get('/api/dns/records'))] == ['nas', '*.dev', '@']
    assert ok(admin.patch('/api/dns/records/%2A.dev', {'ttl': 300}))['ttl'] == 300
    assert any('*.dev.' in str(s) for s in ok(admin.patch('/api/dns/records/nas?plan=1', {'addresses': ['192.168.1.11']}))['steps'])
    wrong = admin.post('/api/dns/records', {'name': 'x', 'cname': 'nas', 'addresses': ['192.168.1.1']})
    assert wrong.status == 422 and wrong.json['fields'][0]['field'] == 'cname' and wrong.json['fields'][0]['rule']
    assert admin.post('/api/dns/records', {'name': 'dev008', 'txt': 'taken'}).status == 409
    ok(admin.post('/api/dns/forwards', {'name': 'Corp.example.', 'servers': ['192.168.1.1', '192.168.1.2@5353']}), 201)
    assert ok(admin.get('/api/dns/forwards/corp.example'))['dnssec'] is False
    mixed = admin.patch('/api/dns/forwards/corp.example', {'servers': ['192.168.1.1', '192.168.1.2#dns.corp.example']})
    assert mixed.status == 422 and 'in clear' in mixed.json['fields'][0]['rule']
    ok(admin.delete('/api/dns/forwards/corp.example'))
    ok(admin.post('/api/dns/blocklists', {'name': 'ads', 'source': 'https://example.org/hosts', 'groups': ['staff']}), 201)
    told = ok(admin.get('/api/dns/blocks'))
    assert told['filter'] and [x['state'] for x in told['lists']] == ['waiting']
    assert ok(admin.get('/api/dns/blocks/test?name=ads.example'))['blocked'] is False
    assert admin.get('/api/dns/blocks/test').status == 400 and admin.post('/api/dns/blocks/refresh', {}).status >= 400  # the pretend world fetches nothing
    assert admin.post('/api/dns/blocklists', {'name': 'x', 'source': 'hosts'}).status == 422
    ok(admin.delete('/api/dns/blocklists/ads'))
    ok(admin.post('/api/alerts', {'name': 'me', 'to': 'https://example.org/hook', 'secret': 'hunter2'}), 201)
    assert [(x['name'], x['state'], x['server']) for x in ok(admin.get('/api/alerts/status'))['alerts']] == [('me', 'waiting', 'example.org')]
    assert admin.post('/api/alerts/me/test', {}).status >= 400  # the pretend world sends nothing
    assert admin.post('/api/alerts', {'name': 'x', 'to': 'http://example.org/'}).status == 422
    ok(admin.delete('/api/alerts/me'))
    for name in ('nas', '%2A.dev', '%40'):
        ok(admin.delete(f'/api/dns/records/{name}'))


def test_services(admin):
    """A web server behind the front: who may is a grant, which holds it; the plan says it in words."""
    made = ok(admin.post('/api/services', {'name': 'album', 'target': 'http://192.168.1.10:8080'}), 201)
    assert ok(admin.get('/api/services/album'))['verify'] is False and 'album' in str(made)
    wrong = admin.post('/api/services', {'name': 'x', 'target': 'http://nas/path'})
    assert wrong.status == 422 and wrong.json['fields'][0]['field'] == 'target' and 'no path' in wrong.json['fields'][0]['rule']
    told = ok(admin.patch('/api/peers/dev008?plan=1', {'access': ['service:album']}))
    assert any(m['to'] == 'service:album' and m['verb'] == 'gains' for m in told['meaning'])
    ok(admin.patch('/api/peers/dev008', {'access': ['service:album']}))
    assert ok(admin.get('/api/why?from=dev008&to=album'))['rule'] == 'service:album'
    assert admin.delete('/api/services/album').status == 409
    assert [s['url'] for s in ok(admin.get('/api/front'))['services']] == ['https://album.home.internal/']
    ok(admin.patch('/api/services/album', {'name': 'photos'}))
    assert ok(admin.get('/api/peers/dev008'))['access'] == ['service:photos']
    ok(admin.patch('/api/peers/dev008', {'access': None}))
    ok(admin.delete('/api/services/photos'))


def test_domains(cell):
    """A public name: what its mode needs, its token never read back, and nobody but an admin."""
    admin, operator = cell.admin, cell.person('operator')
    wrong = admin.post('/api/domains', {'name': 'home.example.org', 'mode': 'rfc2136', 'script': '/bin/x'})
    assert wrong.status == 422 and {f['field'] for f in wrong.json['fields']} == {'server', 'key', 'script'}
    ok(admin.post('/api/domains', {'name': 'Home.example.org.', 'mode': 'cloudflare', 'token': 'hunter2', 'email': 'a@example.org'}), 201)
    one = ok(operator.get('/api/domains/home.example.org'))
    assert one['mode'] == 'cloudflare' and one['ddns'] is None and 'hunter2' not in str(one)
    assert any('home.example.org' in str(s) for s in ok(admin.patch('/api/domains/home.example.org?plan=1', {'enabled': False}))['steps'])
    assert operator.patch('/api/domains/home.example.org', {'enabled': False}).status == 403
    assert operator.post('/api/edit', {'wishes': [{'wish': 'remove', 'kind': 'domain', 'name': 'home.example.org'}]}).status == 403
    assert ok(admin.get('/api/config'))['domain_mode'] == 'cloudflare'
    ok(admin.patch('/api/domains/home.example.org', {'mode': 'http01', 'token': None}))
    ok(admin.put('/api/config', {'domain_mode': 'http01'}))
    refused = admin.put('/api/config', {'domain_mode': 'duckdns'})
    assert refused.status == 400 and '/api/domains' in refused.json['fields'][0]['rule']
    ok(admin.delete('/api/domains/home.example.org'))
    assert ok(admin.get('/api/config'))['domain_mode'] == 'lan'


def test_documents(cell):
    yaml = cell.admin.get('/api/export')
    assert yaml.headers['Content-Type'] == 'application/yaml'
    assert ok(cell.admin.ask('POST', '/api/edit?plan=1', yaml.data, headers={'Content-Type': 'application/yaml'}))['changes'] == []
    assert cell.admin.ask('POST', '/api/edit', '{"peers":{"a":{}},"peers":{}}').status == 400
    plan = ok(cell.admin.patch('/api/peers/dev010?plan=1', {'note': 'by plan'}))
    ok(cell.admin.post('/api/edit', plan))
    assert ok(cell.admin.get('/api/peers/dev010'))['note'] == 'by plan'
    assert cell.admin.post('/api/edit', plan).status == 412


def test_an_operator_touches_no_users(cell):
    operator = cell.person('operator')
    revision = ok(cell.admin.patch('/api/users/operator1', {'note': 'was lowered'}))['outcome']['revision']
    for path, body in (('/api/edit', {'wishes': [{'do': 'set', 'kind': 'user', 'name': 'operator1', 'field': 'role', 'value': 'admin'}]}),
                       ('/api/edit', {'wishes': [{'do': 'set', 'kind': 'cell', 'field': 'private_key', 'value': 'A' * 120, 'public_key': 'A' * 42 + 'E='}]}),
                       ('/api/edit', {'wishes': [{'do': 'add', 'kind': 'user', 'name': 'eve'}]}), ('/api/edit', {'peers': {'eve': {}}}),
                       ('/api/undo', {'revision': revision}), (f'/api/history/{revision - 1}/return', {}),
                       ('/api/peers', {'name': 'eve', 'password': 'a long password'})):
        a = operator.post(path, body)
        assert a.status == 403, (path, body, a)
    assert ok(cell.admin.get('/api/users/operator1'))['role'] == 'operator'
    assert ok(operator.post('/api/edit', {'wishes': [{'do': 'set', 'kind': 'peer', 'name': 'dev011', 'field': 'note', 'value': 'op'}]}))
    for path in ('/api/history?max=1000', '/api/audit?max=1000'):
        assert not {'user', 'token'} & {r['kind'] for r in ok(operator.get(path))}
    told = operator.get('/api/history?kind=user&max=1')
    assert told.json == [] and 'X-Next-Before' not in told.headers
    some = operator.get('/api/history?max=3')
    assert len(some.json) == 3 and int(some.headers['X-Next-Before']) == some.json[-1]['seq']
    assert not {'users', 'tokens'} & ok(operator.get('/api/export?format=json')).keys()
    assert operator.get('/api/export?format=yaml').status == 403
    diff = ok(operator.get(f'/api/history/{revision}/diff'))
    assert diff['changes'] == []


def test_override_reason_and_unknown_parameters(admin):
    assert admin.patch('/api/peers/dev012?nonesuch=1', {'note': 'x'}).status == 400
    assert admin.patch('/api/peers/dev012?override=', {'note': 'x'}).status == 422


def test_config_and_codes(admin):
    ok(admin.post('/api/peers', {'name': 'phone', 'key_mode': 'kept'}), 201)
    told = ok(admin.post('/api/peers/phone/config', {'qr': 'svg'}))
    assert '[Interface]' in told['config'] and told['qr'].startswith('<')
    png = ok(admin.post('/api/peers/phone/config', {'qr': 'png'}))['qr']
    import base64
    assert base64.b64decode(png).startswith(b'\x89PNG')
    assert admin.post('/api/peers/phone/config', {'qr': 'gif'}).status == 422
    ok(admin.post('/api/peers', {'name': 'sealed'}), 201)
    ok(admin.post('/api/peers/sealed/config'))
    assert admin.post('/api/peers/sealed/config').status == 409
    ok(admin.post('/api/peers/sealed/rekey'))
    ok(admin.post('/api/peers/sealed/config'))


def test_import(admin):
    conf = ('[Interface]\nPrivateKey = ' + 'A' * 42 + 'E=\nAddress = 10.66.0.2/32\n[Peer]\nPublicKey = ' + 'B' * 42 + 'A=\n'
            'Endpoint = vpn.example.org:51820\nAllowedIPs = 0.0.0.0/0\n')
    made = ok(admin.post('/api/connectivity/import', {'name': 'far', 'text': conf}), 201)
    assert made['type'] == 'wireguard' and made['told']['name'] == 'far' and 'A' * 42 not in json.dumps(made)
    assert admin.post('/api/connectivity/import', {'name': 'far2', 'text': '[Interface]\nPostUp = rm -rf /\n'}).status in (400, 422, 501)


def test_reports(admin):
    assert ok(admin.get('/api/why?from=dev000&to=internet'))['allowed'] is True
    assert admin.get('/api/why?from=dev000').status == 400
    assert isinstance(ok(admin.post('/api/doctor/fix', {}))['fixed'], list)
    for path in ('/api/doctor', '/api/drift', '/api/plan', '/api/connectivity/policy', '/api/audit/head', '/api/audit/1?proof=1'):
        ok(admin.get(path))
    ok(admin.post('/api/apply'))
    ok(admin.post('/api/drift/repair'))


def test_backups(admin, tmp_path):
    assert admin.post('/api/backups', {}).status == 409  # no target
    made = ok(admin.post('/api/backups/targets', {'name': 'disk', 'url': str(tmp_path / 'd'), 'passphrase': 'correct staple of May', 'every': 'never'}), 201)
    assert 'passphrase' not in made or made['passphrase'] in (None, True)
    ok(admin.post('/api/backups', {'target': 'disk'}), 202)
    told = next(t for t in ok(admin.get('/api/backups'))['targets'] if t['name'] == 'disk')
    assert told['state'] == 'ok' and told['held'][0]['name'] == told['backup'] and told['held'][0]['state'] == 'good' and told['doing'] is None
    ok(admin.post('/api/backups/verify', {'target': 'disk', 'name': told['backup']}), 202)
    ok(admin.post('/api/backups/drill', {'target': 'disk'}), 202)
    drill = next(t for t in ok(admin.get('/api/backups'))['targets'] if t['name'] == 'disk')['drill']
    assert drill['restorable'] and drill['backup'] == told['backup'] and drill['report']['checks'][0]['state'] == 'ok'
    ok(admin.post('/api/backups/list', {'target': 'disk'}), 202)
    ok(admin.post('/api/backups/cancel', {}))
    assert admin.post('/api/backups', {'target': 'none'}).status == 404
    text = admin.get('/metrics').data.decode()
    assert 'pic_backup_last_success_timestamp_seconds{target="disk"} ' in text and f'pic_backup_bytes{{target="disk"}} {told["size"]}' in text
    assert admin.patch('/api/backups/targets/disk', {'keep_last': 3}).json['keep_last'] == 3
    ok(admin.delete('/api/backups/targets/disk'))
    assert admin.post('/api/backups/targets', {'name': 'x', 'url': 'gopher://x'}).status == 422
