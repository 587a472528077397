"""Traffic by hour and day: exact, whatever is restarted, whoever asks; and what it looks like."""
import json
import pathlib
import signal
import sqlite3
import subprocess
import time

import pytest
from conftest import needs_root
from world import PYTHON, World, random_key, wait_for

ECHO = '''import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("198.51.100.10", 7000)); print("ready", flush=True)
while True:
    data, who = s.recvfrom(2000); s.sendto(data[:300], who)'''
SAY = '''import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); s.connect(("198.51.100.10", 7000))
for i in range(int(sys.argv[1])):
    s.send(bytes(1000)); s.recv(2000)'''
OUT, BACK = 1028, 328  # with their headers


def far_end(w):
    """A provider's WireGuard in the internet, and the file that it gives."""
    keys = {n: random_key() for n in ('server', 'client')}
    public = {n: subprocess.run(['wg', 'pubkey'], input=k, capture_output=True, text=True, check=True).stdout.strip() for n, k in keys.items()}
    dev = w.device('pf')
    w.spawn(w.inet, 'wireguard-go', '-f', dev, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: pathlib.Path(f'/var/run/wireguard/{dev}.sock').exists(), what='wireguard-go')
    w.sh(w.inet, f'wg setconf {dev} /dev/stdin; ip addr add 10.64.1.1/24 dev {dev}; ip link set {dev} up',
         stdin=f'[Interface]\nPrivateKey = {keys["server"]}\nListenPort = 51999\n[Peer]\nPublicKey = {public["client"]}\nAllowedIPs = 10.64.1.2/32\n')
    file = w.tmp / 'far.conf'
    file.write_text(f'[Interface]\nPrivateKey = {keys["client"]}\nAddress = 10.64.1.2/32\nDNS = 10.64.1.1\n[Peer]\nPublicKey = {public["server"]}\n'
                    f'Endpoint = 203.0.113.254:51999\nAllowedIPs = 0.0.0.0/0\n')
    return file


def bytes_of(device):
    """What its own tunnel has counted: got, sent."""
    stats = json.loads(device.sh(f'ip -s -j link show {device.tun}'))[0]['stats64']
    return stats['rx']['bytes'], stats['tx']['bytes']


def say(device, times):
    before = bytes_of(device)
    device.sh(f"{PYTHON} -c '{SAY}' {times}")
    return [a - b for a, b in zip(bytes_of(device), before)]


def connection(w, name):
    return next(c for c in w.pic.json('status')['connections'] if c['name'] == name)


def again(w):
    w.picd.send_signal(signal.SIGKILL)
    w.picd.wait(5)
    w.start()


@needs_root
def test_exact(tmp_path):
    with World(tmp_path) as w:
        w.scene()
        w.start()
        echo = w.spawn(w.inet, PYTHON, '-c', ECHO, stdout=subprocess.PIPE, text=True)
        assert echo.stdout.readline() == 'ready\n'
        w.pic('connection', 'import', far_end(w), 'far')
        anna = w.peer('anna', '--access', 'internet', '--exit', 'far', allowed='0.0.0.0/0')
        wait_for(lambda: anna.sh(f"{PYTHON} -c '{SAY}' 1", check=False).returncode == 0, 15, 'a way')
        first = connection(w, 'far')
        got, sent = say(anna, 2000)
        assert (got, sent) == (2000 * BACK, 2000 * OUT)
        far = connection(w, 'far')
        # to the byte what the device's own tunnel has counted: neither what carries it nor the agent's own questions
        assert (far['rx'] - first['rx'], far['tx'] - first['tx']) == (got, sent)
        cable = json.loads(w.sh(w.cellns, 'ip -s -j link show picx1'))[0]['stats64']
        assert cable['tx']['bytes'] > far['tx'] + far['rx'], 'by the cable it all passes twice'
        traffic = wait_for(lambda: [t for t in [w.pic.json('traffic', 'far', '--hours', '2')] if t['tx'] == far['tx']], 6, 'all of it')[0]
        assert traffic['rx'] == far['rx'] and traffic['connections'][0]['name'] == 'far' and traffic['peers'] == [] and len(traffic['buckets']) == 2
        one = w.pic.json('traffic', 'anna')
        live = w.pic.json('status')['peers'][0]
        assert one['rx'] <= live['rx'] and one['rx'] > sent and one['peers'][0]['name'] == 'anna' and one['connections'] == []
        # who is killed and comes again counts on
        again(w)
        got, sent = say(anna, 100)
        total = far['tx'] + sent
        wait_for(lambda: w.pic.json('traffic', 'far')['tx'] == total, 15, 'counted on')
        w.pic('down')
        w.picd.wait(10)
        assert w.pic.json('traffic', 'far')['tx'] == total, 'without an agent'
        assert b'#' in w.pic('traffic').encode() and 'far' in w.pic('traffic', '--days', '3')


