"""What Prometheus gets: bounded, as promtool wants it; the rules fire and do not; dashboard and rules name what is there."""
import json
import pathlib
import re
import sqlite3
import subprocess
import time

import pytest
import yaml
from web import BIN, TOP

HERE = TOP / 'frontends/http/prometheus'
CONF = '[Interface]\nPrivateKey = {}E=\nAddress = 10.66.0.{}/32\n[Peer]\nPublicKey = {}A=\nEndpoint = 198.51.100.{}:51820\nAllowedIPs = 0.0.0.0/0\n'
DAY = 86400
# alert: what makes it fire, what does not, the labels it has then (beside severity). time() begins at 0.
RULES = {
    'PicGone': ([], [('pic_agent_up', 1)], {}),
    'PicAgentDown': ([('pic_agent_up', 0)], [('pic_agent_up', 1)], {}),
    'PicNotApplied': ([('pic_ready', 0), ('pic_agent_up', 1)], [('pic_ready', 0), ('pic_agent_up', 0)], {}),
    'PicHealth': ([('pic_health_findings{part="disk",level="error"}', 2)], [('pic_health_findings{part="disk",level="warning"}', 2)], {'part': 'disk', 'level': 'error'}),
    'PicExitDown': ([('pic_connection_up{connection="far"}', 0)], [('pic_connection_up{connection="far"}', 1)], {'connection': 'far'}),
    'PicExitLossy': ([('pic_connection_loss_ratio{connection="far"}', 0.5)], [('pic_connection_loss_ratio{connection="far"}', 0.1)], {'connection': 'far'}),
    'PicBackupOld': ([('pic_backup_state{target="nas",state="stale"}', 1)], [('pic_backup_state{target="nas",state="ok"}', 1)], {'target': 'nas', 'state': 'stale'}),
    'PicBackupFails': ([('pic_backup_failures{target="nas"}', 2)], [('pic_backup_failures{target="nas"}', 1)], {'target': 'nas'}),
    'PicBackupNotRestorable': ([('pic_backup_restorable{target="nas"}', 0)], [('pic_backup_restorable{target="nas"}', 1)], {'target': 'nas'}),
    'PicBackupNotTried': ([('pic_backup_drill_failures{target="nas"}', 3), ('pic_backup_drill_timestamp_seconds{target="nas"}', 0)],
                          [('pic_backup_drill_failures{target="nas"}', 2), ('pic_backup_drill_timestamp_seconds{target="nas"}', 0)], {'target': 'nas'}),
    'PicCertificateEnds': ([('pic_certificate_end_timestamp_seconds{certificate="nas"}', 2 * DAY)], [('pic_certificate_end_timestamp_seconds{certificate="nas"}', 20 * DAY),
                           ('pic_certificate_end_timestamp_seconds{certificate="(root)"}', DAY)], {'certificate': 'nas'}),
    'PicNameNotPublished': ([('pic_domain_state{domain="home.example.org",state="refused"}', 1)], [('pic_domain_state{domain="home.example.org",state="published"}', 1)],
                            {'domain': 'home.example.org', 'state': 'refused'}),
    'PicServiceDown': ([('pic_service_up{service="album"}', 0)], [('pic_service_up{service="album"}', 1)], {'service': 'album'}),
    'PicDrift': ([('pic_drift_left', 1)], [('pic_drift_left', 0)], {}),
    'PicMessagesWait': ([('pic_alert_queued{alert="phone"}', 3)], [('pic_alert_queued{alert="phone"}', 0)], {'alert': 'phone'}),
}


def promtool(*args, stdin=None):
    return subprocess.run(['promtool', *map(str, args)], input=stdin, capture_output=True, text=True, timeout=60)


def rules():
    return [r for g in yaml.safe_load((HERE / 'alerts.yaml').read_text())['groups'] for r in g['rules']]


