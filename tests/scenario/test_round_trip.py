"""A cell's document is the cell: a random cell, exported, applied to a fresh one and exported again is the same to the byte, in YAML and in JSON; the plan
of a cell's own document is empty; any revision's document brings that revision back."""
import random

import pytest
from conftest import Pic
from test_why_kernel import grants

TEXTS = ('x', 'a: b', "it's", '"quoted"', '- dash', '#no comment', 'yes', 'null', '1.0', '0x1f', '~', 'ö ü 漢', '{a: b}', 'trailing ', '& anchor', '%', '@', '!tag', '2026-01-01')


def random_cell(pic, dice):
    pic('init', '--name', f'c{dice.randrange(99)}', '--net4', f'10.{dice.randrange(250)}.0.0/16', '--net6', f'fd{dice.randrange(16, 99)}::/48',
        *dice.choice(((), ('--endpoint', 'home.example.org:51820'), ('--endpoint', '[2001:db8::1]:1', '--mtu', '1400'), ('--note', dice.choice(TEXTS)),
                      ('--upstreams', '9.9.9.9#dns.example,2620:fe::fe@853#dns.example'), ('--domain', 'example.org', '--listen-port', '443'))))
    document = 'groups:\n' + ''.join(f'  g{i}: {{access: "{grants(dice)}", note: {quoted(dice.choice(TEXTS))}}}\n' for i in range(3)) + 'peers:\n'
    for i in range(14):
        more = ''.join(dice.sample((', keepalive: 0', ', enabled: no', ', tunnel: split', ', expires: 2030-02-28T23:59:59Z', ', preshared: no',
                                    f', subnets: "192.168.{100 + i}.0/24,fd9{i % 10}:{i}::/64"', ', key_mode: kept'), dice.randrange(4)))
        document += f'  p{i}: {{access: "{grants(dice)}", groups: "{dice.choice(("", "g0", "g1,g2"))}", note: {quoted(dice.choice(TEXTS))}{more}}}\n'
    pic('apply', '--file', '-', stdin=document)


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def init_like(pic, document):
    """A fresh cell with the networks of the document: a cell cannot be begun without."""
    values = dict(line.strip().split(': ', 1) for line in document.split('groups:')[0].splitlines()[1:])
    pic('init', '--name', 'fresh', '--net4', values['net4'].strip('"'), '--net6', values['net6'].strip('"'))


@pytest.mark.parametrize('seed', range(12))
def test_round_trip(tmp_path, seed):
    dice = random.Random(seed)
    first, second, third = (Pic(tmp_path / name) for name in 'abc')
    random_cell(first, dice)
    document, data = first('export'), first('export', '--json')
    for other, text in ((second, document), (third, data)):
        init_like(other, document)
        other('apply', '--file', '-', '--prune', stdin=text)
        assert other('export') == document and other('export', '--json') == data
        assert other.json('plan', '--file', '-', '--prune', stdin=text)['changes'] == []
        assert 'nothing to do' in other('plan')


def test_revisions_come_back(tmp_path):
    dice = random.Random(5)
    pic = Pic(tmp_path / 'cell')
    random_cell(pic, dice)
    seen = {}
    for i in range(20):
        name = f'p{dice.randrange(14)}'
        pic.run(*dice.choice((('peer', 'remove', name), ('peer', 'add', name), ('peer', 'set', name, '--access', grants(dice)), ('group', 'set', 'g1', '--note', str(i)),
                              ('undo',))))
        seen[pic.json('status')['revision']] = pic('export')
    for revision, document in seen.items():
        assert pic('at', revision) == document
    for revision in dice.sample(sorted(seen), 5):
        pic('undo', '--to', revision)
        assert pic('export') == seen[revision]
