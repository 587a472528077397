"""Certificates over HTTP: issued, shown once, withdrawn; the root for who has no login yet, judged by openssl; the page that
helps to install it."""
import plistlib
import sqlite3
import subprocess


def ok(answer, status=200):
    assert answer.status == status, answer
    return answer.json


def openssl(*args):
    return subprocess.run(['openssl', *args], capture_output=True, text=True, timeout=20)


def test_issue_show_renew_revoke(cell, tmp_path):
    made = ok(cell.admin.post('/api/certificates', {'name': 'nas.home', 'names': ['nas.home', '*.apps']}), 201)
    assert made['outcome']['state'] == 'applied' and made['issuer'] == 'own'
    one = ok(cell.admin.get('/api/certificates/nas.home'))
    assert one['subjects'] == ['nas.home.internal', '*.apps.home.internal'] and 'key' not in one and 'chain' not in one
    assert cell.person('operator').post('/api/certificates/nas.home/key').status == 403
    shown = cell.admin.post('/api/certificates/nas.home/key')
    assert shown.status == 200 and 'BEGIN PRIVATE KEY' in shown.json['pem']
    assert cell.admin.post('/api/certificates/nas.home/key').status == 409
    (tmp_path / 'leaf').write_text(shown.json['pem'])
    (tmp_path / 'root').write_bytes(cell.server.client().get('/api/ca.pem').data)
    (tmp_path / 'crl').write_bytes(cell.server.client().get('/api/ca.crl').data)
    checked = openssl('verify', '-x509_strict', '-crl_check', '-CAfile', tmp_path / 'root', '-CRLfile', tmp_path / 'crl', '-verify_hostname', 'x.apps.home.internal',
                      tmp_path / 'leaf')
    assert checked.returncode == 0, checked.stderr
    ok(cell.person('operator').post('/api/certificates/nas.home/renew'))
    pem = cell.person('viewer').get('/api/certificates/nas.home/pem')
    assert pem.status == 200 and b'PRIVATE' not in pem.data and pem.data.decode() not in shown.json['pem']
    assert ok(cell.person('operator').patch('/api/certificates/nas.home', {'revoked': True}))['revoked'] is True
    assert cell.person('operator').patch('/api/certificates/nas.home', {'revoked': False}).status == 409
    assert cell.person('operator').post('/api/certificates/nas.home/renew').status == 409
    ok(cell.person('operator').delete('/api/certificates/nas.home'))
    bad = cell.admin.post('/api/certificates', {'name': 'www.example.org'})
    assert bad.status == 422 and 'ca-zones' in bad.json['hint']


def test_a_domain_brings_one(cell):
    ok(cell.admin.post('/api/domains', {'name': 'home.example.org', 'mode': 'http01'}), 201)
    one = ok(cell.admin.get('/api/certificates/home.example.org'))
    assert one['issuer'] == 'acme' and one['key_mode'] == 'kept' and one['not_after'] is None
    state = ok(cell.person('viewer').get('/api/certificates/home.example.org/state'))['certificates'][0]
    assert state['state'] == 'due' and state['proof'] == 'http-01' and state['directory'].startswith('https://acme-v02.')
    assert cell.person('operator').post('/api/certificates/home.example.org/renew').status == 409  # not in a pretended world
    with sqlite3.connect(f'{cell.pic.dir}/cell.db') as db:  # as if a CA had issued it
        db.execute("UPDATE certificate SET chain='QUJD', issuer_key='ab', not_after=4000000000000000 WHERE name='home.example.org'")
    db.close()
    notes = [ok(cell.admin.delete(f'/api/domains/home.example.org?plan=1{more}'))['notes'] for more in ('', '&revoke=true')]
    assert [[n['note'] for n in list_] for list_ in notes] == [['stays'], ['withdrawn']] and '2096' in notes[0][0]['until']
    ok(cell.admin.delete('/api/domains/home.example.org?revoke=true'))
    assert cell.admin.get('/api/certificates/home.example.org').status == 404
    assert cell.admin.delete('/api/dns/records/x?revoke=true').status == 400, 'only where there is something to be told'


def test_the_root_needs_no_login(cell):
    nobody = cell.server.client()
    info = ok(nobody.get('/api/ca'))
    assert info['zones'] == ['home.internal'] and info['fits'] and info['former'] is None
    der = nobody.get('/api/ca.crt')
    assert der.headers['Content-Type'] == 'application/x-x509-ca-cert' and der.data[:1] == b'0'
    profile = nobody.get('/api/ca.mobileconfig')
    assert profile.headers['Content-Type'] == 'application/x-apple-aspen-config'
    assert plistlib.loads(profile.data)['PayloadContent'][0]['PayloadContent'] == der.data
    page = nobody.get('/trust')
    text = page.data.decode()
    assert page.headers['Content-Type'].startswith('text/html') and info['subject'] in text and '<script' not in text
    assert info['fingerprint'].upper()[:4] in text and all(d in text for d in ('iPhone', 'Android', 'Windows', 'macOS', 'Firefox'))
    assert 'vertrauen' in nobody.get('/trust', headers={'Accept-Language': 'de-AT,de;q=0.9'}).data.decode()
    assert nobody.get('/trust.svg').data.lstrip().startswith(b'<')
    assert nobody.get('/api/certificates').status == 401 and nobody.post('/api/ca/rotate').status in (401, 403)


def test_another_root(cell):
    before = ok(cell.admin.get('/api/ca'))
    assert cell.person('operator').post('/api/ca/rotate').status == 403
    after = ok(cell.admin.post('/api/ca/rotate'))
    assert after['fingerprint'] != before['fingerprint'] and after['former']['fingerprint'] == before['fingerprint']
    assert cell.server.client().get('/api/ca.pem').data.count(b'BEGIN CERTIFICATE') == 2
