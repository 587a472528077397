"""A whole cell comes back by the page's server in a booted machine: under the units' confinement, where neither pic-http nor picd may write
beside the cell's directory, and pic-http may not read the key. Real systemd, picd, pic-http, wg and nft."""
import json

from conftest import needs_root
from test_systemd import machine  # noqa: F401 (a fixture)
from world import wait_for

PASSWORD = 'a long horse battery 7'
# Inside the machine, where the server is: python and its own HTTP client are all that is needed.
ASK = f'''
import http.client, json, sys
jar, token = {{}}, [None]
def ask(method, path, body=None, kind="application/json"):
    c = http.client.HTTPConnection("127.0.0.1", 3000, timeout=60)
    head = {{"Content-Type": kind}}
    if jar: head["Cookie"] = "; ".join(f"{{k}}={{v}}" for k, v in jar.items())
    if token[0]: head["X-CSRF-Token"] = token[0]
    c.request(method, path, json.dumps(body) if not isinstance(body, (bytes, type(None))) else body, head)
    r = c.getresponse(); data = r.read()
    for x in r.headers.get_all("Set-Cookie") or []:
        k, v = x.split(";")[0].split("=", 1); jar[k] = v
    if r.status >= 400: sys.exit(f"{{path}}: {{r.status}} {{data}}")
    return json.loads(data)
token[0] = ask("POST", "/api/auth/login", {{"username": "owner", "password": "{PASSWORD}"}})["csrf_token"]
if sys.argv[1:] == ["back"]:
    kept = ask("GET", "/api/backups/kept")["kept"]
    name = kept[0]["name"]
    diff = ask("GET", f"/api/backups/kept/{{name}}/diff")["changes"]
    print(json.dumps({{"kept": kept, "diff": diff, "told": ask("POST", f"/api/backups/kept/{{name}}/exchange", {{"name": "home"}})}}))
    sys.exit()
at = ask("POST", "/api/backups/files", open("/root/b", "rb").read(), "application/octet-stream")["id"]
print(json.dumps(ask("POST", f"/api/backups/files/{{at}}/exchange", {{"name": "home"}})))
'''


def back_by_the_page(machine, inode, owners):  # noqa: F811
    """What is put aside is read and ordered by who may write nothing there, and whose key it may not read; looked at and exchanged outside the confinement."""
    machine.say('pic', 'backup', 'kept')  # root has looked at it, and left it as one may read it who cannot write
    machine.say('systemctl', 'start', 'pic-http')
    wait_for(lambda: json.loads(machine('pic', '--json', 'status').stdout or '{}').get('ready'), 60, 'the agent')
    said = json.loads(machine.say('/usr/bin/python3', '/root/ask.py', 'back'))
    (one,), told = said['kept'], said['told']
    assert one['cell'] == 'home' and one['revision'] > 0 and one['by']['text'].startswith('what had been put aside as') and (one['by']['actor'], one['by']['way']) == ('root', 'cli')
    assert ('add', 'lost') in [(c['verb'], c['name']) for c in said['diff']]
    assert told['ordered'] and told['users'] == [{'name': 'owner', 'role': 'admin'}]
    wait_for(lambda: machine('test', '-h', '/var/lib/pic/restore.ordered').returncode != 0 and machine('pic', 'peer', 'show', 'lost').returncode == 0, 60, 'the other cell')
    wait_for(lambda: json.loads(machine('pic', '--json', 'status').stdout or '{}').get('ready'), 60, 'the agent')
    assert machine.say('stat', '-c', '%i', '/var/lib/pic') != inode and machine.say('stat', '-c', '%U %a', '/var/lib/pic', '/var/lib/pic/key') == owners
    row = json.loads(machine.say('pic', '--json', 'history', '--verb', 'restore').splitlines()[0])
    assert 'came back' in row['text'] and (row['actor'], row['way']) == ('owner', 'http'), row
    assert machine.say('sh', '-c', 'ls -d /var/lib/pic.*').split() == [machine.say('sh', '-c', 'ls -d /var/lib/pic.before-*').strip()]


