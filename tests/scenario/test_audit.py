"""The audit trail from outside: the command line, exports, and an independent verifier (tests/audit/verify.py, made from the specifications
alone) on every byte of a bundle."""
import csv
import io
import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time

import pytest
from conftest import TOP, Pic

sys.path.insert(0, str(TOP / 'tests/audit'))
import verify  # noqa: E402

VERIFY = TOP / 'tests/audit/verify.py'


@pytest.fixture(scope='module')
def cell(tmp_path_factory):
    """A dozen rows, heads after some of them and at the end."""
    pic = Pic(tmp_path_factory.mktemp('audit') / 'cell')
    pic('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16', '--net6', 'fd20::/48')
    for i, words in enumerate((['group', 'add', 'kids', '--access', 'internet'], ['peer', 'add', 'anna', '--groups', 'kids', '--note', '=1+1'],
                               ['peer', 'config', 'anna'], ['peer', 'rekey', 'anna'], ['peer', 'qr', 'anna'], ['peer', 'set', 'anna', '--note', 'a "b", ü'],
                               ['peer', 'add', 'bert', '--keep-key'], ['peer', 'config', 'bert'], ['peer', 'remove', 'bert'], ['cell', 'set', '--mtu', '1400'])):
        pic(*words)
        if i % 4 == 3:
            pic('audit', 'head')
    pic('audit', 'head')
    return pic


@pytest.fixture
def copy(cell, tmp_path):
    """The same, to be spoilt."""
    shutil.copytree(cell.dir, tmp_path / 'cell')
    return Pic(tmp_path / 'cell')


def rows_of(pic, **options):
    return pic.json('audit', 'list', '--lines', '1000', *[x for k, v in options.items() for x in (f'--{k}', v)])


# --- the command line -------------------------------------------------------------------------------------------------------------------


def test_list(cell):
    rows = rows_of(cell)
    assert [r['seq'] for r in rows] == list(range(len(rows), 0, -1)) and rows[-1]['kind'] == 'cell'
    assert {r['verb'] for r in rows_of(cell, verb='reveal')} == {'reveal'} and len(rows_of(cell, verb='reveal')) == 3
    assert [r['name'] for r in rows_of(cell, kind='group')] == ['kids']
    assert len(rows_of(cell, kind='peer', name='BERT')) == 3 and len(rows_of(cell, name='nobody')) == 0
    assert {r['actor'] for r in rows_of(cell, actor=rows[0]['actor'])} == {rows[0]['actor']} and rows_of(cell, actor='eve') == []
    assert len(rows_of(cell, way='cli')) == len(rows) and rows_of(cell, way='http') == []
    assert [r['verb'] for r in rows_of(cell, text='MTU')] == ['change']
    assert [r['revision'] for r in rows_of(cell, **{'from': 2, 'to': 4})] == [4, 3, 2]
    assert len(rows_of(cell, since='1h')) == len(rows) and rows_of(cell, until='1h') == []
    assert [r['seq'] for r in cell.json('audit', 'list', '--lines', '3', '--before', '6')] == [5, 4, 3]
    table = cell('audit', 'list').splitlines()
    assert len(table) == len(rows) + 1 and table[0].split()[:2] == ['row', 'time']
    for words in (['--lines', '0'], ['--since', 'sometime'], ['--from', '-1'], ['--verb'], ['--nonsense', 'x']):
        assert cell.run('audit', 'list', *words).returncode == 2
    wrong = cell.run('audit', 'list', '--kind', 'pear')
    assert wrong.returncode == 2 and "'pear'" in wrong.stderr and 'pic help audit list' in wrong.stderr


def test_show(cell, tmp_path):
    shown = cell.json('audit', 'show', '3')
    assert shown['row']['seq'] == 3 and shown['proof'] is None and json.loads(shown['leaf'])['name'] == shown['row']['name']
    assert verify.leaf_hash(shown['leaf'].encode()).hex() == shown['hash']
    text = cell('audit', 'show', '3')
    assert 'anna' in text and shown['hash'] in text and '(secret)' in text
    key = cell('audit', 'head', '--key').strip()
    for row in range(1, len(rows_of(cell)) + 1):
        proof = cell('audit', 'show', row, '--proof')
        index, leaf = verify.check_proof(proof, key)
        assert index == row - 1 and json.loads(leaf)['seq'] == row
        with pytest.raises(verify.Wrong):
            verify.check_proof(proof.replace(f'index {index}', f'index {index + 1}'), key)
    (tmp_path / 'proof').write_text(proof)
    done = subprocess.run([sys.executable, VERIFY, '--proof', tmp_path / 'proof', '--key', key], capture_output=True, text=True)
    assert done.returncode == 0 and f'row {row} is in' in done.stdout
    cell.refused('audit', 'show', '99', code='NOTFOUND')
    assert cell.run('audit', 'show', 'x').returncode == 2


