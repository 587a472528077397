"""Whoever has the README, --help, the man pages and what a refusal says: what is written there works as it is written, and no hint leads nowhere.
Nobody's keys are left lying about by a Ctrl-C either."""
import fcntl
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest
from conftest import BIN, TOP, Pic

README = (TOP / 'README.md').read_text()


def written(title):
    """The commands of a section, one a line, without what is said about them."""
    section = re.search(rf'^## {title}\n(.*?)(?=^## |\Z)', README, re.S | re.M)[1]
    lines = [re.sub(r'\s+#\s.*', '', line) for block in re.findall(r'```sh\n(.*?)```', section, re.S) for line in block.splitlines()]
    return [line for line in lines if line.startswith('pic ')]


@pytest.mark.parametrize('title', ['Alerts', 'Services', 'Names', 'A lock on your own pages', 'Backups'])
def test_the_readme(pic, tmp_path, title):
    """Each line as it stands, but for folders and keys of this machine. A pretend world has no servers, so those are not asked."""
    pic('peer', 'add', 'phone')
    pic('peer', 'add', 'anna')
    pic('group', 'add', 'kids')
    for name, text in (('password', 'secret\n'), ('key', 'secret\n'), ('token', 'secret\n'), ('home.key', 'key c2VjcmV0\n'), ('words', 'correct staple of May\n')):
        (tmp_path / name).write_text(text)
    subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', tmp_path / 'id_ed25519'], check=True)
    public = ' '.join((tmp_path / 'id_ed25519.pub').read_text().split()[:2])
    recipient, tried = 'age1…', 0
    for line in written(title):
        if re.search(r'alert test|rfc2136|cert revoke home|nas:|backup run|often|list nas', line):
            continue  # somebody has to answer, or to have been asked before
        for was, now in (('/srv/backups', '.'), ('/mnt/disk/backups', f'{tmp_path}/there/x'), ("'ssh-ed25519 AAAA…'", f"'{public}'"), (' FILE', ' *.age'),
                         ('age1…', recipient), ('-i key.txt', '-i key.txt --replace' if 'restore' in line and '--only' not in line else '-i key.txt')):
            line = line.replace(was, now)
        done = subprocess.run(['bash', '-ec', line], cwd=tmp_path, capture_output=True, text=True,
                              env={**os.environ, 'PATH': f'{BIN}:{os.environ["PATH"]}', 'PIC_DIR': pic.dir, 'PIC_WORLD': 'fake'})
        # what looks may say with 1 that something is not well
        assert done.returncode == 0 or re.search(r'(status|list)$|test', line) and done.returncode == 1, f'{line}\n{done.stdout}{done.stderr}'
        if 'keygen' in line:
            recipient = done.stderr.split()[-1]
        tried += 1
    assert tried >= 2, title


