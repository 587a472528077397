#!/usr/bin/env python3
"""Checks a cell's audit trail without the cell, from the specifications alone: RFC 6962 (Merkle tree), RFC 8032 (Ed25519), and of C2SP
signed-note, tlog-checkpoint and tlog-proof. The standard library is all it needs. The form of a bundle is in <pic/audit.h>.

    verify.py BUNDLE [--key KEY] [--head FILE]     a bundle: pic audit export --format bundle
    verify.py --proof FILE --key KEY [--head FILE] the proof of one row: pic audit show ROW --proof

KEY is the verifier's key, FILE a signed head, both kept elsewhere than in the cell (pic audit head --key, pic audit head). Without --key
a bundle is judged by the key that it says itself, which shows only that it fits together.

Prints what it found, and the row where it begins; exit status 0 when all is well, 1 when not, 2 for a wrong use."""
import argparse
import base64
import binascii
import hashlib
import re
import sys

# --- Ed25519, RFC 8032, 5.1: verification only -----------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


def point(data):
    """5.1.3; extended coordinates, or None."""
    y = int.from_bytes(data, 'little')
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    """5.1.4."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    """5.1.4: dedicated doubling."""
    a, b, c = p[0] * p[0] % P, p[1] * p[1] % P, 2 * p[2] * p[2] % P
    h = a + b
    e, g = h - (p[0] + p[1]) ** 2 % P, a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(s, p, k, q):
    """[s]p + [k]q, bit by bit."""
    both, sum_ = add(p, q), (0, 1, 1, 0)
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        sum_ = double(sum_)
        a, b = s >> bit & 1, k >> bit & 1
        if a or b:
            sum_ = add(sum_, both if a and b else p if a else q)
    return sum_


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_verify(key, message, signature):
    """5.1.7, without cofactor: [s]B = R + [k]A, as [s]B + [k](-A) = R."""
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], 'little')
    if len(key) != 32 or len(signature) != 64 or a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), 'little') % L
    return same(multiply(s, BASE, k, (P - a[0], a[1], a[2], P - a[3])), r)


# --- the tree, RFC 6962, 2.1 ------------------------------------------------------------------------------------------------------------

def leaf_hash(data):
    return hashlib.sha256(b'\0' + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()


class Tree:
    """The hashes of its full subtrees, the largest first: what is needed to append and to tell the root."""

    def __init__(self):
        self.size, self.edge = 0, []

    def append(self, leaf):
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf, size = node_hash(self.edge.pop(), leaf), size >> 1
        self.edge.append(leaf)

    def root(self):
        if not self.edge:
            return hashlib.sha256(b'').digest()
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root


def included(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return False
    last = size - 1
    for step in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            leaf = node_hash(step, leaf)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = node_hash(leaf, step)
        index, last = index >> 1, last >> 1
    return last == 0 and leaf == root


# --- signed notes and checkpoints, C2SP -------------------------------------------------------------------------------------------------

class Wrong(Exception):
    """What is wrong, and from which row on (0: with the whole)."""

    def __init__(self, row, what):
        super().__init__(what)
        self.row = row


def strict64(text):
    """RFC 4648, 4, and no other text for the same bytes. None: it is none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def key_id(name, key):
    return hashlib.sha256(name.encode() + b'\n\1' + key).digest()[:4]


def read_key(text):
    """(name, public key) of a verifier's key."""
    parts = text.split('+', 2)
    typed = strict64(parts[2]) if len(parts) == 3 else None
    if typed is None or len(typed) != 33 or typed[0] != 1 or not parts[0] or parts[1] != key_id(parts[0], typed[1:]).hex():
        raise Wrong(0, f'this is no verifier\'s key: {text}')
    return parts[0], typed[1:]


CHECKED = {}  # signatures that were judged already


def signed(key, message, signature):
    what = key, message, signature
    if what not in CHECKED:
        CHECKED[what] = ed25519_verify(key, message, signature)
    return CHECKED[what]


def read_note(data, name, key):
    """(size, root) of a checkpoint that is signed by this key; its origin is the key's name."""
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        raise Wrong(0, 'a head is no UTF-8 text') from None
    if re.search('[\x00-\x09\x0b-\x1f]', text):
        raise Wrong(0, 'a head has control characters')
    gap = text.rfind('\n\n')
    lines = text[:gap].split('\n')
    if gap < 0 or not text.endswith('\n') or len(lines) < 3 or '' in lines or not re.fullmatch('0|[1-9][0-9]*', lines[1]):
        raise Wrong(0, 'a head is no checkpoint')
    root = strict64(lines[2])
    if root is None or len(root) != 32:
        raise Wrong(0, 'a head has no root')
    good = False
    for line in text[gap + 2:-1].split('\n'):
        found = re.fullmatch('— ([^ +]+) ([^ ]+)', line)
        blob = strict64(found[2]) if found else None
        if blob is None or len(blob) < 5:
            raise Wrong(0, 'a head has a line that is no signature')
        if found[1] == name and blob[:4] == key_id(name, key):
            if len(blob) != 68 or not signed(key, text[:gap + 1].encode(), blob[4:]):
                raise Wrong(0, 'a head has a bad signature by the key')
            good = True
    if not good or lines[0] != name:
        raise Wrong(0, 'a head is not signed by the key')
    return int(lines[1]), root


# --- bundles ----------------------------------------------------------------------------------------------------------------------------