def test_a_row_that_is_not_signed_yet(copy):
    """Whoever asks for its proof has it signed; where nobody can sign, that is said."""
    copy('peer', 'set', 'anna', '--note', 'new')
    last = rows_of(copy)[0]['seq']
    real = Pic(copy.dir, world='real')
    error = real.refused('audit', 'show', last, '--proof', code='BADSTATE')
    assert 'picd' in error['hint']
    assert real.json('audit', 'head')['size'] == last - 1 and real.json('audit', 'head')['rows'] == last  # what there is
    index, _ = verify.check_proof(copy('audit', 'show', last, '--proof'), copy('audit', 'head', '--key').strip())
    assert index == last - 1 and copy.json('audit', 'head')['size'] == last


def test_export(cell, tmp_path):
    rows = rows_of(cell)[::-1]
    lines = [json.loads(line) for line in cell('audit', 'export').splitlines()]
    assert lines == rows
    cell('audit', 'export', '--format', 'csv', '--output', tmp_path / 'csv')
    raw = (tmp_path / 'csv').read_bytes()
    assert raw.count(b'\r\n') == len(rows) + 1 and raw.endswith(b'\r\n')
    table = list(csv.reader(io.StringIO(raw.decode(), newline='')))
    assert table[0] == ['seq', 'revision', 'time', 'actor', 'way', 'kind', 'id', 'name', 'verb', 'before', 'after', 'text'] and len(table) == len(rows) + 1
    for cells, row in zip(table[1:], rows):
        assert cells[0] == str(row['seq']) and cells[7] == row['name'] and cells[11] == row['text']
        assert (json.loads(cells[10]) if cells[10] else None) == row['after']
    assert [json.loads(line)['verb'] for line in cell('audit', 'export', '--verb', 'reveal', '--lines', '2').splitlines()] == ['reveal'] * 2
    assert len(cell('audit', 'export', '--before', '4').splitlines()) == 3
    cell('audit', 'export', '--output', tmp_path / 'rows')
    assert (tmp_path / 'rows').stat().st_mode & 0o777 == 0o600 and len((tmp_path / 'rows').read_text().splitlines()) == len(rows)
    cell.refused('audit', 'export', '--output', tmp_path / 'rows', code='EXISTS')
    cell.refused('audit', 'export', '--output', tmp_path / 'no/where', code='IO')
    assert cell.run('audit', 'export', '--format', 'xml').returncode == 2
    assert cell.run('audit', 'export', '--format', 'bundle', '--verb', 'add').returncode == 2
    full = open('/dev/full', 'w')
    done = subprocess.run([str(TOP / 'build/release/bin/pic'), '--json', '--world', 'fake', '--dir', cell.dir, 'audit', 'export'], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and json.loads(done.stderr)['code'] == 'IO'


def test_no_formula(copy, tmp_path):
    """What a spreadsheet would run as a formula comes out as text; the rest as it is."""
    bad = ['=1+1', '+1', '-1', '@sum(1)', '\t=1', '\r=1', '＝1', '"=1', ' =1', '1,2\r\n3', '']
    with sqlite3.connect(f'{copy.dir}/cell.db') as db:
        for i, text in enumerate(bad):
            db.execute('UPDATE journal SET actor = ?, text = ? WHERE seq = ?', (text, text, i + 1))
    copy('audit', 'export', '--format', 'csv', '--output', tmp_path / 'csv')
    table = list(csv.reader(io.StringIO((tmp_path / 'csv').read_bytes().decode(), newline='')))
    for i, text in enumerate(bad):
        want = text if text[:1] in ('"', ' ', '1', '') else "'" + text
        assert (table[i + 1][3], table[i + 1][11]) == (want, want)


def test_verify(cell, copy, tmp_path):
    count = len(rows_of(cell))
    good = cell.json('audit', 'verify')
    assert good['ok'] and good['rows'] == good['signed'] == count and good['bad'] is None and good['outside'] is None
    assert f'{count} rows' in cell('audit', 'verify')
    key, head = cell('audit', 'head', '--key').strip(), tmp_path / 'head'
    cell('audit', 'head', '--output', head)
    with_all = cell.json('audit', 'verify', '--key', key, '--head', head)
    assert with_all['ok'] and with_all['outside'] == count and with_all['key'] == key
    assert cell.run('audit', 'verify', '--head', '-', stdin=head.read_text()).returncode == 0
    cell.refused('audit', 'verify', '--key', 'nonsense', code='SYNTAX')
    (tmp_path / 'none').write_text('no head\n')
    cell.refused('audit', 'verify', '--head', tmp_path / 'none', code='SYNTAX')
    cell.refused('audit', 'verify', '--head', tmp_path / 'nowhere', code='NOTFOUND')
    other = Pic(tmp_path / 'other')
    other('init', '--name', 'other')
    other('audit', 'head', '--output', tmp_path / 'theirs')
    for words in (['--key', other('audit', 'head', '--key').strip()], ['--head', tmp_path / 'theirs']):
        done = cell.run('--json', 'audit', 'verify', *words)
        assert done.returncode == 1 and json.loads(done.stdout)['bad']['row'] == 0, done.stdout
    with sqlite3.connect(f'{copy.dir}/cell.db') as db:
        db.execute('UPDATE journal SET actor = ? WHERE seq = 4', ('nobody',))
    done = copy.run('audit', 'verify')
    assert done.returncode == 1 and 'row 4' in done.stdout
    copy.refused('audit', 'show', '4', code='CORRUPT')
    assert copy.run('audit', 'show', '5').returncode == 0
    copy.refused('audit', 'show', '4', '--proof', code='CORRUPT')


def test_no_cell(empty):
    for words in (['list'], ['show', '1'], ['export'], ['verify'], ['head']):
        empty.refused('audit', *words, code='NOTFOUND')


def test_what_is_a_row(pic, tmp_path):
    """Every showing of a configuration, every refusal, a change that is confirmed or goes back, an undo."""
    (tmp_path / 'cell.yaml').write_text('peers: {anna: {private_key: x}}\n')
    pic('peer', 'add', 'anna')

    def row(verb, part, *words, code=None):
        before = pic.json('audit', 'list')[0]['seq']
        if code:
            pic.refused(*words, code=code)
        else:
            pic(*words)
        rows = pic.json('audit', 'list')
        assert rows[0]['seq'] == before + 1 and rows[0]['verb'] == verb and part in rows[0]['text'], rows[0]
        assert rows[0]['way'] == 'cli' and rows[0]['actor'] == rows[-1]['actor']

    row('reveal', 'peer anna', 'peer', 'config', 'anna')
    row('refused', 'shown already', 'peer', 'qr', 'anna', code='BADSTATE')
    row('change', 'private_key', 'peer', 'rekey', 'anna')
    row('reveal', 'peer anna', 'peer', 'qr', 'anna')
    row('refused', 'revision', 'peer', 'set', 'anna', '--note', 'x', '--if-revision', '1', code='STALE')
    row('refused', 'private_key', 'apply', '--file', tmp_path / 'cell.yaml', code='DENIED')
    row('change', 'note', 'peer', 'set', 'anna', '--note', 'x')
    row('undo', 'note', 'undo')
    row('change', 'note', 'peer', 'set', 'anna', '--note', 'y', '--confirm', '60s')
    row('confirm', 'confirmed', 'confirm')
    pic('peer', 'set', 'anna', '--note', 'z', '--confirm', '1s')
    time.sleep(1.2)
    assert pic.json('peer', 'show', 'anna')['note'] == 'z'  # nobody was there yet
    pic('status')
    assert [(r['verb'], r['actor']) for r in pic.json('audit', 'list', '--lines', '2')] == [('unconfirmed', 'agent'), ('undo', 'agent')]
    for _ in range(30):  # again and again
        pic.refused('peer', 'set', 'anna', '--note', 'x', '--if-revision', '1')
    assert len(rows_of(pic, verb='refused')) <= 5 and pic.json('audit', 'verify')['ok']


# --- both verifiers on the same harm ----------------------------------------------------------------------------------------------------

def named(pic):
    """The row that `pic audit verify` names, and the one that the verifier names on the bundle; None: all is well."""
    done = pic.run('--json', 'audit', 'verify')
    bad = json.loads(done.stdout)['bad'] if done.stdout else {'row': 'refused'}
    try:
        verify.check_bundle(pic('audit', 'export', '--format', 'bundle').encode())
        there = None
    except verify.Wrong as e:
        there = e.row
    return bad and bad['row'], there


HARM = {
    'a field': ("UPDATE journal SET actor = 'nobody' WHERE seq = 6", 6), 'a time': ('UPDATE journal SET time = time - 1 WHERE seq = 2', 2),
    'an object': ("UPDATE journal SET after = '{}' WHERE seq = 1", 1), 'a hash': ("UPDATE journal SET leaf = zeroblob(32) WHERE seq = 7", 7),
    'row and hash of another': ('UPDATE journal SET (revision, time, actor, way, kind, id, name, verb, before, after, text, leaf) = '
                                '(SELECT revision, time, actor, way, kind, id, name, verb, before, after, text, leaf FROM journal WHERE seq = 5) WHERE seq = 3', 3),
    'a row gone': ('DELETE FROM journal WHERE seq = 5', 5), 'the first gone': ('DELETE FROM journal WHERE seq = 1', 1),
    'the end gone': ('DELETE FROM journal WHERE seq > 9', 10),
    'a line more in an object': ("UPDATE journal SET after = after || char(10) || '{}' WHERE seq = 3", 3),
}


@pytest.mark.parametrize('name', HARM)
def test_both_name_the_place(copy, name):
    sql, row = HARM[name]
    assert named(copy) == (None, None)
    with sqlite3.connect(f'{copy.dir}/cell.db') as db:
        db.execute(sql)
    assert named(copy) == (row, row)


def test_the_end_cut_off_with_its_heads(copy, tmp_path):
    """Nothing inside can tell. A head kept outside can, to both."""
    copy('audit', 'head', '--output', tmp_path / 'head')
    count = len(rows_of(copy))
    with sqlite3.connect(f'{copy.dir}/cell.db') as db:
        leaves = [row[0] for row in db.execute('SELECT leaf FROM journal ORDER BY seq')]
        last = [size for (size,) in db.execute('SELECT size FROM head ORDER BY size')][-2]
        tree = verify.Tree()
        for leaf in leaves[:last]:
            tree.append(leaf)
        edge = tree.size.to_bytes(8, 'big') + b''.join(tree.edge)
        db.execute('DELETE FROM journal WHERE seq > ?', (last,))
        db.execute('DELETE FROM head WHERE size > ?', (last,))
        db.execute("UPDATE meta SET value = ? WHERE key IN ('tree', 'signed')", (edge,))
    assert named(copy) == (None, None)
    done = copy.run('--json', 'audit', 'verify', '--head', tmp_path / 'head')
    bad = json.loads(done.stdout)['bad']
    assert done.returncode == 1 and bad['row'] == last + 1 and f'{last + 1} to {count}' in bad['what']
    with pytest.raises(verify.Wrong) as caught:
        verify.check_bundle(copy('audit', 'export', '--format', 'bundle').encode(), head=(tmp_path / 'head').read_bytes())
    assert caught.value.row == last + 1


def test_random_bytes_of_the_file(cell, tmp_path):
    """At the file: the command names a row, refuses the store, or nothing of the journal was touched."""
    seed = random.randrange(1 << 30)
    rng, seen = random.Random(seed), {'named': 0, 'refused': 0, 'untouched': 0}
    original = pathlib.Path(cell.dir)
    with sqlite3.connect(original / 'cell.db') as db:
        db.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    bundle = cell('audit', 'export', '--format', 'bundle')
    data = (original / 'cell.db').read_bytes()
    spoilt = tmp_path / 'cell'
    shutil.copytree(original, spoilt)
    pages = [at for at in range(0, len(data), 4096) if b' added' in data[at:at + 4096]]
    for i in range(80):
        at = rng.choice(pages) + rng.randrange(4096) if i % 2 else rng.randrange(len(data))
        for side in ('-wal', '-shm'):
            (spoilt / f'cell.db{side}').unlink(missing_ok=True)
        (spoilt / 'cell.db').write_bytes(data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:])
        pic = Pic(spoilt)
        done = pic.run('--json', 'audit', 'verify')
        if done.returncode == 1 and done.stdout:
            assert json.loads(done.stdout)['bad']['row'] >= 0
            seen['named'] += 1
        elif done.returncode == 1:
            assert json.loads(done.stderr)['code'] in ('CORRUPT', 'UNSUPPORTED', 'NOTFOUND'), (seed, at, done.stderr)
            seen['refused'] += 1
        else:
            assert pic('audit', 'export', '--format', 'bundle') == bundle, (seed, at)
            seen['untouched'] += 1
    assert seen['named'] >= 5, (seed, seen)


