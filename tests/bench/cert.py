"""What the cell's own CA does in a second: keys, certificates, seals, and all of it durable in the store."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from conftest import BIN
from figures import Figures

MANY = int(os.environ.get('PIC_BENCH_MANY', '1000'))
HAND = 30


def timed(*args, **kw):
    begin = time.monotonic()
    subprocess.run(args, check=True, capture_output=True, **kw)
    return time.monotonic() - begin


def by_hand(where):
    """A key, a request, a certificate, as one does it with openssl: three programs each."""
    ca = ['-subj', '/CN=ca', '-addext', 'nameConstraints=critical,permitted;DNS:home.internal']
    timed('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', *ca, cwd=where)
    took = 0
    for i in range(HAND):
        took += timed('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{i}.key', cwd=where)
        took += timed('openssl', 'req', '-new', '-key', f'{i}.key', '-subj', f'/CN=h{i}.home.internal', '-addext', f'subjectAltName=DNS:h{i}.home.internal', '-out', f'{i}.csr', cwd=where)
        took += timed('openssl', 'x509', '-req', '-in', f'{i}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy', '-days', '30', '-out', f'{i}.pem', cwd=where)
    return HAND / took


with tempfile.TemporaryDirectory() as where:
    pic = [str(BIN / 'pic'), '--world', 'fake', '--dir', f'{where}/cell']
    timed(*pic, 'init', '--name', 'home')
    document = 'certificates:\n' + ''.join(f'  h{i}: {{}}\n' for i in range(MANY))
    wished = timed(*pic, 'apply', '--file', '-', input=document.encode())
    count = subprocess.run([*pic, '--json', 'cert', 'list'], check=True, capture_output=True, text=True).stdout.count('"serial":"')
    assert count == MANY, f'{count} of {MANY} were issued'
    rotated = timed(*pic, 'cert', 'root', '--rotate')
    one = min(timed(*pic, 'cert', 'issue', f'one{i}', '--quiet') for i in range(10))
    hand = by_hand(pathlib.Path(where))
    figures = Figures(f'Certificates by the own CA, {MANY} of them')
    figures.add('wished by a document, judged, issued, sealed, durable', MANY / wished, '/s', hand, 'openssl: key, request, certificate', '>= 500/s')
    figures.add('another root, and all issued anew', MANY / rotated, '/s', hand, 'the same', '>= 500/s')
    figures.add('pic cert issue, from exec to exit', one * 1000, 'ms', 1000 / hand, 'the same')
    figures.done(sys.argv[1])
