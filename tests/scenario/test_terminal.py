"""The command line in a person's hands: 80 columns, colours, locales, suggestions, completion by a real shell, JSON of everything."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time

import pytest
from conftest import BIN, TOP, Pic

UTF8 = {**os.environ, 'LC_ALL': 'C.UTF-8', 'PATH': f'{BIN}:{os.environ["PATH"]}'}
UTF8.pop('NO_COLOR', None)


@pytest.fixture
def home(pic):
    """A cell with something in it."""
    pic('group', 'add', 'kids', '--access', 'internet')
    pic('peer', 'add', 'anna', '--access', 'internet,192.168.1.10:tcp/445,peer:anna', '--note', 'the laptop with the sticker, and the old phone', '--groups', 'kids')
    pic('peer', 'add', 'phone')
    return pic


def commands(pic):
    return [tuple(x for x in (c['noun'], c['verb']) if x) for c in pic.json('help')]


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *command, columns=80, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], [str(c) for c in command], env or UTF8)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        self.text = ''

    def read(self, until=None, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (until and until in self.text):
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                self.text += os.read(self.fd, 65536).decode(errors='replace')
            except OSError:
                break
        assert until is None or until in self.text, self.text
        return self.text

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        return os.waitpid(self.pid, 0)[1]


def on_terminal(pic, *args, columns=80, env=None):
    # the size is set after the fork: sh waits for a line, so that the program sees it
    t = Terminal('sh', '-c', 'read x; exec "$0" "$@"', BIN / 'pic', '--dir', pic.dir, '--world', 'fake', *args, columns=columns, env=env)
    t.type('\n')
    text = t.read()
    t.close()
    return text.replace('\r\n', '\n').split('\n', 1)[1]


# ---- widths ----

def test_help_fits(pic):
    for command in [()] + commands(pic):
        for columns in (80, 60):
            text = pic('help', *command, env={**UTF8, 'COLUMNS': str(columns)})
            long = [line for line in text.splitlines() if len(line) > columns and '  pic ' not in line and 'systemctl' not in line]
            assert not long, (command, long)
    text = pic('help', 'peer', 'add', env=UTF8)
    assert re.search(r'^  --access GRANT,…        what', text, re.M)  # columns, not bytes
    assert '--name' not in text and 'pic help grants' in text
    assert 'internet' in pic('help', 'grants') and '192.168.1.10:tcp/445' in pic('help', 'grants')


def test_tables_fit(home):
    for args in (['peer', 'list'], ['group', 'list'], ['cell', 'list'], ['status']):
        for columns in (80, 60):
            text = home(*args, env={**UTF8, 'COLUMNS': str(columns)})
            lines = text.splitlines() if args != ['status'] else text.split('\n\n')[1].splitlines()
            assert all(len(line) <= columns for line in lines), (args, columns, text)
    assert 'the laptop with the sticker, and the old phone' in home('peer', 'list', env=UTF8)  # no terminal: nothing is cut
    done = home.run('peer', 'list', env={**UTF8, 'COLUMNS': '60'})
    assert '1 column does not fit' in done.stderr and '10.20.0.2' in done.stdout
    text = on_terminal(home, 'peer', 'list', columns=70)
    assert max(len(re.sub(r'\x1b\[[0-9;]*m', '', line)) for line in text.splitlines()) <= 70


def test_colours_on_terminals_only(home):
    assert '\x1b[1m' in on_terminal(home, 'peer', 'list')
    assert '\x1b' not in on_terminal(home, 'peer', 'list', env={**UTF8, 'NO_COLOR': '1'})
    assert '\x1b[1m' in on_terminal(home, 'peer', 'list', env={**UTF8, 'NO_COLOR': ''})  # set, and empty: not meant
    assert '\x1b' not in home('peer', 'list', env=UTF8)
    assert '\x1b[30;107m' in home('peer', 'qr', 'anna', env=UTF8)  # black on white is said aloud: `ssh home pic peer qr anna` has no terminal there
    home('peer', 'rekey', 'anna')
    assert '\x1b' not in home('peer', 'qr', 'anna', env={**UTF8, 'NO_COLOR': '1'})


def test_a_qr_code_that_is_too_wide(home):
    """The key is shown once: a torn code would be the end of it. So the text comes in its place."""
    text = on_terminal(home, 'peer', 'qr', 'anna', columns=60)
    assert '▀' not in text and re.search(r'^PrivateKey = ', text, re.M) and 'widen' in text and '60' in text
    assert '▀' in on_terminal(home, 'peer', 'qr', 'phone', columns=80)
    home('peer', 'rekey', 'anna')
    text = on_terminal(home, 'peer', 'config', 'anna', '--qr', columns=60)
    assert len(re.findall(r'^PrivateKey = ', text, re.M)) == 1  # not twice


def test_other_locales(home):
    for locale in ('C', 'POSIX'):
        env = {**UTF8, 'LC_ALL': locale}
        for args in (['peer', 'list'], ['status'], ['events'], ['help'], ['help', 'peer', 'add'], ['peer', 'show', 'anna']):
            assert home.run(*args, env=env).returncode == 0
        home('peer', 'rekey', 'anna')
        assert '--png' in home.run('peer', 'qr', 'anna', env=env).stderr
    assert '--png' not in home.run('peer', 'qr', 'phone', env=UTF8).stderr


# ---- what is said, and where ----

def test_what_is_said_comes_in_order(home):
    """Into one file, as a person sees it: first the answer, then what to do next."""
    done = subprocess.run(f'"{BIN}/pic" --dir {home.dir} --world fake peer add tablet 2>&1', shell=True, capture_output=True, text=True)
    assert re.match(r'tablet: 10\.20\.0\.\d+, fd20::\w+\n.*\n.*pic peer qr tablet', done.stdout), done.stdout
    done = home.run('peer', 'config', 'tablet')
    assert 'PrivateKey' in done.stdout and 'Shown once' in done.stderr and 'rekey tablet' in done.stderr
    home('peer', 'add', 'kept', '--keep-key')
    assert 'Shown once' not in home.run('peer', 'config', 'kept').stderr
    assert home.run('peer', 'list', '--quiet').stderr == ''


@pytest.mark.parametrize('typed, meant', [
    ('pear list', 'peer list'), ('peer lits', 'peer list'), ('pear', "'peer'"), ('statsu', 'status'), ('help pear', "'peer'"), ('help peer ad', 'peer add'),
    ('help statsu', 'status'), ('peer list --jsn', '--json'), ('peer add x --key-mod kept', '--key-mode'), ('peer config x --pgn f', '--png'), ('--jso status', '--json')])
def test_did_you_mean(pic, typed, meant):
    done = pic.run(*typed.split())
    assert done.returncode == 2 and 'did you mean' in done.stderr and meant in done.stderr, done.stderr


def test_usage(pic):
    assert pic.run('status', '--world', 'moon').returncode == 2 and 'moon' in pic.run('status', '--world', 'moon').stderr
    assert pic.run('peer', 'add', 'x', '--name', 'y').returncode == 2
    assert pic.run('peer', '--json', 'list').stdout == '[]\n'
    for args in (['peer', '--help'], ['peer', '-h'], ['help', 'peer']):
        assert 'pic peer rekey NAME' in pic(*args)
    assert pic.run('nonsense').stderr.count('\n') == 1
    for args in (['down'], ['init', '--name', 'x'], ['status'], ['up']):
        assert pic.run(*args, '--plan').returncode == 2  # whoever asks for a plan expects that nothing happens


def test_a_plan_as_a_person_reads_it(home):
    text = home('peer', 'set', 'anna', '--access', 'lan', '--note', '', '--plan')
    assert re.match(r"change peer anna\n  access +internet,peer:anna,192\.168\.1\.10:tcp/445 -> lan\n  note .* -> nothing\nwhich means:\n  anna gains the rest of the lan \(.*\nwhich takes these steps:\n  \w+ ", text), text
    text = home('peer', 'add', 'tablet', '--plan')
    assert re.match(r'add peer tablet\n  name +tablet\n  address4 +10\.', text) and '(secret)' in text and re.search(r'^  add wg peer tablet', text, re.M)
    assert home('group', 'set', 'kids', '--note', 'x', '--plan') == 'change group kids\n  note          nothing -> x\nby which nobody\'s reach changes.\nwhich takes no step.\n'
    assert re.match(r'remove peer anna\nwhich means:\n  anna loses', home('peer', 'remove', 'anna', '--plan'))
    assert home('plan') == home('peer', 'set', 'phone', '--unset', 'note', '--plan') == 'nothing to do\n'


# ---- JSON ----

def test_status_has_one_shape(home, tmp_path):
    """With and without an agent: who reads it need not ask which it was."""
    silent = Pic(tmp_path / 'silent', world='real')
    silent('init', '--name', 'home')
    silent('peer', 'add', 'anna')
    told, untold = home.json('status'), silent.json('status')
    assert set(told) == set(untold) and set(told['peers'][0]) == set(untold['peers'][0]) and set(told['counts']) == set(untold['counts'])
    assert untold['agent'] is None and untold['applied'] is None and untold['ready'] is False
    assert 'not running' in silent('status')

def test_json_of_every_command(home):
    shape = {'code', 'message', 'field', 'value', 'rule', 'hint', 'causes', 'more'}
    plain = ['status', 'plan', 'apply', 'export', 'doctor', 'log', 'version', 'help']
    for args in [[w] for w in plain] + [['log', 'agent'], ['help', 'peer'], ['why', 'anna', 'phone'], ['cell', 'set', '--mtu', '1400'], ['group', 'add', 'g'],
                                        ['group', 'set', 'g', '--note', 'x'], ['group', 'remove', 'g'], ['peer', 'disable', 'anna'], ['peer', 'enable', 'anna'],
                                        ['peer', 'rekey', 'anna'], ['peer', 'qr', 'anna'], ['peer', 'remove', 'anna']]:
        home.json(*args)
    for line in home('--json', 'events').splitlines():
        assert json.loads(line)['seq'] > 0
    for args, status in ((['peer', 'show', 'nobody'], 1), (['nonsense'], 2), (['peer', 'list', '--lits'], 2), (['status', '--world', 'moon'], 2),
                         (['cell', 'set', '--mtu', '7'], 1), (['apply', '--file', '/nonexistent'], 1), (['cell', 'remove'], 2), (['log', '--lines', '0'], 2)):
        assert set(home.refused(*args, status=status)) >= shape, args
    assert home.json('version')['features']['world.fake'] is True
    assert home.json('down') == {'down': True}


def test_json_of_a_configuration(home, tmp_path):
    added = home.json('peer', 'add', 'tablet', '--config', '--access', 'lan')
    assert added['object']['name'] == 'tablet' and added['state'] == 'applied' and 'PrivateKey' in added['config']
    shown = home.json('peer', 'config', 'phone', '--output', tmp_path / 'c', '--png', tmp_path / 'p')
    assert shown['config'] is None and 'PrivateKey' in (tmp_path / 'c').read_text() and (tmp_path / 'p').read_bytes().startswith(b'\x89PNG')
    assert shown['output'] == str(tmp_path / 'c') and shown['png'] == str(tmp_path / 'p')
    assert home.refused('peer', 'qr', 'anna', '--png', '-', status=2)  # two things on one stream; and nothing was shown
    assert 'PrivateKey' in home.json('peer', 'qr', 'anna')['config']


def test_export_as_json_loads_again(home, tmp_path):
    document = home.json('export')
    assert document['peers']['anna']['groups'] == ['kids'] and document['cell']['name'] == 'home'
    (tmp_path / 'cell.json').write_text(json.dumps(document))
    assert home.json('plan', '--file', tmp_path / 'cell.json')['changes'] == []
    other = Pic(tmp_path / 'other')
    other('init', '--name', 'home')
    other('apply', '--file', tmp_path / 'cell.json', '--prune')
    assert other.json('export') == document and other('export') == home('export')


def test_events_after(home):
    seqs = [json.loads(line)['seq'] for line in home('--json', 'events', '--after', '2').splitlines()]
    assert seqs[0] == 3 and seqs == sorted(seqs) and len(seqs) == 2
    assert home('events', '--after', '2').splitlines()[0].split()[0] == '3'


# ---- following ----

def test_log_follow(home):
    """Each line once, by time, those of several files, over files that are renamed (the agent's) or copied and cut (a child's)."""
    logs = os.path.join(home.dir, 'log')
    os.makedirs(logs, exist_ok=True)

    def write(name, text):
        with open(os.path.join(logs, name), 'a') as f:
            f.write(text)
    write('agent.log', ''.join(f'2026-01-01T00:00:00Z INFO agent old {i}\n' for i in range(20)))
    write('unbound.log', 'a word of unbound\n')
    child = subprocess.Popen([BIN / 'pic', '--dir', home.dir, '--world', 'fake', 'log', '--follow', '-n', '3'], stdout=subprocess.PIPE, text=True)
    lines = [child.stdout.readline() for _ in range(3)]
    for i in range(3):
        write('agent.log', f'2026-01-01T00:00:0{i}Z INFO agent new {i}\n')
        write('unbound.log', f'[1767225600] unbound[1:0] error: unbound says {i}\n')
        if i == 1:
            os.rename(os.path.join(logs, 'agent.log'), os.path.join(logs, 'agent.log.1'))
            shutil.copy(os.path.join(logs, 'unbound.log'), os.path.join(logs, 'unbound.log.1'))
            os.truncate(os.path.join(logs, 'unbound.log'), 0)
        lines += [child.stdout.readline(), child.stdout.readline()]
    child.terminate()
    rest = child.stdout.read()
    child.wait()
    assert [line.split(' ', 2)[-1].strip() for line in lines[:3]] == ['agent old 18', 'agent old 19', 'dns unbound: a word of unbound']
    assert sorted(line.split(' ', 1)[-1].strip() for line in lines[3:]) == sorted([f'INFO agent new {i}' for i in range(3)] + [f'ERROR dns unbound: unbound says {i}' for i in range(3)])
    assert rest == ''


def test_log_is_chosen(home):
    """By text, level, area, time, device; the terminal gets no control characters, whatever a program was told to write."""
    logs = os.path.join(home.dir, 'log')
    os.makedirs(logs, exist_ok=True)
    with open(os.path.join(logs, 'agent.log'), 'a') as f:
        f.write('2026-01-01T00:00:01Z INFO engine one about anna\n2026-01-01T00:00:02Z WARNING wg TWO\n2026-01-01T00:00:03Z INFO exit1-tor started\n')
    with open(os.path.join(logs, 'unbound.log'), 'ab') as f:
        f.write(b'[1767225604] unbound[1:0] info: \x1b]0;evil\x07 \xc2\x9b31m \xff\n')

    def log(*args):
        return [line.split('Z ', 1)[1] for line in home('log', '--since', '2026-01-01T00:00:00Z', '--until', '2026-01-02T00:00:00Z', *args).splitlines()]
    assert log() == ['INFO engine one about anna', 'WARNING wg TWO', 'INFO exit exit1-tor: started', 'INFO dns unbound: \\x1b]0;evil\\x07 \\xc2\\x9b31m \\xff']
    assert log('--text', 'two') == [] and log('--text', 'two', '--ignore-case') == log('wg') == log('--level', 'warning') == ['WARNING wg TWO']
    assert log('--peer', 'anna') == ['INFO engine one about anna'] and log('-n', '1') == log()[3:] and log('exit') == log()[2:3]
    page = home.json('log', '--lines', '2', '--until', '2026-01-02T00:00:00Z')
    assert [one['from'] for one in page['lines']] == ['exit1-tor', 'unbound'] and page['lines'][0]['exact'] and page['lines'][0]['time'] == '2026-01-01T00:00:03Z'
    assert [one['text'] for one in home.json('log', '--before', page['before'], '--since', '2026-01-01')['lines']] == ['one about anna', 'TWO']
    for bad in (['--level', 'loud'], ['--peer', 'nobody'], ['--connection', 'nowhere'], ['moon'], ['--before', 'x']):
        assert home.run('log', *bad).returncode == 1
    for bad in (['--since', 'yesterday'], ['--lines', '10001'], ['--follow', '--until', '1h'], ['a', 'b']):
        assert home.run('log', *bad).returncode == 2


# ---- completion ----

@pytest.mark.parametrize('line, words', [
    ('pic st', 'status'),
    ('pic peer s', 'show set'),
    ('pic peer re', 'remove rekey'),
    ('pic peer --json re', 'remove rekey'),
    ('pic peer set ', 'anna phone'),
    ('pic peer set a', 'anna'),
    ('pic peer set anna --acc', '--access'),
    ('pic peer set anna --tunnel ', 'full split'),
    ('pic peer set anna --tunnel=s', 'split'),
    ('pic peer set anna --enabled ', 'yes no'),
    ('pic peer set anna --groups ', 'kids'),
    ('pic peer set anna --access i', 'internet'),
    ('pic peer set anna --access internet,group:', 'kids'),
    ('pic peer set anna --access internet,gr', 'internet,group:kids'),
    ('pic peer set anna --unset no', 'note'),
    ('pic peer add ', ''),
    ('pic group remove ', 'kids'),
    ('pic why ', 'anna phone'),
    ('pic why --family ', '4 6'),
    ('pic help gr', 'group grants'),
    ('pic --world ', 'real fake'),
    ('pic log a', 'acme agent alert audit'),
    ('pic --dir /nonexistent peer show ', ''),
    ('pic nonsense ', '')])
def test_completion(home, line, words):
    script = f'source {TOP}/frontends/cli/pic.bash-completion; COMP_LINE=$1; COMP_POINT=${{#1}}; _pic; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(['bash', '--norc', '-c', script, 'bash', line], env={**UTF8, 'PIC_DIR': home.dir, 'PIC_WORLD': 'fake'}, capture_output=True, text=True)
    assert sorted(done.stdout.split()) == sorted(words.split()), done.stderr


def test_completion_of_the_first_word(home):
    """Each noun once, each verb that stands alone; and `dns`, which records and forwards are found under."""
    words = home('__complete', '').split()
    assert sorted(words) == sorted({c['noun'] or c['verb'] for c in home.json('help')} | {'dns'})


def test_completion_in_a_shell(home, tmp_path):
    """Typed with the tab key in an interactive bash."""
    shell = Terminal('bash', '--norc', '--noprofile', '-i', env={**UTF8, 'PIC_DIR': home.dir, 'PIC_WORLD': 'fake', 'PS1': '> ', 'TERM': 'dumb'})
    shell.type(f'source {TOP}/frontends/cli/pic.bash-completion; echo sour"ced"\n')
    shell.read('sourced\r\n')
    shell.type('pic pee\tsh\tan\t--js\t|cat; echo do"ne"\n')
    assert '"name":"anna"' in shell.read('done\r\n')
    shell.type('pic peer set anna --access internet,group:k\t--quiet; pic peer show anna --json; echo comp"lete"\n')
    assert '"access":["internet","group:kids"]' in shell.read('complete\r\n')
    shell.type('exit\n')
    shell.read()
    shell.close()