def test_every_hint_of_help_leads_somewhere():
    """'pic help X', wherever it is written."""
    files = subprocess.check_output(['git', '-C', TOP, 'ls-files', '*.md', '*.scd', '*.c', '*.h', '*.ts', '*.tsx'], text=True).split()
    said = {}
    for file in files:
        if not file.startswith('tests/') and (TOP / file).is_file():
            for words in re.findall(r"[`'*]pic help ([a-z]+(?: [a-z]+)?)[`'*]", (TOP / file).read_text()):
                said[words] = file
    assert {'grants', 'domains', 'alert'} <= set(said)
    for words, file in said.items():
        done = subprocess.run([BIN / 'pic', 'help', *words.split()], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout, f'{file}: pic help {words}: {done.stderr}'


def test_man_pages_say_names_as_they_are():
    """A page's own marks are no part of a name: _sip._tcp once came out as sip.tcp."""
    text = subprocess.run(['mandoc', '-T', 'utf8', '-O', 'width=400', BIN.parent / 'man/pic.1'], capture_output=True, text=True, check=True).stdout
    text = ' '.join(re.sub('.\b', '', text).split())
    assert '_sip._tcp' in text and '@ the zone itself (mail and texts only)' in text


def test_no_option_means_two_things():
    """An alert's --quiet are its quiet hours, also where every command has a --quiet."""
    commands = json.loads(subprocess.check_output([BIN / 'pic', 'help', '--json']))
    for c in commands:
        words = [w for w in (c['noun'], c['verb']) if w]
        text = subprocess.run([BIN / 'pic', *words, '--help'], capture_output=True, text=True, check=True).stdout
        options = re.findall(r'^  --([a-z0-9-]+)', text, re.M)
        assert len(options) == len(set(options)), (words, [o for o in options if options.count(o) > 1])


def test_quiet_hours(pic):
    pic('alert', 'add', 'phone', '--to', 'ntfy://ntfy.example/secret', '--quiet', '22:00-07:00')
    assert pic.json('alert', 'show', 'phone')['quiet'] == '22:00-07:00'
    assert pic('--quiet', 'alert', 'set', 'phone', '--quiet=21:00-06:00') == ''
    assert pic.json('alert', 'show', 'phone')['quiet'] == '21:00-06:00'
    assert pic.refused('alert', 'set', 'phone', '--quiet', '9-10')['rule'] == 'must be HH:MM-HH:MM'
    assert pic.run('alert', 'list', '--quiet').returncode == 0
    assert 'ntfy://ntfy.example/secret' in pic('alert', 'list')
    assert pic('__complete', 'alert', 'add', 'x', '--quiet', '') == ''


@pytest.mark.parametrize('typed, want', [
    (('peer', 'rename', 'a', 'b'), 'pic peer set NAME --name NEW'), (('peer', 'delete', 'a'), 'pic peer remove'), (('alert', 'create', 'a'), 'pic alert add'),
    (('record', 'rm', 'a'), 'pic record remove'), (('target', 'ls'), 'pic target list'), (('help', 'log', 'nothing'), 'pic help log'),
    (('group', 'edit', 'a'), 'pic group set'), (('pear', 'list'), "'peer list'")])
def test_words_of_other_programs(pic, typed, want):
    """Who wants another name is not led to `remove`."""
    done = pic.run(*typed)
    assert done.returncode == 2 and want in done.stderr, done.stderr


def test_a_command_of_two_words(pic):
    assert 'level' in pic('help', 'log', 'level') and 'keygen' in pic('help', 'age', 'keygen')


@pytest.mark.parametrize('what', ['log', 'traffic', 'health history'])
def test_a_time_that_ends_before_it_begins(pic, what):
    """Each of them names the field and the rule, and no value that nobody gave."""
    told = pic.refused(*what.split(), '--since', '2h', '--until', '3h', code='VALUE')
    assert (told['field'], told['value'], told['rule']) == ('until', None, 'must be after since'), told
    assert pic.run(*what.split(), '--since', '2h', '--until', '3h').stderr.startswith('pic: until: must be after since')


# --- files, folders, targets ---------------------------------------------------------------------------------------


def here(pic, cwd, *args):
    return subprocess.run([BIN / 'pic', '--dir', pic.dir, '--world', 'fake', *args], cwd=cwd, capture_output=True, text=True)


def test_a_folder_called_as_a_target(pic, tmp_path):
    """The folder one works in may have one of the target's name, and mostly has: the disk's."""
    (tmp_path / 'disk').mkdir()
    pic('target', 'add', 'disk', '--url', tmp_path / 'disk/x', '--plain', 'yes', '--every', 'never')
    pic('backup', 'run', 'disk')
    listed = here(pic, tmp_path, 'backup', 'list', 'disk')
    assert listed.returncode == 0 and 'pic backup list disk:' in listed.stderr, listed
    assert 'home-' in here(pic, tmp_path, 'backup', 'list', 'disk:').stdout
    for verb in (('verify',), ('show',), ('fetch', '-o', 'got')):
        done = here(pic, tmp_path, 'backup', verb[0], 'disk', *verb[1:])
        assert done.returncode == 0, done.stderr
    folder = here(pic, tmp_path, 'backup', 'show', './disk')
    assert folder.returncode == 1 and './disk is a folder' in folder.stderr and 'pic backup list' in folder.stderr
    (tmp_path / 'disk2').write_text('no backup')
    pic('target', 'set', 'disk', '--name', 'disk2')
    assert here(pic, tmp_path, 'backup', 'fetch', 'disk2', '-o', 'got2').returncode == 0  # only targets are fetched from
    assert here(pic, tmp_path, 'backup', 'show', 'disk2').returncode == 1                 # the file


def test_what_is_nowhere(pic, tmp_path):
    for word in ('nobody', 'nobody:', 'nobody:home-x'):
        for verb in ('list', 'verify', 'show', 'drill', 'diff'):
            told = pic.refused('backup', verb, word, code='NOTFOUND')
            assert 'neither a file nor a target' in told['message'] and told['hint'], told
    assert pic.refused('backup', 'run', 'nobody', '--cancel', code='NOTFOUND')['message'] == "there is no target 'nobody'"
    assert pic.refused('backup', 'forget', 'nobody', code='NOTFOUND')['hint']  # before anybody is asked whether it is meant
    assert 'put a cell aside' in pic.run('backup', 'kept').stderr and pic.json('backup', 'kept') == {'kept': []}
    pic('backup', 'create', tmp_path / 'b', '--passphrase-file', '-', '--work-factor', '10', stdin='correct staple\n')
    assert pic.refused('backup', 'show', tmp_path / 'b', code='DENIED')['hint'] == '--identity FILE, or --passphrase'


@pytest.mark.parametrize('closed', ['<&-', '>&-', '2>&-', '<&- 2>&-'])
def test_without_a_place_to_write(pic, tmp_path, closed):
    """What is opened next (a store, a log, an eventfd) never stands in its place; that an answer could not be told is an error."""
    for args in ('peer list', 'status', 'backup create - --plain', 'backup create b --plain', 'log'):
        done = subprocess.run(['bash', '-c', f'{BIN}/pic --dir {pic.dir} --world fake {args} {closed}'], cwd=tmp_path, capture_output=True, timeout=60)
        if closed == '>&-' and args != 'log':  # which has nothing to say here
            assert done.returncode == 1 and b'output' in done.stderr, (args, done)
        else:
            assert done.returncode == 0, (args, done)
    assert pic('audit', 'verify') and pic.json('peer', 'list') == []


# --- Ctrl-C --------------------------------------------------------------------------------------------------------


def is_left(scratch):
    """Nobody holds its mark any more: others' tests have theirs there too."""
    try:
        with open(scratch / '.busy', 'r+') as mark:
            fcntl.lockf(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize('verb', [('restore',), ('diff',), ('verify',), ('drill',)])
def test_interrupted(pic, tmp_path, verb, number):
    """In the middle of a backup that comes slowly: what was written of it, keys among it, is gone, and the cell is as it was."""
    pic('backup', 'create', tmp_path / 'b', '--plain')
    data = (tmp_path / 'b').read_bytes()
    os.mkfifo(tmp_path / 'slow')
    other = Pic(tmp_path / 'other/cell')
    (tmp_path / 'other').mkdir()
    shm = pathlib.Path('/dev/shm')
    was = set(shm.glob('pic-*')) if shm.is_dir() else set()
    p = subprocess.Popen([BIN / 'pic', '--dir', other.dir, '--world', 'fake', 'backup', *verb, tmp_path / 'slow'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))  # what a runner behind & or nohup ignores stays so
    with open(tmp_path / 'slow', 'wb', buffering=0) as feed:
        feed.write(data[:len(data) // 2])
        time.sleep(0.5)
        p.send_signal(number)
        out, err = p.communicate(timeout=20)
    assert p.returncode == 1 and 'canceled' in err, (p.returncode, out, err)
    assert list((tmp_path / 'other').rglob('*')) == []
    assert not [d for d in set(shm.glob('pic-*')) - was if is_left(d)]
    assert pic('audit', 'verify')