def samples(text):
    """Of each family that is told, its series."""
    told = {name: [] for name in re.findall(r'^# TYPE (\S+)', text, re.M)}
    for line in text.splitlines():
        if not line.startswith('#'):
            told[re.match(r'\w+', line)[0]].append(line)
    return told


def note(directory):
    """What the agent's look of each minute would have written: two troubles, one more that is over; and what passed today."""
    db = sqlite3.connect(f'{directory}/stats.db')
    db.executescript('PRAGMA journal_mode=WAL;'
                     'CREATE TABLE bucket (span INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL, rx INTEGER NOT NULL, tx INTEGER NOT NULL,'
                     ' PRIMARY KEY (span, at, kind, id)) STRICT, WITHOUT ROWID;'
                     'CREATE TABLE last (kind INTEGER NOT NULL, id INTEGER NOT NULL, rx INTEGER NOT NULL, tx INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;'
                     'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;'
                     'CREATE TABLE finding (id INTEGER PRIMARY KEY AUTOINCREMENT, level INTEGER NOT NULL, area TEXT NOT NULL, key TEXT NOT NULL,'
                     ' what TEXT NOT NULL, fix TEXT, began INTEGER NOT NULL, ended INTEGER) STRICT; PRAGMA user_version=2;')
    db.executemany('INSERT INTO finding (level, area, key, what, began, ended) VALUES (?,?,?,?,?,?)',
                   [(0, 'exit', 'a', 'far is down', 1, None), (0, 'exit', 'b', 'near is down', 1, None), (1, 'disk', 'c', 'little room', 1, None), (1, 'dns', 'd', 'slow', 1, 2)])
    db.commit()
    db.close()


