"""Somebody writes into a cell's journal with sqlite: each byte of each column of each row, of the heads and of what is kept beside them is
changed, taken out, put in twice, cut off; rows go, come back, change places, are forged with their hashes. `pic audit verify` has to name
the place, and so has the independent verifier by the bundle that comes out of such a store. Run with -s it prints what was done.

Both judge thousands of stores, so most of it happens in this process: pic_audit_verify() and pic_audit_export() by the Python binding, which
is what the command calls, and check_bundle() of tests/audit/verify.py. One harm of each kind goes through the two programs as well."""
import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import pytest
from conftest import TOP, Pic

sys.path[:0] = [str(TOP / 'tests/audit'), str(TOP / 'bindings/python')]
os.environ.setdefault('PIC_LIBRARY', str(TOP / 'build/release/lib/libpic.so'))
import pic  # noqa: E402
import verify  # noqa: E402

VERIFY = TOP / 'tests/audit/verify.py'
COLUMNS = ['revision', 'time', 'actor', 'way', 'kind', 'id', 'name', 'verb', 'before', 'after', 'text', 'leaf']
TABLES = {'journal': ('seq', ['seq', *COLUMNS]), 'head': ('size', ['size', 'time', 'note']), 'meta': ('key', ['value'])}
SHM = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None


class Spoilt:
    """A cell, a connection of another hand to its store, and what came of each harm."""

    def __init__(self, base):
        self.cli = Pic(f'{base}/cell')
        self.cli('init', '--name', 'home', '--endpoint', 'home.example.org:51820', '--net4', '10.20.0.0/16')
        for words in (['group', 'add', 'kids', '--access', 'internet'], ['peer', 'add', 'anna', '--groups', 'kids'], ['audit', 'head'], ['peer', 'config', 'anna'],
                      ['peer', 'set', 'anna', '--note', 'a "b", ü'], ['audit', 'head'], ['peer', 'rekey', 'anna'], ['peer', 'remove', 'anna'], ['audit', 'head']):
            self.cli(*words)
        self.ctx = pic.Context(self.cli.dir, world='fake')
        self.db = sqlite3.connect(f'{self.cli.dir}/cell.db', isolation_level=None)
        self.db.executescript('PRAGMA synchronous = OFF; PRAGMA ignore_check_constraints = ON')
        self.saved = {t: self.db.execute(f'SELECT * FROM {t}').fetchall() for t in TABLES}
        self.rows = len(self.saved['journal'])
        self.heads = [size for size, _, _ in self.saved['head']]
        self.outside = self.saved['head'][-1][2]
        assert len(self.heads) == 3 and self.heads[-1] == self.rows == 7
        self.original = self.bundle()
        self.done = collections.defaultdict(collections.Counter)
        self.samples = {}

    def bundle(self):
        with open(os.memfd_create('bundle'), 'w+b') as out:
            self.ctx.audit_export(out, 'bundle')
            out.seek(0)
            return out.read()

    def restore(self, table=None):
        self.db.execute('BEGIN')
        for t in [table] if table else TABLES:
            self.db.execute(f'DELETE FROM {t}')
            self.db.executemany(f'INSERT INTO {t} VALUES ({", ".join("?" * len(self.saved[t][0]))})', self.saved[t])
        self.db.execute('COMMIT')

    def pic_names(self, head=None):
        good, found = self.ctx.audit_verify(head=head)
        assert good == (found['bad'] is None) and (good or found['bad']['what'])
        return found['bad'] and found['bad']['row']

    def verifier_names(self, data, head=None):
        try:
            verify.check_bundle(data, head=head and head.encode())
            return None
        except verify.Wrong as e:
            return e.row

    def harm(self, what, sql, args, least, most, bundle=True, table=None):
        """Does it, has both judge it, and takes it back. The row that is named must be between least and most. bundle: it shows there;
        False: a bundle says nothing of it, and has to be what it was."""
        try:
            self.db.execute('BEGIN')
            for one, values in zip(sql, args):
                self.db.execute(one, values)
            self.db.execute('COMMIT')
        except sqlite3.Error:
            self.db.execute('ROLLBACK')
            self.done[what]['sqlite refuses'] += 1
            return
        place = self.pic_names() or self.pic_names(self.outside)
        data = self.bundle()
        there = self.verifier_names(data) or self.verifier_names(data, self.outside)
        context = (what, sql, [[v[:80] if isinstance(v, (bytes, str)) else v for v in a] for a in args], place, there, least, most)
        assert place is not None and least <= place <= most, context
        if bundle:
            assert there is not None and least <= there <= most, context
            self.done[what]['bundle'] += 1
        else:
            assert data == self.original and there is None, context
            self.done[what]['not in a bundle'] += 1
        self.done[what]['pic'] += 1
        if random.random() < 1 / self.done[what]['pic']:  # one of each kind, whichever
            self.samples[what] = sql, args, place, there
        self.restore(table)

    def programs(self, what, tmp_path):
        """The same by the two programs."""
        sql, args, place, there = self.samples[what]
        for one, values in zip(sql, args):
            self.db.execute(one, values)
        (tmp_path / 'head').write_text(self.outside)
        done = self.cli.run('--json', 'audit', 'verify')
        if done.returncode == 0:
            done = self.cli.run('--json', 'audit', 'verify', '--head', tmp_path / 'head')
        assert done.returncode == 1 and json.loads(done.stdout)['bad']['row'] == place, (what, done.stdout, done.stderr)
        (tmp_path / 'bundle').write_bytes(self.bundle())
        for more in ([], ['--head', tmp_path / 'head']):
            done = subprocess.run([sys.executable, VERIFY, tmp_path / 'bundle', *more], capture_output=True, text=True)
            if done.returncode:
                break
        assert done.returncode == (there is not None) and (there is None or f'from row {there} on' in done.stdout), (what, done.stdout)
        self.restore()

    def table(self):
        heads = ['harm', 'times', 'pic names it', 'verifier names it', 'not in a bundle', 'sqlite refuses']
        lines = [heads] + [[what, *map(str, (n['pic'] + n['sqlite refuses'], n['pic'], n['bundle'], n['not in a bundle'], n['sqlite refuses']))]
                           for what, n in self.done.items()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
        return '\n'.join('  '.join(cell.ljust(w) for cell, w in zip(line, widths)).rstrip() for line in lines)


@pytest.fixture(scope='module')
def spoilt():
    base = tempfile.mkdtemp(prefix='pic-audit-', dir=SHM)
    yield Spoilt(base)
    shutil.rmtree(base)


EACH = 3 if os.environ.get('PIC_LEAKS_SAMPLE') else 1  # with all suites each third byte: what has many alike gives a sample


def harms_of(value):
    """Everything that is done to one value: how it is called, and what is there then."""
    if isinstance(value, int):
        for bit in range(64):
            changed = (value ^ 1 << bit) & (1 << 64) - 1
            yield 'a bit flipped', changed - (1 << 64) if changed >> 63 else changed
        return
    data = value.encode() if isinstance(value, str) else value
    for at in range(0, len(data), EACH):
        yield 'a bit flipped', data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1:]
        yield 'a byte gone', data[:at] + data[at + 1:]
        yield 'a byte twice', data[:at + 1] + data[at:]
        yield 'cut off', data[:at]
    yield 'a byte more', data + b'x'
    yield 'a zero byte more', data + b'\0'


