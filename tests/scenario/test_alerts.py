"""Alerts, from the command line to who is told: a webhook and ntfy (stand-ins, alert_ends.py says how faithful), a real SMTP server (aiosmtpd), over TLS; what is told,
what is refused, what waits while nobody answers, and that a killed agent loses none of it."""
import email
import email.policy
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import subprocess

import pytest
from conftest import needs_root
from alert_ends import TOKEN
from world import HERE, PYTHON, World, wait_for

pytestmark = [needs_root, pytest.mark.skipif(not os.path.exists('/usr/lib/python3/dist-packages/aiosmtpd'), reason='python3-aiosmtpd is not here')]
FAR = '198.51.100.10'


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    tmp = tmp_path_factory.mktemp('alerts')
    with World(tmp) as w:
        w.scene()
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', tmp / 'leaf.key', '-out',
                        tmp / 'leaf.pem', '-days', '2', '-subj', '/CN=test', '-addext', f'subjectAltName=IP:{FAR}'], check=True, capture_output=True)
        etc = pathlib.Path('/etc/netns') / w.cellns  # ip netns exec lays it over /etc: whom curl trusts
        (etc / 'ssl/certs').mkdir(parents=True)
        shutil.copy(tmp / 'leaf.pem', etc / 'ssl/certs/ca-certificates.crt')
        try:
            ends = [('web', tmp), ('smtp', tmp, 587, 'login'), ('smtp', tmp, 25, 'plain')]
            for i, words in enumerate(ends):
                w.spawn(w.inet, PYTHON, HERE / 'alert_ends.py', *map(str, words), stdout=open(tmp / f'end{i}', 'w'), stderr=subprocess.STDOUT)
            w.start()
            wait_for(lambda: all('ready' in (tmp / f'end{i}').read_text() for i in range(3)), what='the ends')
            for name, text in (('token', TOKEN), ('secret', 'hunter2-sign'), ('password', 'hunter2-smtp')):
                (tmp / name).write_text(text)
            yield w
        finally:
            shutil.rmtree(etc)
            if not any(etc.parent.iterdir()):
                etc.parent.rmdir()


def came(w, name='web.jsonl', path=None):
    try:
        all_ = [json.loads(line) for line in (w.tmp / name).read_text().splitlines()]
    except FileNotFoundError:
        return []
    return [x for x in all_ if path is None or x.get('path') == path]


def try_out(w, name, status=0):
    done = w.pic.run('--json', 'alert', 'test', name)
    assert done.returncode == status and done.stdout, done.stdout + done.stderr
    return json.loads(done.stdout)


def state(w, name):
    return next(a for a in json.loads(w.pic.run('--json', 'alert', 'status').stdout)['alerts'] if a['name'] == name)


def test_a_webhook_signed(world):
    w = world
    w.pic('alert', 'add', 'hook', '--to', f'https://{FAR}/hook', '--secret-file', w.tmp / 'secret', '--token-file', w.tmp / 'token', '--events', 'peer_new,exit,agent', '--window', '0', '--after', '0')
    told = try_out(w, 'hook')
    assert told['arrived'] and told['said'] == '200 {"you said": "Bearer (secret)"}' and told['error'] is None
    one = came(w, path='/hook')[0]
    assert one['headers']['x-pic-signature'] == 'sha256=' + hmac.new(b'hunter2-sign', one['body'].encode(), hashlib.sha256).hexdigest()
    assert one['headers']['authorization'] == f'Bearer {TOKEN}' and one['headers']['content-type'] == 'application/json'
    body = json.loads(one['body'])
    assert (body['version'], body['cell'], body['alert'], body['test'], body['events'], body['lost']) == (1, 'home', 'hook', True, [], 0)
    assert body['id'] == one['headers']['x-pic-id']
    w.pic('peer', 'add', 'anna')
    body = json.loads(wait_for(lambda: came(w, path='/hook')[1:], what='the news')[0]['body'])
    assert [(e['event'], e['state'], e['about'], e['level']) for e in body['events']] == [('peer_new', 'happened', 'anna', 'warning')] and 'anna is new' in body['title']
    w.pic('connection', 'add', 'far', '--type', 'proxy', '--endpoint', '192.0.2.9:1080', '--protocol', 'socks5', '--enabled', 'no')
    w.pic('connection', 'add', 'best', '--type', 'group', '--members', 'far')
    body = json.loads(wait_for(lambda: came(w, path='/hook')[2:], what='the trouble')[0]['body'])
    assert [(e['event'], e['state'], e['about'], e['level']) for e in body['events']] == [('exit', 'trouble', 'best', 'error')] and body['level'] == 'error'
    assert [(t['stage'], t['about']) for t in state(w, 'hook')['troubles']] == [('told', 'best')] and state(w, 'hook')['sent'] == 2
    assert 'told: connection best is down' in w.pic('alert', 'history', 'hook') and 'connection best is down' in w.pic('alert', 'status')


def test_ntfy(world):
    w = world
    w.pic('alert', 'add', 'phone', '--to', f'ntfy://{FAR}/closed', '--events', 'clock')
    told = try_out(w, 'phone', 1)
    assert not told['arrived'] and 'forbidden' in told['said'] and 'status 403' in told['error'] and '--token-file' in told['hint']
    w.pic('alert', 'set', 'phone', '--token-file', w.tmp / 'token')
    assert try_out(w, 'phone')['arrived']
    body = json.loads(came(w, path='/')[-1]['body'])
    assert body == {'topic': 'closed', 'title': 'home: test: messages arrive', 'message': body['message'], 'priority': 3, 'tags': ['white_check_mark']}
    w.pic('alert', 'remove', 'phone')