# --- every byte of a bundle -------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope='module')
def bundle(cell):
    data = cell('audit', 'export', '--format', 'bundle').encode()
    rows, vouched = verify.check_bundle(data)
    assert rows == vouched == len(rows_of(cell))
    return data


def places(data):
    """For each byte the least and the most row that may be named when it is harmed."""
    rows = data.count(b'\n', 0, data.index(b'\nheads ')) - 2
    at, answer, before = 0, [], 0
    lines = data.split(b'\n')
    for n, line in enumerate(lines[:-1]):
        size = len(line) + 1
        row = n - 2
        if n < 3:
            span = (0, rows + 1)  # the number of rows is what is wrong, or the key
        elif row <= rows:
            span = (row, row + 1)  # an end of line that goes joins two rows
        elif line.startswith(b'head '):
            span, before = (before, rows), before
        else:
            span = (0, rows + 1)
        answer += [span] * size
        at += size
    assert len(answer) == len(data) == at
    return answer


def harmed(data, span, what):
    with pytest.raises(verify.Wrong) as caught:
        verify.check_bundle(data)
    assert span[0] <= caught.value.row <= span[1], (what, caught.value.row, span, str(caught.value))


def test_every_byte(bundle):
    where, heads = places(bundle), bundle.index(b'\nheads ')
    for at in range(len(bundle)):
        for flip in (0x01, 0x20, 0x80) if at < heads or at % 3 == 0 else (0x01,):
            harmed(bundle[:at] + bytes([bundle[at] ^ flip]) + bundle[at + 1:], where[at], f'byte {at} ^ {flip}')