def each_value(spoilt, table, id, column, value, span, bundle):
    key = TABLES[table][0]
    to = 'CAST(? AS TEXT)' if isinstance(value, str) else '?'
    for what, harmed in harms_of(value):
        unsaid = isinstance(value, str) and what == 'a zero byte more'  # a leaf ends where its text does: pic sees that there is more
        spoilt.harm(f'{table}.{column}: {what}', [f'UPDATE {table} SET "{column}" = {to} WHERE "{key}" = ?'], [[harmed, id]], *span, bundle=bundle and not unsaid, table=table)


@pytest.mark.parametrize('column', TABLES['journal'][1])
def test_every_byte_of_a_column(spoilt, column, tmp_path):
    at = TABLES['journal'][1].index(column)
    for row in spoilt.saved['journal']:
        if row[at] is None:  # no change was one; now it is
            spoilt.harm(f'journal.{column}: put in', [f"UPDATE journal SET {column} = '{{}}' WHERE seq = ?"], [[row[0]]], row[0], row[0], table='journal')
            spoilt.harm(f'journal.{column}: put in', [f"UPDATE journal SET {column} = 'null' WHERE seq = ?"], [[row[0]]], row[0], row[0], bundle=False, table='journal')
        else:
            each_value(spoilt, 'journal', row[0], column, row[at], (row[0], row[0]), True)
            if column in ('before', 'after'):
                spoilt.harm(f'journal.{column}: taken out', [f'UPDATE journal SET {column} = NULL WHERE seq = ?'], [[row[0]]], row[0], row[0], table='journal')
    for what in [w for w in spoilt.done if w.startswith(f'journal.{column}:') and w in spoilt.samples]:
        spoilt.programs(what, tmp_path)


@pytest.mark.parametrize('column', TABLES['head'][1])
def test_every_byte_of_the_heads(spoilt, column, tmp_path):
    for size, when, note in spoilt.saved['head']:
        value = {'size': size, 'time': when, 'note': note}[column]
        if column == 'size':
            continue
        each_value(spoilt, 'head', size, column, value, (1, size), column == 'note')
    for size in spoilt.heads if column == 'size' else []:
        for what, harmed in harms_of(size):  # what claims to be of no row is in no bundle, and of the others the rows stay vouched for
            if harmed > 0:
                spoilt.harm(f'head.size: {what}', ['UPDATE head SET size = ? WHERE size = ?'], [[harmed, size]], 1, spoilt.rows + 1, table='head')
    for what in [w for w in spoilt.done if w.startswith(f'head.{column}:') and w in spoilt.samples]:
        spoilt.programs(what, tmp_path)


