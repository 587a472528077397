"""Server-sent events: changes as they come, resumable; state; who hears what; logs followed."""
import http.client
import json
import os
import pathlib
import time

import pytest


class Stream:
    def __init__(self, client, path='/api/events', headers=None, patience=8):
        end = time.monotonic() + patience
        while True:
            self.c = http.client.HTTPConnection('127.0.0.1', client.server.port, timeout=10)
            self.c.request('GET', path, headers={**client.headers(), **(headers or {})})
            self.r = self.c.getresponse()
            if self.r.status != 503 or time.monotonic() > end:
                break
            time.sleep(0.2)
        assert self.r.status == 200, self.r.read()
        assert self.r.headers['Content-Type'] == 'text/event-stream'

    def next(self, event):
        found = {}
        while True:
            line = self.r.readline().decode().rstrip('\n')
            if line == '' and found.get('event') == event:
                return found.get('id'), json.loads(found['data'])
            if line == '':
                found = {}
            elif not line.startswith(':'):
                key, _, value = line.partition(': ')
                found[key] = value

    def close(self):
        self.c.close()


def test_changes_come_and_are_resumed(cell):
    s = Stream(cell.admin)
    assert s.next('status')[1]['cell'] == 'home'
    cell.admin.post('/api/groups', {'name': 'g1'})
    seq, change = s.next('change')
    assert (change['kind'], change['name'], change['verb'], change['actor']) == ('group', 'g1', 'add', 'owner')
    s.close()
    cell.pic('--quiet', 'group', 'add', 'g2')
    cell.admin.post('/api/groups', {'name': 'g3'})
    s = Stream(cell.admin, headers={'Last-Event-ID': seq})
    assert [s.next('change')[1]['name'] for _ in range(2)] == ['g2', 'g3']
    s.close()
    s = Stream(cell.admin, f'/api/events?after={seq}')
    assert s.next('change')[1]['name'] == 'g2'
    s.close()
    assert cell.admin.get('/api/events', headers={'Last-Event-ID': 'x'}).status == 400


def test_status_comes_every_two_seconds(cell):
    s = Stream(cell.admin)
    s.next('status')
    began = time.monotonic()
    s.next('status')
    assert 1 < time.monotonic() - began < 4
    s.close()


def test_a_viewer_hears_nothing_of_users(cell):
    s = Stream(cell.person('viewer'))
    s.next('status')
    cell.admin.post('/api/users', {'name': 'hidden', 'role': 'viewer', 'password': 'some long password'})
    cell.admin.post('/api/groups', {'name': 'seen'})
    assert s.next('change')[1]['name'] == 'seen'
    s.close()
    assert cell.person('peer').get('/api/events').status == 403


def test_too_many_listeners(cell):
    """A stream has a thread: there are few, and a place that was left is given to the next one."""
    streams = []
    try:
        for _ in range(32):
            streams.append(Stream(cell.admin))
        with pytest.raises(AssertionError, match='too many'):
            Stream(cell.admin, patience=0)
        assert cell.admin.get('/api/cell').status == 200
        streams.pop().close()
        streams.append(Stream(cell.admin))
    finally:
        for s in streams:
            s.close()


def test_logs_are_followed(cell):
    log = pathlib.Path(cell.server.dir, 'log')
    log.mkdir(exist_ok=True)
    (log / 'agent.log').touch()
    s, chosen = Stream(cell.admin, '/api/logs/follow'), Stream(cell.admin, '/api/logs/follow?q=TWO&level=warning')
    with open(log / 'agent.log', 'a') as f:
        f.write('2026-01-01T00:00:01Z INFO wg one two\n2026-01-01T00:00:02Z WARNING wg two\n')
    assert [s.next('log')[1] for _ in range(2)] == ['2026-01-01T00:00:01Z INFO wg one two', '2026-01-01T00:00:02Z WARNING wg two']
    os.rename(log / 'agent.log', log / 'agent.log.1')
    (log / 'agent.log').write_text('2026-01-01T00:00:03Z INFO wg three\n2026-01-01T00:00:04Z ERROR wg Two again\n')
    assert [s.next('log')[1] for _ in range(2)] == ['2026-01-01T00:00:03Z INFO wg three', '2026-01-01T00:00:04Z ERROR wg Two again']
    assert [chosen.next('log')[1] for _ in range(2)] == ['2026-01-01T00:00:02Z WARNING wg two', '2026-01-01T00:00:04Z ERROR wg Two again']
    s.close()
    chosen.close()
    assert cell.admin.get('/api/logs/follow?level=loud').status == 422
    assert cell.admin.get('/api/logs/follow?service=nonesuch').status == 404
