"""Each mode of a public name, and none: from `pic init` to a browser on a device that shows the page without a warning. The world has a name server
of its own (BIND, all public zones), a public CA (pebble), and the providers' stand-ins; the browser trusts pebble's root and the cell's, and no other.

A sample of the modes; PIC_MODES=all (`./dev test modes`) has those too that wait long for the provider's name servers, as with the real ones."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from conftest import BIN, TOP, needs_root
from world import World, wait_for

FAR = '203.0.113.254'
CHROMIUM = os.environ.get('CHROMIUM', '/usr/bin/chromium')
KEY = 'key "home-key" { algorithm hmac-sha256; secret "K2tf3TRrmE7TJd+m2NPBuw=="; };\n'
ZONES = 'example.com', 'example.net', 'example.org', 'duckdns.org', 'pic.ngo'
MODES = {'http01': 'home.example.com', 'rfc2136': 'home.example.net', 'exec': 'cell.example.net', 'cloudflare': 'home.example.org',
         'duckdns': 'home.duckdns.org', 'pic_ngo': 'home.pic.ngo'}
QUICK = 'http01', 'rfc2136', 'exec'
pytestmark = [needs_root, pytest.mark.skipif(not all(shutil.which(p) for p in ('uacme', 'pebble', 'named', 'certutil', CHROMIUM)),
                                             reason='uacme, pebble, named, certutil or chromium is not here')]


def name_server(w):
    """Everything in these zones leads to the cell, and who may is who asks: only BIND's own zone of changes wants a key."""
    where = w.tmp / 'named'
    where.mkdir()
    zones = ''
    for zone in ZONES:
        (where / zone).write_text(f'$TTL 1\n@ SOA ns root 1 60 60 60 1\n@ NS ns\nns A {FAR}\nhome A 203.0.113.1\ncell A 203.0.113.1\n')
        zones += f'zone "{zone}" {{ type master; file "{where}/{zone}"; allow-update {{ {"key home-key" if zone == "example.net" else "any"}; }}; }};\n'
    (where / 'conf').write_text(KEY + f'options {{ directory "{where}"; listen-on port 53 {{ {FAR}; }}; listen-on-v6 {{ none; }}; recursion no; pid-file none;'
                                f'session-keyfile none; }};\ncontrols {{ }};\n{zones}')
    w.spawn(w.inet, 'named', '-f', '-n', '1', '-c', where / 'conf', stderr=open(w.tmp / 'named.out', 'w'))
    wait_for(lambda: '203' in w.sh(w.inet, f'dig +short +time=1 +tries=1 @{FAR} home.pic.ngo', check=False).stdout, 10, 'named')


def public_ca(w, etc):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', w.tmp / 'ca.key', '-out',
                    w.tmp / 'ca.pem', '-days', '2', '-subj', '/CN=test', '-addext', f'subjectAltName=IP:{FAR}'], check=True, capture_output=True)
    (etc / 'ssl/certs').mkdir(parents=True)
    shutil.copy(w.tmp / 'ca.pem', etc / 'ssl/certs/ca-certificates.crt')
    config = {'listenAddress': f'{FAR}:14000', 'managementListenAddress': f'{FAR}:15000', 'certificate': f'{w.tmp}/ca.pem',
              'privateKey': f'{w.tmp}/ca.key', 'httpPort': 80, 'tlsPort': 443, 'ocspResponderURL': '', 'externalAccountBindingRequired': False}
    (w.tmp / 'pebble.json').write_text(json.dumps({'pebble': config}))
    w.spawn(w.inet, 'env', 'PEBBLE_VA_NOSLEEP=1', 'PEBBLE_WFE_NONCEREJECT=0', 'PEBBLE_AUTHZREUSE=0', 'pebble', '-config', w.tmp / 'pebble.json',
            '-dnsserver', f'{FAR}:53', '-strict', stdout=open(w.tmp / 'pebble.log', 'a'), stderr=subprocess.STDOUT)
    wait_for(lambda: w.sh(w.inet, f'curl -sk https://{FAR}:14000/dir', check=False).returncode == 0, 20, 'pebble')
    return w.sh(w.inet, f'curl -sk https://{FAR}:15000/roots/0')


@pytest.fixture(scope='module')
def world(tmp_path_factory):
    with World(tmp_path_factory.mktemp('modes')) as w:
        w.scene()
        cell_etc = pathlib.Path('/etc/netns') / w.cellns  # ip netns exec lays it over /etc: whom uacme trusts
        w.etcs = [cell_etc]
        try:
            name_server(w)
            w.root = public_ca(w, cell_etc)
            w.web = w.tmp / 'web'
            w.web.mkdir()
            (w.web / 'ip').write_text('203.0.113.1')
            (w.web / 'names').write_text(FAR)
            w.spawn(w.cellns, sys.executable, TOP / 'tests/fixtures/providers.py', w.web, 600)
            w.start()
            w.spawn(w.cellns, BIN / 'pic-http', '--dir', w.pic.dir, stdout=open(w.tmp / 'http.out', 'w'), stderr=subprocess.STDOUT)
            wait_for(lambda: (w.web / 'port').exists() and w.sh(w.cellns, 'ss -Hltn sport = :3000'), 10, 'the providers and the page')
            w.server = f"127.0.0.1:{(w.web / 'port').read_text()}"
            w.anna = device(w)
            yield w
        finally:
            for etc in w.etcs:
                shutil.rmtree(etc, ignore_errors=True)
            if cell_etc.parent.exists() and not any(cell_etc.parent.iterdir()):
                cell_etc.parent.rmdir()