def test_every_byte_gone_or_twice(bundle):
    where = places(bundle)
    for at in range(len(bundle)):
        harmed(bundle[:at] + bundle[at + 1:], where[at], f'byte {at} gone')
        harmed(bundle[:at + 1] + bundle[at:], where[at], f'byte {at} twice')


def test_cut_anywhere(bundle):
    where = places(bundle)
    for at in range(len(bundle)):
        harmed(bundle[:at], (0, where[at][1]), f'cut at {at}')


def test_lines_gone_twice_and_exchanged(bundle):
    lines = bundle.splitlines(keepends=True)
    rows = [n for n, line in enumerate(lines) if b' {"seq":' in line]
    for n in rows:
        row = n - rows[0] + 1
        harmed(b''.join(lines[:n] + lines[n + 1:]), (row, row), f'row {row} gone')
        harmed(b''.join(lines[:n + 1] + lines[n:]), (row + 1, row + 1), f'row {row} twice')
        for m in rows:
            if m > n:
                turned = lines[:]
                turned[n], turned[m] = turned[m], turned[n]
                harmed(b''.join(turned), (row, row), f'row {row} exchanged')
    for n in range(rows[-1] + 1, len(lines)):
        harmed(b''.join(lines[:n] + lines[n + 1:]), (0, len(rows) + 1), f'line {n} gone')


