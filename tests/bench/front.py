"""HTTPS through the front beside a bare haproxy with the same certificate and bytes; certificates exchanged meanwhile; what everything that a cell runs takes at
rest. In namespaces of its own; who asks sits in the cell's, so that no tunnel is measured. A machine's speed changes within seconds, so both are asked in turns, now one
first and now the other, and the ratio is the median of the turns' ratios."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from conftest import BIN
from figures import Figures, percentile
from world import World, wait_for

ROUNDS = int(os.environ.get('PIC_BENCH_ROUNDS', '21'))  # of connections that stay three times as many: their ratios spread by a tenth
SECONDS = int(os.environ.get('PIC_BENCH_SECONDS', '1'))
PEERS = int(os.environ.get('PIC_BENCH_PEERS', '100'))
SERVED = '''defaults
 mode http
 timeout client 60s
 timeout server 60s
 timeout connect 3s
frontend served
 bind 127.0.0.1:3000
 http-request return status 200 content-type text/html string "%s"
''' % ('x' * 1000)


def wrk(w, where, *more):
    """requests/s, and what went wrong."""
    text = w.sh(w.cellns, f'wrk -t 1 -c 20 -d {SECONDS}s {" ".join(more)} https://{where}/ 2>&1', timeout=60)
    bad = sum(int(n) for n in re.findall(r'(?:connect|read|write|timeout) (\d+)', text)) + int((re.search(r'Non-2xx or 3xx responses: (\d+)', text) or [0, 0])[1])
    return float(re.search(r'Requests/sec:\s+([\d.]+)', text)[1]), bad


def bare(w, pem):
    """What one would write by hand: TLS, one host, one server behind it."""
    (w.tmp / 'bare.pem').write_text(pem)
    (w.tmp / 'bare.cfg').write_text('global\n maxconn 2000\n ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n' + SERVED.split('frontend')[0] + f'''frontend bare
 bind 10.20.0.1:8443 ssl crt {w.tmp}/bare.pem alpn h2,http/1.1
 use_backend served if {{ req.hdr(host) -m beg 10.20.0.1 }}
backend served
 server served 127.0.0.1:3000 maxconn 200
''')
    w.spawn(w.cellns, 'haproxy', '-db', '-f', w.tmp / 'bare.cfg', stderr=subprocess.DEVNULL)
    wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :8443'), 10, 'the bare one')


def memory(w):
    """MB of all that the cell runs: each page counted once among those that share it; and resident, shared ones each time."""
    pss = rss = 0
    for pid in subprocess.run(['ip', 'netns', 'pids', w.cellns], capture_output=True, text=True).stdout.split():
        if pathlib.Path(f'/proc/{pid}/comm').read_text().strip() in ('picd', 'pic-http', 'unbound', 'chronyd', 'haproxy', 'wireguard-go'):
            rollup = dict(re.findall(r'^(\w+):\s+(\d+) kB', pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text(), re.M))
            pss, rss = pss + int(rollup['Pss']), rss + int(rollup['Rss'])
    return pss / 1024, rss / 1024


with tempfile.TemporaryDirectory() as tmp, World(tmp) as w:
    w.scene()
    document = 'peers:\n' + ''.join(f'  d{i}: {{}}\n' for i in range(PEERS))
    w.pic.run('apply', '--file', '-', '--no-wait', stdin=document)
    w.start()
    wait_for(lambda: json.loads(w.pic.run('--json', 'front', 'status').stdout)['not_after'], 20, 'the front')
    http = w.spawn(w.cellns, BIN / 'pic-http', '--dir', w.pic.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :3000'), 10, 'pic-http')
    time.sleep(2)
    pss, rss = memory(w)
    http.terminate()
    http.wait()

    (w.tmp / 'served.cfg').write_text(SERVED)
    w.spawn(w.cellns, 'haproxy', '-db', '-f', w.tmp / 'served.cfg', stderr=subprocess.DEVNULL)
    wait_for(lambda: w.sh(w.cellns, 'ss -Hltn sport = :3000'), 10, 'who is served')
    bare(w, w.pic('cert', 'issue', 'bare', '--names', '10.20.0.1'))

    # Who asks is a device by its address: what nobody wished, as a line in the front's map, the agent would take back.
    w.sh(w.cellns, 'ip addr add 10.20.0.2/32 dev lo; set -- $(ip route show table local 10.20.0.1); '
                   'ip route replace local 10.20.0.1 dev $4 proto kernel scope host src 10.20.0.2 table local')

    def turns(rounds, *more):
        """Both one after the other: rates of ours and of the other, and what went wrong."""
        ours, other, wrong = [], [], 0
        for i in range(rounds):
            for where in ('10.20.0.1', '10.20.0.1:8443')[::1 if i % 2 else -1]:
                rate, bad = wrk(w, where, *more)
                (other if ':' in where else ours).append(rate)
                wrong += bad
        return ours, other, wrong

    ours, reference, wrong = turns(3 * ROUNDS)
    fresh, fresh_bare, more = turns(ROUNDS, '-H', "'Connection: close'")
    wrong += more
    assert wrong == 0, f'{wrong} requests were not answered as they should be'
    load = subprocess.Popen(['ip', 'netns', 'exec', w.cellns, 'wrk', '-t', '1', '-c', '20', '-d', '6s', '-H', 'Connection: close', 'https://10.20.0.1/'], stdout=subprocess.PIPE, text=True)
    swaps = []
    time.sleep(0.5)
    for _ in range(5):
        begin = time.monotonic()
        w.pic('cert', 'root', '--rotate')
        swaps.append(time.monotonic() - begin)
        time.sleep(0.3)
    text = load.communicate(timeout=30)[0]
    asked = int(re.search(r'(\d+) requests in', text)[1])
    bad = sum(int(n) for n in re.findall(r'(?:connect|read|write|timeout) (\d+)', text)) + int((re.search(r'Non-2xx or 3xx responses: (\d+)', text) or [0, 0])[1])

    figures = Figures(f'HTTPS through the front, {PEERS} devices')
    def pairs(a, b):
        return percentile([x / y for x, y in zip(a, b)], 0.5)

    figures.add('requests, 20 connections that stay', percentile(ours, 0.5), '/s', percentile(reference, 0.5), 'haproxy, same certificate and bytes', '>= 0.95x', pairs(ours, reference))
    figures.add('requests, a new TLS connection each', percentile(fresh, 0.5), '/s', percentile(fresh_bare, 0.5), 'the same', '>= 0.95x', pairs(fresh, fresh_bare))
    figures.add(f'failed of {asked} while certificates were exchanged 5 times', bad, '', goal='0')
    figures.add('another root and certificate, from exec to exit', percentile(swaps, 0.5) * 1000, 'ms')
    figures.add('memory of all programs at rest, shared pages once', pss, 'MB', goal='<= 80')
    figures.add('the same, resident', rss, 'MB')
    figures.done(sys.argv[1])