def device(w):
    """One that asks the cell for names and trusts two roots."""
    anna = w.peer('anna')
    etc = pathlib.Path('/etc/netns') / anna.space
    etc.mkdir()
    w.etcs.append(etc)
    (etc / 'resolv.conf').write_text('nameserver 10.20.0.1\nnameserver fd20::1\n')
    w.home = w.tmp / 'home'
    db = w.home / '.pki/nssdb'
    db.mkdir(parents=True)
    subprocess.run(['certutil', '-N', '--empty-password', '-d', f'sql:{db}'], check=True)
    for i, pem in enumerate((w.root, w.pic('cert', 'root', '--pem'))):
        (w.home / f'{i}.pem').write_text(pem)
        subprocess.run(['certutil', '-A', '-d', f'sql:{db}', '-t', 'C,,', '-n', f'root{i}', '-i', w.home / f'{i}.pem'], check=True)
    return anna


def browse(w, url):
    """What the browser shows; a warning is a page of its own, without our words."""
    done = w.sh(w.anna.space, f'HOME={w.home} timeout 40 {CHROMIUM} --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking '
                              f"--user-data-dir={w.tmp}/browser --dump-dom '{url}'", check=False)
    return done.stdout


def shown(w, name):
    return 'Trust' in browse(w, f'https://{name}/trust')


def wish(w, mode):
    """What the owner says, beside the mode."""
    if mode == 'rfc2136':
        (w.tmp / 'key').write_text(KEY)
        return ['--server', FAR, '--key-file', w.tmp / 'key']
    if mode == 'exec':
        script = w.open_way
        script.write_text(f'#!/bin/sh\nd() {{ printf "server {FAR}\\n$KEY\\n$1\\nsend\\n" | nsupdate -y hmac-sha256:home-key:K2tf3TRrmE7TJd+m2NPBuw==; }}\ncase $1 in\n'
                          'txt-set) d "update add $2 1 TXT $3" ;;\ntxt-clear) d "update delete $2 TXT" ;;\nesac\n')
        script.chmod(0o755)
        return ['--script', script, '--ddns', 'no']
    if mode in ('cloudflare', 'duckdns'):
        (w.tmp / 'token').write_text('good-token\n')
        return ['--server', w.server, '--token-file', w.tmp / 'token']
    return ['--server', w.server] if mode == 'pic_ngo' else []


def test_no_mode_is_lan(world):
    """The own CA, with no internet at all."""
    w = world
    wait_for(lambda: json.loads(w.pic.run('--json', 'front', 'status').stdout)['serving'], 20, 'the front')
    w.sh(w.inet, 'ip link set cell0 down')
    w.sh(w.inet, 'ip link set cell0 up')
    assert shown(w, 'home.internal') and shown(w, 'cell.home.internal') and shown(w, '10.20.0.1')
    assert not shown(w, 'nas.home.internal'), 'a name that is nobody'


@pytest.mark.parametrize('mode', MODES if os.environ.get('PIC_MODES') == 'all' else QUICK)
def test_mode(world, mode):
    w, name = world, MODES[mode]
    w.open_way = pathlib.Path('/tmp') / f'{w.tag}-script'  # where any user may come
    try:
        w.pic('domain', 'add', name, '--mode', mode, '--acme', f'https://{FAR}:14000/dir', *wish(w, mode))
        assert w.anna.sh(f'dig +short {name} @10.20.0.1').split() == ['10.20.0.1'], 'inside at once'
        wait_for(lambda: w.pic.json('cert', 'show', name)['not_after'], 150, f'{mode}: a certificate', nap=0.3)
    except AssertionError:
        print(w.pic.run('cert', 'status').stdout, w.pic.run('domain', 'status').stdout, w.pic('log')[-3000:])
        raise
    finally:
        w.open_way.unlink(missing_ok=True)
    serial = 'openssl s_client -connect 10.20.0.1:443 -servername {} </dev/null 2>/dev/null | openssl x509 -noout -issuer'
    wait_for(lambda: 'Pebble' in w.anna.sh(serial.format(name)), 10, 'the front has it')
    assert shown(w, name)
    names = w.pic.json('cert', 'show', name)['subjects']
    assert names == ([name] if mode == 'http01' else [name, f'*.{name}'])
    assert 'Pebble' not in w.anna.sh(serial.format('home.internal')), 'the own name keeps the own certificate'
    w.pic('domain', 'remove', name)
    assert w.sh(w.inet, f'dig +short @{FAR} TXT _acme-challenge.{name}').strip() == '', 'no proof stays'