def test_a_row_forged_with_its_hash(bundle):
    """Whoever makes row and hash anew is found by the next head, and between which rows it is, is told."""
    lines = bundle.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if b' {"seq":' in line)
    sizes = [int(line.split()[1]) for line in lines if line.startswith(b'head ')]
    for row in range(1, sizes[-1] + 1):
        leaf = lines[first + row - 1].partition(b' ')[2].rstrip(b'\n').replace(b'"actor":"', b'"actor":"x')
        forged = lines[:]
        forged[first + row - 1] = verify.leaf_hash(leaf).hex().encode() + b' ' + leaf + b'\n'
        before = max([0] + [size for size in sizes if size < row])
        harmed(b''.join(forged), (before + 1, before + 1), f'row {row} forged')


def test_the_verifier_knows_its_specifications():
    """RFC 8032, 7.1; RFC 6962's empty tree; the example of C2SP signed-note."""
    for key, message, signature in (
            ('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
             'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'),
            ('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
             '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'),
            ('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82',
             '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a')):
        key, message, signature = map(bytes.fromhex, (key, message, signature))
        assert verify.ed25519_verify(key, message, signature)
        for at in range(64):
            assert not verify.ed25519_verify(key, message, signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1:])
        assert not verify.ed25519_verify(key, message + b'x', signature)
    assert verify.Tree().root().hex() == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    name, key = verify.read_key('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
    blob = verify.strict64('Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=')
    assert name == 'example.com/foo' and blob[:4] == verify.key_id(name, key) and verify.ed25519_verify(key, b'This is an example message.\n', blob[4:])