@pytest.fixture(scope='module')
def busy(cell, tmp_path_factory):
    """A cell that has one of each, and an agent that has looked at it."""
    admin, tmp = cell.admin, tmp_path_factory.mktemp('busy')

    def made(path, body):
        a = admin.post(path, body)
        assert a.status == 201, a

    for i in range(4):
        made('/api/peers', {'name': f'dev{i}', 'access': ['internet']})
    for i, name in enumerate(('far', 'off')):
        made('/api/connectivity/import', {'name': name, 'text': CONF.format('A' * 41 + 'BC'[i], 2 + i, 'B' * 41 + 'CD'[i], 1 + i)})
    assert admin.patch('/api/connectivity/connections/off', {'enabled': False}).status == 200
    made('/api/backups/targets', {'name': 'disk', 'url': str(tmp / 'd'), 'passphrase': 'correct staple of May', 'every': 'never'})
    assert admin.post('/api/backups', {'target': 'disk'}).status == 202
    made('/api/domains', {'name': 'home.example.org', 'mode': 'duckdns', 'token': 'none', 'server': '127.0.0.1:1'})
    made('/api/services', {'name': 'album', 'target': 'http://127.0.0.1:9'})
    made('/api/certificates', {'name': 'nas'})
    made('/api/alerts', {'name': 'hook', 'to': 'http://127.0.0.1:9/x'})
    note(cell.pic.dir)
    agent = subprocess.Popen([BIN / 'picd', '--dir', cell.pic.dir, '--world', 'fake'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 10
        while not {'pic_agent_up 1', 'pic_ready 1'} <= set(admin.get('/metrics').data.decode().splitlines()) and time.monotonic() < end:
            time.sleep(0.1)
        yield cell
    finally:
        agent.terminate()
        agent.wait(20)


def test_what_is_told(busy):
    text = busy.token('metrics').get('/metrics').data.decode()
    lint = promtool('check', 'metrics', stdin=text)
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, '', '')
    told = samples(text)
    names = [re.findall(r'="([^"]*)"', s)[0] for s in told['pic_peer_receive_bytes_total']]
    assert names == ['dev0', 'dev1', 'dev2', 'dev3'] and told['pic_agent_up'] == ['pic_agent_up 1'] and told['pic_drift_left'] == ['pic_drift_left 0']
    assert told['pic_connection_up'] == ['pic_connection_up{connection="far"} 1']  # one that is turned off is not down
    assert len(told['pic_backup_last_success_timestamp_seconds']) == 1 and told['pic_backup_state'] == ['pic_backup_state{target="disk",state="ok"} 1']
    # nobody has tried yet whether it comes back: then there is no answer, and no moment
    assert told['pic_backup_restorable'] == told['pic_backup_drill_timestamp_seconds'] == [] and told['pic_backup_drill_failures'] == ['pic_backup_drill_failures{target="disk"} 0']
    end = {re.findall(r'="([^"]*)"', s)[0]: float(s.split()[1]) for s in told['pic_certificate_end_timestamp_seconds']}
    assert {'nas', '(root)'} <= set(end) and all(v > time.time() for v in end.values())
    assert told['pic_series_left_out'][0] == 'pic_series_left_out{of="peer"} 0' and told['pic_alert_queued'] and told['pic_service_connections']
    assert re.fullmatch(r'pic_build_info{version="[\w.+~-]+"} 1', told['pic_build_info'][0])
    assert len(told['pic_traffic_today_bytes_total']) == 2


def test_bounded(busy):
    prom = busy.token('metrics')
    few = samples(prom.get('/metrics?peers=3').data.decode())
    assert len(few['pic_peer_receive_bytes_total']) == len(few['pic_peer_transmit_bytes_total']) == 3 and few['pic_peers'] == ['pic_peers 4']
    assert 'pic_series_left_out{of="peer"} 1' in few['pic_series_left_out']
    none = samples(prom.get('/metrics?peers=0').data.decode())
    assert none['pic_peer_receive_bytes_total'] == [] and 'pic_series_left_out{of="peer"} 4' in none['pic_series_left_out']
    assert prom.get('/metrics?peers=x').status == prom.get('/metrics?peers=-1').status == 400
    assert max(map(len, samples(prom.get('/metrics').data.decode()).values())) < 256


def test_what_is_wrong(busy):
    told = samples(busy.token('metrics').get('/metrics').data.decode())
    assert sorted(told['pic_health_findings']) == ['pic_health_findings{part="disk",level="warning"} 1', 'pic_health_findings{part="exit",level="error"} 2']
    assert told['pic_health_errors'] == ['pic_health_errors 2'] and told['pic_health_warnings'] == ['pic_health_warnings 1']


def test_everything_named_is_there(busy):
    told = set(samples(busy.admin.get('/metrics').data.decode()))
    board = json.loads((HERE / 'dashboard.json').read_text())
    asked = [(p['title'], t['expr']) for p in board['panels'] for t in p['targets']] + [(r['alert'], r['expr']) for r in rules()]
    asked += [(v['name'], v['definition']) for v in board['templating']['list'] if 'definition' in v]
    assert len(asked) > 40
    for where, expr in asked:
        names = set(re.findall(r'\bpic_\w+', expr))
        assert names and names <= told, f'{where}: nobody exports {names - told}'
    missing = told - {n for _, e in asked for n in re.findall(r'\bpic_\w+', e)} - {'pic_revision', 'pic_http_uptime_seconds'}
    assert not {m for m in missing if not m.startswith(('pic_domain_', 'pic_service_'))}, f'no panel and no rule shows {missing}'
    places = [tuple(p['gridPos'].values()) for p in board['panels']]
    assert len(set(places)) == len(places) and len({p['id'] for p in board['panels']}) == len(places)


def case(name, series, fires):
    rule = next(r for r in rules() if r['alert'] == name)
    exp = [{'exp_labels': {'severity': rule['labels']['severity'], **RULES[name][2]}}] if fires else []
    if fires:  # what a person reads has no hole
        assert all(rule['annotations'].get(k) for k in ('summary', 'description'))
    at_once = {'eval_time': '0m', 'alertname': name, 'exp_alerts': []}  # each waits
    return {'interval': '10m', 'input_series': [{'series': s, 'values': f'{v}+0x9'} for s, v in series],
            'alert_rule_test': [at_once, {'eval_time': '80m', 'alertname': name, 'exp_alerts': exp}]}


def test_rules(tmp_path):
    checked = promtool('check', 'rules', HERE / 'alerts.yaml')
    assert checked.returncode == 0, checked
    assert {r['alert'] for r in rules()} == set(RULES)
    # the texts are not compared here: alerts without annotations
    bare = {'groups': [{'name': 'pic', 'rules': [{k: v for k, v in r.items() if k != 'annotations'} for r in rules()]}]}
    (tmp_path / 'bare.yaml').write_text(yaml.safe_dump(bare))
    tests = [case(name, RULES[name][0 if fires else 1], fires) for name in RULES for fires in (True, False)]
    (tmp_path / 'tests.yaml').write_text(yaml.safe_dump({'rule_files': ['bare.yaml'], 'evaluation_interval': '10m', 'tests': tests}))
    done = promtool('test', 'rules', tmp_path / 'tests.yaml')
    assert done.returncode == 0, done.stdout + done.stderr


def test_long_ago(tmp_path):
    """Whether backups come back was tried a hundred days ago, and since then not."""
    rule = next(r for r in rules() if r['alert'] == 'PicBackupNotTried')
    (tmp_path / 'bare.yaml').write_text(yaml.safe_dump({'groups': [{'name': 'pic', 'rules': [{k: v for k, v in rule.items() if k != 'annotations'}]}]}))
    told = [{'eval_time': f'{d}d', 'alertname': rule['alert'], 'exp_alerts': [{'exp_labels': {'severity': 'warning', 'target': 'nas'}}] if d > 100 else []} for d in (0, 99, 102)]
    (tmp_path / 'tests.yaml').write_text(yaml.safe_dump({'rule_files': ['bare.yaml'], 'evaluation_interval': '30m', 'tests': [
        {'interval': '4m', 'input_series': [{'series': 'pic_backup_drill_timestamp_seconds{target="nas"}', 'values': '0+0x37000'}], 'alert_rule_test': told}]}))
    done = promtool('test', 'rules', tmp_path / 'tests.yaml')
    assert done.returncode == 0, done.stdout + done.stderr


def test_drilled(busy):
    """By the agent, of what the target holds: it comes back, and when that was known, and how long it took; spoilt, it does not."""
    def tried(code):
        assert busy.pic.run('backup', 'drill', 'disk').returncode == code
        time.sleep(2.1)  # as old as an answer may be
        told = samples(busy.token('metrics').get('/metrics').data.decode())
        return [told[f'pic_backup_{what}'][0] for what in ('restorable', 'drill_timestamp_seconds', 'drill_duration_seconds')]
    good, at, took = tried(0)
    assert good == 'pic_backup_restorable{target="disk"} 1' and abs(float(at.split()[1]) - time.time()) < 60 and 0 < float(took.split()[1]) < 60
    target, = json.loads(busy.pic('--json', 'backup', 'status'))['targets']
    held = pathlib.Path(target['url']) / target['backup']
    data = held.read_bytes()
    held.write_bytes(data[:-30] + bytes([data[-30] ^ 1]) + data[-29:])
    assert tried(1)[0] == 'pic_backup_restorable{target="disk"} 0'
    held.write_bytes(data)
    assert tried(0)[0] == good


def test_how_to_scrape(tmp_path):
    """The piece of prometheus.yml of the README is one."""
    text = (HERE / 'scrape.yaml').read_text().replace('/usr/local/share/pic/prometheus', str(HERE))
    for place in re.findall(r'/etc/prometheus/\S+', text):
        (tmp_path / place.rsplit('/', 1)[1]).write_text('x')
    (tmp_path / 'prometheus.yml').write_text(text.replace('/etc/prometheus', str(tmp_path)))
    done = promtool('check', 'config', tmp_path / 'prometheus.yml')
    assert done.returncode == 0, done.stdout + done.stderr
