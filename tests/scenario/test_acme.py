"""Certificates of a public CA with the real agent, filter and all: pebble (Let's Encrypt's CA for tests) in the internet of the scene,
the cell's outer address behind all names. From a domain to a certificate; a mode that is switched and taken back; an agent that is
killed in the middle; a CA that is not there; nothing lies open meanwhile or after."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import needs_root
from test_log_secrets import leaks, opened
from world import World, wait_for

pytestmark = needs_root
FAR = '203.0.113.254'
DIRECTORY = f'https://{FAR}:14000/dir'
NAME = 'home.example.test'


def start_ca(w):
    config = {'listenAddress': f'{FAR}:14000', 'managementListenAddress': f'{FAR}:15000', 'certificate': f'{w.tmp}/ca.pem',
              'privateKey': f'{w.tmp}/ca.key', 'httpPort': 80, 'tlsPort': 443, 'ocspResponderURL': '', 'externalAccountBindingRequired': False}
    (w.tmp / 'pebble.json').write_text(json.dumps({'pebble': config}))
    w.ca = w.spawn(w.inet, 'env', 'PEBBLE_VA_NOSLEEP=1', 'PEBBLE_WFE_NONCEREJECT=0', 'PEBBLE_AUTHZREUSE=0', 'pebble', '-config', w.tmp / 'pebble.json',
                   '-dnsserver', '127.0.0.1:8053', '-strict', stdout=open(w.tmp / 'pebble.log', 'a'), stderr=subprocess.STDOUT)
    wait_for(lambda: w.sh(w.inet, f'curl -sk https://{FAR}:14000/dir', check=False).returncode == 0, 20, 'pebble')


@pytest.fixture
def world(tmp_path):
    if not all(shutil.which(p) for p in ('uacme', 'pebble', 'pebble-challtestsrv', 'openssl', 'curl')):
        pytest.skip('uacme, pebble, openssl or curl is not here')
    with World(tmp_path) as w:
        w.scene()
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', tmp_path / 'ca.key', '-out',
                        tmp_path / 'ca.pem', '-days', '2', '-subj', '/CN=test', '-addext', f'subjectAltName=IP:{FAR}'], check=True, capture_output=True)
        etc = pathlib.Path('/etc/netns') / w.cellns  # ip netns exec lays it over /etc: whom uacme trusts
        (etc / 'ssl/certs').mkdir(parents=True)
        shutil.copy(tmp_path / 'ca.pem', etc / 'ssl/certs/ca-certificates.crt')
        try:
            w.spawn(w.inet, 'pebble-challtestsrv', '-dns01', '127.0.0.1:8053', '-http01', '', '-https01', '', '-tlsalpn01', '', '-management', f'{FAR}:8055',
                    '-defaultIPv6', '', '-defaultIPv4', '203.0.113.1', stdout=open(tmp_path / 'names.log', 'w'), stderr=subprocess.STDOUT)
            start_ca(w)
            w.start()
            yield w
        finally:
            shutil.rmtree(etc)
            if not any(etc.parent.iterdir()):
                etc.parent.rmdir()


def status(w):
    return json.loads(w.pic.run('--json', 'cert', 'status', NAME).stdout)['certificates'][0]


def until(w, condition, seconds=40):
    """Until the certificate is so."""
    def look():
        one = w.pic.json('cert', 'show', NAME)
        return one if condition(one) else None
    try:
        return wait_for(look, seconds, 'the certificate', nap=0.2)
    except AssertionError:
        print(status(w), w.pic('log')[-3000:])
        raise


def lies_open(w):
    """Files of the cell that have a private key in clear, and what a try leaves."""
    root = pathlib.Path(w.pic.dir)
    return [str(f) for f in root.rglob('*') if f.is_file() and b'PRIVATE KEY' in f.read_bytes()] + [str(p) for p in root.rglob('run/acme')]


def dns_script(w):
    """A script of a provider, as mode exec calls it, where any user may come."""
    script = pathlib.Path('/tmp') / f'{w.tag}-script'
    script.write_text(f'''#!/bin/sh
[ "$(id -u)" = 60601 ] || exit 9
case $1 in
txt-set) curl -s -d "{{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}}" http://{FAR}:8055/set-txt ;;
txt-clear) curl -s -d "{{\\"host\\":\\"$2.\\"}}" http://{FAR}:8055/clear-txt ;;
esac
''')
    script.chmod(0o755)
    return script


def test_from_a_domain_to_a_lock(world, tmp_path):
    w = world
    plan = w.pic('domain', 'add', NAME, '--mode', 'http01', '--acme', DIRECTORY, '--plan')
    assert NAME in plan and not w.pic.json('cert', 'list')
    w.pic('domain', 'add', NAME, '--mode', 'http01', '--acme', DIRECTORY)
    first = until(w, lambda c: c['not_after'])
    assert first['subjects'] == [NAME] and first['issuer'] == 'acme' and status(w)['state'] == 'good'
    pem = w.pic('cert', 'export', NAME)
    (tmp_path / 'leaf').write_text(pem)
    said = subprocess.run(['openssl', 'x509', '-in', tmp_path / 'leaf', '-noout', '-issuer', '-ext', 'subjectAltName'], capture_output=True, text=True).stdout
    assert 'Pebble Intermediate' in said and f'DNS:{NAME}' in said and pem.count('BEGIN CERTIFICATE') == 2
    assert lies_open(w) == [] and w.sh(w.inet, 'curl -s -m 2 http://203.0.113.1/', check=False).returncode == 7, 'nobody listens any more'
    assert 'cert-issue' in {json.loads(line)['verb'] for line in w.pic('--json', 'cert', 'history', NAME).splitlines()}

    # another mode: planned, done, and the old one is there until the new one is
    open_way = dns_script(w)
    try:
        w.pic('domain', 'set', NAME, '--mode', 'exec', '--script', open_way, '--ddns', 'no')
        switched = str(w.pic.json('domain', 'show', NAME)['revision'])
        seen = []
        second = until(w, lambda c: seen.append(c['serial']) or c['subjects'] == [NAME, f'*.{NAME}'])
        assert seen[0] == first['serial'] and second['serial'] != first['serial']
        # what waits for its confirmation asks nobody, and goes back by itself
        w.pic('domain', 'set', NAME, '--email', 'me@example.org', '--confirm', '60s')
        w.pic('undo')
        w.pic('undo', switched)
        third = until(w, lambda c: c['subjects'] == [NAME])
        assert third['serial'] not in (first['serial'], second['serial'])
    finally:
        open_way.unlink()
    assert lies_open(w) == []
    # neither the account's key nor the certificate's is in any log
    kept = opened(pathlib.Path(w.pic.dir))
    assert any(name.startswith('acme/account') for name in kept), list(kept)
    logs = {path.name: path.read_bytes() for path in pathlib.Path(w.pic.dir, 'log').iterdir()}
    assert b'INFO acme a certificate' in logs['agent.log'] and not leaks(kept, {**logs, 'told': w.pic('--json', 'log', '-n', '10000').encode()})
    # three of the same name within days are enough for any CA
    said = w.pic.run('cert', 'renew', NAME)
    assert said.returncode == 1 and re.search('Not before', said.stderr), said.stderr


def test_trouble(world):
    w = world
    w.ca.send_signal(signal.SIGSTOP)  # it takes the connection and says nothing
    w.pic('domain', 'add', NAME, '--mode', 'http01', '--acme', DIRECTORY)
    wait_for(lambda: status(w)['state'] == 'asking', 10, 'a try')
    began = time.monotonic()
    w.pic('status')
    w.pic('peer', 'add', 'anna')
    assert time.monotonic() - began < 3, 'nobody waits for a CA'
    open_now = lies_open(w)
    assert any('run/acme' in p for p in open_now)
    for path in pathlib.Path(w.pic.dir).rglob('run/acme'):
        assert path.stat().st_mode & 0o077 == 0
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    w.ca.send_signal(signal.SIGCONT)
    w.start()
    told = wait_for(lambda: status(w) if status(w)['state'] == 'failing' else None, 10, 'that it was cut short')
    assert told['failures'] == 1 and told['next'] and 'ended in the middle' in told['why']
    assert lies_open(w) == []
    assert any(NAME in f['what'] for f in json.loads(w.pic.run('--json', 'doctor').stdout)['findings'])
    w.pic('cert', 'renew', NAME)  # it was mended
    until(w, lambda c: c['not_after'])
    assert status(w)['state'] == 'good'
    what_it_is_told(w)


def what_it_is_told(w):
    """Another address; and that a certificate was revoked with its domain, over a killed agent, without that anybody asks again."""
    def rows(verb):
        return w.pic.json('audit', 'list', '--verb', verb)

    def at_the_ca():
        told = w.sh(w.inet, f'curl -sk https://{FAR}:15000/cert-status-by-serial/{serial}')
        return json.loads(told)['Status']
    serial = w.pic.json('cert', 'show', NAME)['serial']
    w.pic('domain', 'set', NAME, '--email', 'me@example.org')
    wait_for(lambda: json.loads(w.pic('--json', 'cert', 'status'))['accounts'][0]['email'] == 'me@example.org', 20, 'the address at the CA')
    plan = w.pic('domain', 'remove', NAME, '--plan')
    assert f'certificate {NAME} stays good until' in plan and '--revoke' in plan, plan
    told = json.loads(w.pic('--json', 'domain', 'remove', NAME, '--revoke', '--plan'))['notes']
    assert [n['note'] for n in told] == ['withdrawn'] and at_the_ca() == 'Valid'
    w.ca.send_signal(signal.SIGSTOP)
    said = w.pic.run('domain', 'remove', NAME, '--revoke')
    assert said.returncode == 0 and 'told to withdraw' in said.stderr, said.stderr
    wait_for(lambda: status(w)['state'] == 'revoking', 10, 'that it is told')
    os.kill(w.agent_pid(), signal.SIGKILL)
    w.picd.wait(5)
    w.ca.send_signal(signal.SIGCONT)
    w.start()
    assert w.pic.json('cert', 'list') == [] and w.pic.json('domain', 'list') == []
    assert status(w)['state'] == 'revoking'  # not before ten seconds after the first try
    wait_for(lambda: at_the_ca() == 'Revoked', 40, 'that the CA knows')
    wait_for(lambda: w.pic.run('cert', 'status', NAME).returncode == 1, 10, 'that all is done')
    assert len(rows('cert-told')) == 2 and rows('cert-withdrawn') and lies_open(w) == []