@needs_root
def test_a_whole_cell_under_the_units(machine):  # noqa: F811
    machine.wait_up()
    machine.say('pic', 'init', '--name', 'home', '--endpoint', 'home.example.org:51820')
    machine.say('systemctl', 'enable', '--now', 'picd')
    machine.say('sh', '-c', f"printf %s '{PASSWORD}' >/root/pw; pic user add owner --role admin --no-password; pic user password owner --file /root/pw")
    machine.say('pic', 'peer', 'add', 'lost', '--access', 'internet')
    machine.say('pic', 'backup', 'create', '/root/b', '--plain')
    machine.say('pic', 'peer', 'remove', 'lost')
    machine.say('systemctl', 'start', 'pic-http')

    def pid(unit):
        return machine.say('systemctl', 'show', '-p', 'MainPID', '--value', unit).strip()
    before, inode = (pid('picd'), pid('pic-http')), machine.say('stat', '-c', '%i', '/var/lib/pic')
    owners = machine.say('stat', '-c', '%U %a', '/var/lib/pic', '/var/lib/pic/key')
    # the confinement is there: neither could do it by itself
    for one in before:
        assert machine('nsenter', '-t', one, '-m', 'touch', '/var/lib/x').returncode != 0
    machine.say('sh', '-c', f"cat >/root/ask.py <<'X'\n{ASK}\nX")
    told = json.loads(machine.say('/usr/bin/python3', '/root/ask.py'))
    assert told['ordered'] and told['users'] == [{'name': 'owner', 'role': 'admin'}]
    wait_for(lambda: machine('test', '-h', '/var/lib/pic/restore.ordered').returncode != 0 and machine('pic', 'peer', 'show', 'lost').returncode == 0, 60, 'the other cell')
    wait_for(lambda: json.loads(machine('pic', '--json', 'status').stdout or '{}').get('ready'), 60, 'the agent')
    wait_for(lambda: machine('/usr/bin/python3', '-c', 'import urllib.request; urllib.request.urlopen("http://127.0.0.1:3000/health", timeout=2)').returncode == 0, 60, 'the server')
    assert machine.say('stat', '-c', '%i', '/var/lib/pic') != inode and pid('picd') != before[0] and pid('pic-http') != before[1]
    assert machine.say('stat', '-c', '%U %a', '/var/lib/pic', '/var/lib/pic/key') == owners
    # the machine is as that cell wishes, and the server sees it, not the one that was put aside
    key = json.loads(machine.say('pic', '--json', 'peer', 'show', 'lost'))['public_key']
    wait_for(lambda: key in machine.say('wg', 'show', 'pic0', 'peers'), 30, 'the device')
    http = pid('pic-http')
    assert machine.say('nsenter', '-t', http, '-m', 'stat', '-c', '%i', '/var/lib/pic/cell.db') == machine.say('stat', '-c', '%i', '/var/lib/pic/cell.db')
    user = machine.say('stat', '-c', '%U', f'/proc/{http}').strip()
    aside = machine.say('sh', '-c', 'ls -d /var/lib/pic.before-*').strip()
    assert machine('nsenter', '-t', http, '-m', 'setpriv', f'--reuid={user}', '--clear-groups', 'cat', f'{aside}/key').returncode != 0
    assert 'restored from' in machine.say('pic', '--json', 'history')
    # and back
    machine.say('systemctl', 'stop', 'picd', 'pic-http')
    machine.say('pic', 'backup', 'undo')
    machine.say('systemctl', 'start', 'picd')
    assert machine.say('stat', '-c', '%i', '/var/lib/pic') == inode and machine('pic', 'peer', 'show', 'lost').returncode != 0
    back_by_the_page(machine, inode, owners)
    machine.power_off()
