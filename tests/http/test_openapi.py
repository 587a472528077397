"""The document of the API against the running server: a validator made of the specification's own schema, and a small
client that makes requests from the document, and judges what comes."""
import json
import random
import re
import shutil
import string
import subprocess
from pathlib import Path

import pytest
from web import routes

SEED = 20261126


@pytest.fixture(scope='module')
def doc(cell):
    a = cell.admin.get('/api/openapi.json')
    assert a.status == 200
    return a.json


def resolve(doc, schema):
    while '$ref' in schema:
        at = doc
        for word in schema['$ref'][2:].split('/'):
            at = at[word]
        schema = at
    return schema


def judge(doc, schema, value, where='$', whole=False):
    """What of the value does not fit: JSON Schema as far as OpenAPI 3.0 has it and the document uses it."""
    schema = resolve(doc, schema)
    if 'anyOf' in schema:
        every = [judge(doc, s, value, where) for s in schema['anyOf'][:1 if whole else None]]
        return [] if any(not bad for bad in every) else every[0]
    if value is None:
        return [] if schema.get('nullable') or 'type' not in schema else [f'{where} is null']
    kinds = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int}
    kind = schema.get('type')
    if kind and (not isinstance(value, kinds[kind]) or (kind == 'integer' and isinstance(value, bool))):
        return [f'{where}: {value!r} is no {kind}']
    bad = []
    if 'enum' in schema and value not in schema['enum']:
        bad.append(f'{where}: {value!r} is none of {schema["enum"]}')
    if kind == 'object':
        bad += [f'{where}.{k} is missing' for k in schema.get('required', []) if k not in value]
        for k, v in value.items():
            if k in schema.get('properties', {}):
                bad += judge(doc, schema['properties'][k], v, f'{where}.{k}', whole)
            elif schema.get('additionalProperties') is False:
                bad.append(f'{where}.{k} is not in the document')
    if kind == 'array':
        for i, v in enumerate(value):
            bad += judge(doc, schema.get('items', {}), v, f'{where}[{i}]', whole)
    return bad


def test_every_route_is_there(doc):
    said = {(m.upper(), p) for p, ops in doc['paths'].items() for m in ops}
    assert said == {(r['method'], r['path']) for r in routes()}
    ids = [op['operationId'] for ops in doc['paths'].values() for op in ops.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere(doc):
    for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(doc)):
        assert resolve(doc, {'$ref': ref})
    for path, ops in doc['paths'].items():
        for op in ops.values():
            said = {p['name'] for p in op['parameters'] if p['in'] == 'path'}
            assert said == set(re.findall(r'{(\w+)}', path))


def test_a_public_validator(doc, tmp_path):
    """The validator among what the page's tests have from npm (`./dev test web` fetches it): Debian 12 has none."""
    file = tmp_path / 'openapi.json'
    web = Path(__file__).parents[1] / 'web'
    if not shutil.which('node') or not (web / 'node_modules/@seriousme').is_dir():
        pytest.skip('no public validator here: ./dev test web fetches it, where Node and npm are')
    for text, want in ((json.dumps(doc), 0), (json.dumps(doc | {'paths': {'/x': {'get': {'responses': 7}}}}), 1)):
        file.write_text(text)
        done = subprocess.run(['node', web / 'openapi.mjs', file], capture_output=True, text=True, timeout=60)
        assert done.returncode == want, done.stdout + done.stderr