def fill(pic, rows):
    """What an agent would have written: (span, at, kind, id, rx, tx)."""
    path = pathlib.Path(pic.dir) / 'stats.db'
    db = sqlite3.connect(path)
    db.executescript('CREATE TABLE IF NOT EXISTS bucket (span INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,'
                     ' rx INTEGER NOT NULL, tx INTEGER NOT NULL, PRIMARY KEY (span, at, kind, id)) STRICT, WITHOUT ROWID; PRAGMA user_version=1')
    db.executemany('INSERT INTO bucket VALUES (?, ?, ?, ?, ?, ?)', rows)
    db.commit()
    db.close()


def test_shown(pic):
    assert pic.json('traffic')['buckets'][0]['rx'] == 0 and pic.json('traffic')['peers'] == []
    pic('peer', 'add', 'anna')
    pic('connection', 'add', 'far', '--type', 'block')
    anna, far = pic.json('peer', 'show', 'anna')['id'], pic.json('connection', 'show', 'far')['id']
    hour = int(time.time()) // 3600
    fill(pic, [(0, hour, 0, anna, 1000, 2000), (0, hour - 1, 0, anna, 5, 6), (0, hour, 0, 99, 7, 8), (0, hour, 1, far, 70, 80),
               (1, hour // 24, 0, anna, 1005, 2006), (1, hour // 24 - 5, 0, anna, 1 << 40, 3), (1, hour // 24, 1, far, 70, 80)])
    two = pic.json('traffic', '--hours', '2')
    assert [(b['rx'], b['tx']) for b in two['buckets']] == [(5, 6), (1007, 2008)] and two['span'] == 'hour'
    assert two['peers'] == [{'name': 'anna', 'id': anna, 'rx': 1005, 'tx': 2006}, {'name': None, 'id': 99, 'rx': 7, 'tx': 8}]
    assert two['connections'] == [{'name': 'far', 'id': far, 'rx': 70, 'tx': 80}]
    assert pic.json('traffic', 'anna', '--days', '5')['rx'] == 1005 and pic.json('traffic', 'anna', '--days', '6')['rx'] == 1005 + (1 << 40)
    assert pic.json('traffic', 'far')['tx'] == 80 and len(pic.json('traffic', '--days', '400')['buckets']) == 400
    since = time.strftime('%Y-%m-%dT%H:00:00Z', time.gmtime(hour * 3600))
    long_ago = time.strftime('%Y-%m-%d', time.gmtime((hour - 240) * 3600))
    assert pic.json('traffic', '--since', since)['rx'] == 1007 and pic.json('traffic', '--since', long_ago)['span'] == 'day'
    text = pic('traffic', '--hours', '2')
    assert 'anna' in text and '(removed)' in text and '2.0 KiB' in text and '#' * 20 in text
    for words in (('nobody',), ('--hours', '193'), ('--days', '401'), ('--hours', '1', '--days', '1'), ('--since', '2020-01-01')):
        pic.refused('traffic', *words)


def test_a_newer_file_is_left_alone(pic):
    fill(pic, [])
    db = sqlite3.connect(pathlib.Path(pic.dir) / 'stats.db')
    db.execute('PRAGMA user_version=9')
    db.close()
    pic.refused('traffic', code='UNSUPPORTED')


def test_what_was_wrong(pic):
    assert pic.json('health', 'history') == {'findings': []} and 'nothing was wrong' in pic('health', 'history')
    fill(pic, [])
    db = sqlite3.connect(pathlib.Path(pic.dir) / 'stats.db')
    db.executescript('CREATE TABLE finding (id INTEGER PRIMARY KEY AUTOINCREMENT, level INTEGER NOT NULL, area TEXT NOT NULL, key TEXT NOT NULL,'
                     ' what TEXT NOT NULL, fix TEXT, began INTEGER NOT NULL, ended INTEGER) STRICT; PRAGMA user_version=2;'
                     "INSERT INTO finding VALUES (1, 0, 'exit', 'k', 'far is down', 'look', 1800000000000000, NULL), (2, 1, 'dns', 'l', 'slow', NULL, 1700000000000000, 1700000060000000)")
    db.close()
    assert [f['what'] for f in pic.json('health', 'history')['findings']] == ['far is down', 'slow']
    assert [f['what'] for f in pic.json('health', 'history', '--since', '2024-01-01')['findings']] == ['far is down']
    assert pic.json('health', 'history', '--lines', '1')['findings'][0]['ended'] is None
    text = pic('health', 'history')
    assert 'to now' in text and 'fix: look' in text and 'dns: slow' in text
    pic.refused('health', 'history', '--since', '2024-01-01', '--until', '2023-01-01')