class Lines:
    def __init__(self, data):
        self.data, self.at = data, 0

    def line(self, row):
        end = self.data.find(b'\n', self.at)
        if end < 0:
            raise Wrong(row, 'the bundle is cut off')
        line, self.at = self.data[self.at:end], end + 1
        return line

    def bytes(self, count, row):
        if self.at + count > len(self.data):
            raise Wrong(row, 'the bundle is cut off in a head')
        self.at += count
        return self.data[self.at - count:self.at]

    def count(self, word, row):
        line = self.line(row)
        found = re.fullmatch(word + rb' (0|[1-9][0-9]{0,18})', line)
        if not found:
            raise Wrong(row, f'not "{word.decode()} NUMBER": {line[:60]!r}')
        return int(found[1])


def read_rows(lines, count, roots):
    """Fills roots[size] for each size; the first row that does not have its hash is wrong."""
    tree = Tree()
    for row in range(1, count + 1):
        claimed, space, text = lines.line(row).partition(b' ')
        leaf = leaf_hash(text)
        if not space or claimed != leaf.hex().encode():
            raise Wrong(row, f'row {row} was changed: it does not have its hash')
        if not text.startswith(b'{"seq":%d,' % row):
            raise Wrong(row, f'row {row} is another row: rows are missing, or change places')
        tree.append(leaf)
        roots[row] = tree.root()


def read_heads(lines, count, roots, name, key):
    """Each head is one of these rows. Answers how many rows the last of them vouches for."""
    before = 0
    for _ in range(count):
        line = lines.line(before + 1)
        found = re.fullmatch(rb'head (0|[1-9][0-9]{0,18}) (0|[1-9][0-9]{0,6})', line)
        if not found:
            raise Wrong(before + 1, f'not "head SIZE BYTES": {line[:60]!r}')
        size = int(found[1])
        try:
            told, root = read_note(lines.bytes(int(found[2]), before + 1), name, key)
        except Wrong as e:
            raise Wrong(e.row or before + 1, f'the head of {size} rows: {e}') from None
        if told != size or size <= before:
            raise Wrong(before + 1, f'the head of {size} rows is one of {told}, or in another\'s place')
        if size not in roots:
            raise Wrong(len(roots), f'rows {len(roots)} to {size} are gone: a signed head has them')
        if roots[size] != root:
            raise Wrong(before + 1, f'rows {before + 1} to {size} are not those that were signed: changed, reordered or exchanged')
        before = size
    return before


def check_outside(head, roots, name, key):
    try:
        size, root = read_note(head, name, key)
    except Wrong as e:
        raise Wrong(0, f'the head that was kept outside: {e}') from None
    if size not in roots:
        raise Wrong(len(roots), f'rows {len(roots)} to {size} are gone: the head that was kept outside has them')
    if roots[size] != root:
        raise Wrong(1, f'rows 1 to {size} are not those of the head that was kept outside')


def check_bundle(data, key=None, head=None):
    """(rows, rows that are signed); raises Wrong."""
    lines = Lines(data)
    if lines.line(0) != b'pic audit bundle 1':
        raise Wrong(0, 'this is no bundle of version 1')
    said = lines.line(0)
    if not said.startswith(b'key '):
        raise Wrong(0, f'not "key KEY": {said[:60]!r}')
    said = said[4:].decode('utf-8', 'replace')
    if key is not None and said != key:
        raise Wrong(0, 'the bundle is not by the key that was given')
    name, public = (None, None) if said == '-' else read_key(said)
    roots = {0: hashlib.sha256(b'').digest()}
    read_rows(lines, lines.count(b'rows', 1), roots)
    count = lines.count(b'heads', len(roots))
    if name is None and (count or head is not None):
        raise Wrong(0, 'there are heads, but no key')
    if head is not None:
        check_outside(head, roots, name, public)
    vouched = read_heads(lines, count, roots, name, public)
    if lines.line(vouched + 1) != b'end' or lines.at != len(data):
        raise Wrong(vouched + 1, 'the bundle does not end where it should')
    return len(roots) - 1, vouched


# --- a proof of one row -----------------------------------------------------------------------------------------------------------------

def check_proof(text, key, head=None):
    """(index, leaf); raises Wrong."""
    lines = text.split('\n')
    gap = lines.index('') if '' in lines else -1
    if lines[0] != 'c2sp.org/tlog-proof@v1' or gap < 3 or not lines[1].startswith('extra '):
        raise Wrong(0, 'this is no proof of a row')
    leaf, found = strict64(lines[1][6:]), re.fullmatch('index (0|[1-9][0-9]*)', lines[2])
    path = [strict64(line) for line in lines[3:gap]]
    if leaf is None or not found or any(step is None or len(step) != 32 for step in path):
        raise Wrong(0, 'this is no proof of a row')
    name, public = read_key(key)
    size, root = read_note('\n'.join(lines[gap + 1:]).encode(), name, public)
    if not included(leaf_hash(leaf), int(found[1]), size, path, root):
        raise Wrong(int(found[1]) + 1, 'the row is not in the tree that was signed')
    if head is not None and read_note(head, name, public) != (size, root):
        raise Wrong(0, 'the proof is not for the head that was kept outside')
    return int(found[1]), leaf


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('bundle', nargs='?')
    parser.add_argument('--proof')
    parser.add_argument('--key')
    parser.add_argument('--head')
    args = parser.parse_args()
    if bool(args.bundle) == bool(args.proof) or (args.proof and not args.key):
        parser.error('a bundle, or --proof FILE with --key KEY')
    head = open(args.head, 'rb').read() if args.head else None
    try:
        if args.proof:
            index, leaf = check_proof(open(args.proof, encoding='utf-8').read(), args.key, head)
            print(f'row {index + 1} is in the signed tree: {leaf.decode("utf-8", "replace")}')
        else:
            rows, vouched = check_bundle(open(args.bundle, 'rb').read(), args.key, head)
            print(f'all is as it was written: {rows} rows, {vouched} of them signed')
    except Wrong as e:
        print(f'from row {e.row} on: {e}' if e.row else f'wrong: {e}')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