class Maker:
    """Values that a schema allows, and some that it only seems to."""

    WORDS = ['a', 'phone', 'x' * 70, '', 'ä€𝄞', '10.20.0.9', 'internet', 'direct', '0', '-1', 'null', "';--", '../..', 'a b', '\u202e', '%00', 'yes']

    def __init__(self, doc, seed):
        self.doc, self.r = doc, random.Random(seed)

    def value(self, schema, depth=0):
        schema, r = resolve(self.doc, schema), self.r
        if schema.get('nullable') and r.random() < 0.1:
            return None
        if 'enum' in schema:
            return r.choice(schema['enum'])
        kind = schema.get('type') or r.choice(['string', 'integer', 'boolean', 'array'])
        if kind == 'string':
            return r.choice(self.WORDS) if r.random() < 0.6 else ''.join(r.choices(string.printable, k=r.randrange(12)))
        if kind == 'integer':
            return r.choice([0, 1, -1, 25, 1280, 65535, 65536, 2**31, 2**63 - 1])
        if kind == 'boolean':
            return r.random() < 0.5
        if kind == 'array':
            return [self.value(schema.get('items', {}), depth + 1) for _ in range(r.randrange(3))] if depth < 3 else []
        out = {}
        for name, s in schema.get('properties', {}).items():
            if name in schema.get('required', []) or r.random() < 0.25:
                out[name] = self.value(s, depth + 1)
        return out


CALM = {'/api/auth/logout', '/api/auth/login', '/api/auth/change-password', '/api/auth/admin/reset-password', '/api/auth/sessions/{id}', '/api/setup/code',
        '/api/link', '/api/auth/totp', '/api/auth/totp/confirm', '/api/users/{name}', '/api/edit', '/api/undo', '/api/history/{revision}/return',
        '/api/peer/password', '/api/audit/export'}  # these end the session, or are asked elsewhere


def request_of(maker, path, op):
    url, query = path, []
    for p in op['parameters']:
        if p['in'] == 'path':
            url = url.replace('{' + p['name'] + '}', maker.r.choice(['phone', '1', '2', 'nobody', 'home']))
        elif p['required'] or maker.r.random() < 0.15:
            from urllib.parse import quote
            query.append(f'{p["name"]}={quote(str(maker.value(p["schema"])))}')
    body = None
    if 'requestBody' in op:
        content = op['requestBody']['content']
        body = maker.value(content['application/json']['schema']) if 'application/json' in content else 'x' * maker.r.randrange(2000)
    return url + ('?' + '&'.join(query) if query else ''), body


def check(doc, op, answer, whole):
    """What of an answer the document does not say."""
    said = op['responses'].get(str(answer.status))
    if said is None:
        assert answer.status >= 400, f'{answer.status} is not in the document'
        said = op['responses']['default']
    assert answer.status not in (500, 505), answer
    content = resolve(doc, said).get('content', {})
    if 'application/json' in content and answer.headers['Content-Type'] == 'application/json':
        return judge(doc, content['application/json']['schema'], answer.json, whole=whole)
    return [] if content else ['no content is in the document']


def test_what_the_document_says_is_so(cell, doc, capsys):
    """Requests made from the document, from one seed: no answer is a surprise."""
    cell.admin.post('/api/peers', {'name': 'phone', 'access': ['internet']})
    maker, asked, statuses = Maker(doc, SEED), 0, {}
    ops = [(m.upper(), p, op) for p, all_ops in doc['paths'].items() for m, op in all_ops.items()
           if p not in CALM and not p.startswith('/api/peer/') and 'text/event-stream' not in json.dumps(op['responses'])]
    for n in range(20):
        if n >= 6 and {200, 201, 404, 422} <= statuses.keys():  # what makes something is rare: it takes a body that is right
            break
        for method, path, op in ops:
            url, body = request_of(maker, path, op)
            a = cell.admin.ask(method, url, body)
            bad = check(doc, op, a, 'fields=' not in url and 'plan=' not in url)
            assert not bad, (method, url, body, a, bad)
            asked += 1
            statuses[a.status] = statuses.get(a.status, 0) + 1
    with capsys.disabled():
        print(f'\n{asked} requests from the document: {dict(sorted(statuses.items()))}')
    assert {200, 201, 404, 422} <= statuses.keys()
    assert cell.admin.get('/api/audit/verify').json['ok'] is True


def test_the_schema_says_all_fields(cell):
    kinds = {k['kind']: k for k in cell.admin.get('/api/schema').json['kinds']}
    assert {'cell', 'peer', 'group', 'connection', 'assertion', 'user', 'token', 'record', 'forward', 'domain', 'service', 'blocklist', 'alert', 'target'} <= kinds.keys()
    assert next(f for f in kinds['user']['fields'] if f['name'] == 'password')['secret'] is True