def test_every_byte_of_the_edges(spoilt, tmp_path):
    for key, value in spoilt.saved['meta']:
        if key in ('tree', 'signed'):
            each_value(spoilt, 'meta', key, 'value', value, (1, spoilt.rows + 1), False)
    for what in [w for w in spoilt.done if w.startswith('meta.')]:
        spoilt.programs(what, tmp_path)


SET = f'({", ".join(COLUMNS)})'
SWAP = f'UPDATE journal SET {SET} = ({", ".join("?" * len(COLUMNS))}) WHERE seq = ?'


def test_rows_deleted_exchanged_put_in(spoilt, tmp_path):
    rows = {row[0]: row for row in spoilt.saved['journal']}
    for a in rows:
        spoilt.harm('a row deleted', ['DELETE FROM journal WHERE seq = ?'], [[a]], a, a)
        spoilt.harm('a row deleted, the rest moved up', ['DELETE FROM journal WHERE seq = ?', 'UPDATE journal SET seq = -seq WHERE seq > ?', 'UPDATE journal SET seq = -seq - 1 WHERE seq < 0'],
                    [[a], [a], []], a, a)
        spoilt.harm('a row put in again at the end', ['INSERT INTO journal SELECT ?, revision, time, actor, way, kind, id, name, verb, before, after, text, leaf FROM journal WHERE seq = ?'],
                    [[spoilt.rows + 1, a]], spoilt.rows + 1, spoilt.rows + 1)
        for b in rows:
            if a != b:
                spoilt.harm('a row in the place of another', [SWAP], [[*rows[b][1:], a]], a, a)
            if a < b:
                spoilt.harm('two rows exchanged', [SWAP, SWAP], [[*rows[b][1:], a], [*rows[a][1:], b]], a, a)
                spoilt.harm('two rows exchanged without their hashes', [SWAP, SWAP], [[*rows[b][1:-1], rows[a][-1], a], [*rows[a][1:-1], rows[b][-1], b]], a, a)
    for what in [w for w in spoilt.done if 'row' in w and '.' not in w]:
        spoilt.programs(what, tmp_path)


def edge_of(spoilt, size):
    tree = verify.Tree()
    for row in spoilt.saved['journal'][:size]:
        tree.append(row[-1])
    return size.to_bytes(8, 'big') + b''.join(tree.edge)


def test_the_end_cut_off(spoilt, tmp_path):
    """With all that belongs to it, too: then only a head that was kept elsewhere tells."""
    cut = ['DELETE FROM journal WHERE seq > ?']
    for n in range(spoilt.rows):
        spoilt.harm('the end cut off', cut, [[n]], n + 1, n + 1)
        spoilt.harm('the end cut off with its heads', [*cut, 'DELETE FROM head WHERE size > ?'], [[n], [n]], n + 1, n + 1)
        kept = max([0] + [size for size in spoilt.heads if size <= n])
        spoilt.harm('the end cut off with heads and edges', [*cut, 'DELETE FROM head WHERE size > ?', *["UPDATE meta SET value = ? WHERE key = ?"] * 2],
                    [[n], [n], [edge_of(spoilt, n), 'tree'], [edge_of(spoilt, kept), 'signed']], n + 1, n + 1)
    for what in [w for w in spoilt.done if w.startswith('the end')]:
        spoilt.programs(what, tmp_path)


def test_rows_forged_with_their_hashes(spoilt, tmp_path):
    """Between which heads it is, is what can be told."""
    leaves = [line.partition(b' ')[2] for line in spoilt.original.split(b'\n')[3:3 + spoilt.rows]]
    for row, leaf in enumerate(leaves, 1):
        forged = leaf.replace(b'"actor":"', b'"actor":"x')
        first = max([0] + [size for size in spoilt.heads if size < row]) + 1
        spoilt.harm('a row forged with its hash', ["UPDATE journal SET actor = 'x' || actor, leaf = ? WHERE seq = ?"], [[verify.leaf_hash(forged), row]], first, first)
    spoilt.programs('a row forged with its hash', tmp_path)


def test_heads_gone(spoilt):
    """An older one that goes takes nothing with it (old ones are let go, too): all rows stay vouched for. The newest one is missed."""
    for size in spoilt.heads:
        spoilt.db.execute('DELETE FROM head WHERE size = ?', [size])
        left = [s for s in spoilt.heads if s != size]
        assert spoilt.pic_names() == (left[-1] + 1 if size == spoilt.rows else None)
        assert verify.check_bundle(spoilt.bundle()) == (spoilt.rows, left[-1])
        spoilt.done['a head deleted']['pic'] += 1
        spoilt.restore()


def test_what_was_done(spoilt):
    """The last one: the store is as it was, and of every kind there was much."""
    assert spoilt.pic_names() is None and spoilt.bundle() == spoilt.original
    print('\n' + spoilt.table())
    total = sum(n['pic'] for n in spoilt.done.values())
    assert total > 5000 and {w.partition(':')[0] for w in spoilt.done if '.' in w} == {f'journal.{c}' for c in TABLES['journal'][1]} | {f'head.{c}' for c in TABLES['head'][1]} | {'meta.value'}