def test_mail(world):
    w = world
    w.pic('alert', 'add', 'post', '--to', f'smtp://{FAR}:587', '--sender', 'cell@home.example', '--recipients', 'anna@home.example,bob@home.example', '--user', 'cell',
          '--token-file', w.tmp / 'password', '--events', 'clock', '--enabled', 'no')
    told = try_out(w, 'post')
    assert told['said'] == '250 2.0.0 taken'
    mail = came(w, 'mail.jsonl')[0]
    assert mail['tls'] and mail['login'] and mail['sender'] == 'cell@home.example' and mail['to'] == ['anna@home.example', 'bob@home.example'] and mail['hello'] == 'home.internal'
    m = email.message_from_string(mail['text'], policy=email.policy.default)
    assert not m.defects and m['subject'] == '[home] test: messages arrive' and m['auto-submitted'] == 'auto-generated' and m['from'].addresses[0].addr_spec == 'cell@home.example'
    assert [a.addr_spec for a in m['to'].addresses] == mail['to'] and m['date'].datetime and '@home.internal>' in m['message-id'] and 'Nothing is wrong' in m.get_content()
    w.pic('alert', 'set', 'post', '--recipients', 'nobody@home.example')
    assert '550 5.1.1 no such user here' in try_out(w, 'post', 1)['error']
    (w.tmp / 'wrong').write_text('nonsense')
    w.pic('alert', 'set', 'post', '--token-file', w.tmp / 'wrong')
    assert '535' in try_out(w, 'post', 1)['error']
    assert 'token: must be given anew' in w.pic.run('alert', 'set', 'post', '--to', f'smtp://{FAR}:25').stderr  # it would go there
    w.pic('alert', 'set', 'post', '--to', f'smtp://{FAR}:25', '--token-file', w.tmp / 'password')
    assert 'has no TLS' in try_out(w, 'post', 1)['error'] and len(came(w, 'mail.jsonl')) == 1
    assert w.pic.run('alert', 'set', 'post', '--tls', 'no').returncode == 1  # not with a password
    w.pic('alert', 'set', 'post', '--tls', 'no', '--unset', 'user', '--unset', 'token', '--recipients', 'anna@home.example')
    assert try_out(w, 'post')['arrived'] and not came(w, 'mail.jsonl')[-1]['tls']
    w.pic('alert', 'remove', 'post')


def test_nobody_vouches_and_elsewhere(world):
    w = world
    w.pic('alert', 'add', 'wrong', '--to', 'https://203.0.113.254/hook', '--events', 'clock')
    w.sh(w.inet, 'ip addr add 198.51.100.11/32 dev lo')
    assert 'nobody answers' in try_out(w, 'wrong', 1)['error']
    (w.tmp / 'status').write_text('302')
    w.pic('alert', 'set', 'wrong', '--to', f'https://{FAR}/away', '--token-file', w.tmp / 'token')
    assert 'sends us to another server' in try_out(w, 'wrong', 1)['error']
    (w.tmp / 'status').unlink()
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null', '-out',
                    f'/etc/netns/{w.cellns}/ssl/certs/ca-certificates.crt', '-days', '2', '-subj', '/CN=other'], check=True, capture_output=True)
    assert 'nobody vouches' in try_out(w, 'wrong', 1)['error']
    shutil.copyfile(w.tmp / 'leaf.pem', f'/etc/netns/{w.cellns}/ssl/certs/ca-certificates.crt')
    w.pic('alert', 'remove', 'wrong')


def test_a_killed_agent_loses_nothing(world):
    w = world
    (w.tmp / 'status').write_text('503')
    before = len(came(w, path='/hook'))
    w.pic('peer', 'add', 'bob')
    wait_for(lambda: state(w, 'hook')['state'] == 'failing', what='the failure')
    assert 'status 503' in state(w, 'hook')['error'] and state(w, 'hook')['queued'] == 1
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait()
    (w.tmp / 'status').unlink()
    w.start()
    bodies = wait_for(lambda: (lambda b: b if len(b) >= 3 else None)([json.loads(x['body']) for x in came(w, path='/hook')[before:]]), what='what waited')
    assert bodies[0]['id'] == bodies[1]['id'] and bodies[1]['events'][0]['about'] == 'bob'
    assert [(e['event'], e['state']) for b in bodies[2:] for e in b['events']] == [('agent', 'happened')] and 'killed' in bodies[2]['title']
    assert [t['stage'] for t in state(w, 'hook')['troubles']] == ['told']  # best is still down, and told once


def test_nothing_secret_is_told(world):
    w = world
    secrets = (TOKEN, 'hunter2')
    texts = w.pic('log') + w.pic('history') + w.pic('alert', 'show', 'hook') + w.pic('export') + w.pic('--json', 'alert', 'status')
    for path in pathlib.Path(w.pic.dir).rglob('*'):
        if path.is_file():
            texts += path.read_bytes().decode('latin1')
    assert not [s for s in secrets if s in texts]
    w.pic('alert', 'remove', 'hook')
    wait_for(lambda: not (pathlib.Path(w.pic.dir) / 'alerts').exists(), what='the end of it')
