"""The web page: bytes in the program, compressed, kept by browsers as long as they are right; every path that is no file is the page's."""
import gzip
import re

import pytest


def page(cell, path='/', **headers):
    return cell.server.client().get(path, headers={'Accept-Encoding': 'gzip', **headers})


def text_of(a):
    return (gzip.decompress(a.data) if a.headers['Content-Encoding'] == 'gzip' else a.data).decode()


def test_index(cell):
    a = page(cell)
    assert a.status == 200 and a.headers['Content-Type'] == 'text/html; charset=utf-8' and a.headers['Cache-Control'] == 'no-cache'
    assert 'Personal Internet Cell' in text_of(a)
    assert page(cell, **{'If-None-Match': a.headers['ETag']}).status == 304
    for path in ('/devices', '/peers/anna', '/link', '/setup'):
        assert page(cell, path).data == a.data
    for path in ('/none.js', '/assets/none', '/favicon.png', '/robots.txt', '/.env'):
        assert page(cell, path).status == 404
    assert cell.server.client().get('/').status == 200  # also for whoever takes no gzip
    assert cell.server.client().post('/devices').status == 404


def test_what_it_needs(cell):
    """Nothing of it comes from elsewhere, nothing is inline, and each file may be kept for ever."""
    html = text_of(page(cell))
    refs = re.findall(r'(?:src|href)="([^"#]+)"', html)
    if 'was not built' in html:
        pytest.skip('the page is not built: ./dev web')
    assert refs and not re.search(r'<script(?![^>]*src=)|<style|style="|\son\w+=', html)
    for ref in refs:
        assert ref.startswith('/') and not ref.startswith('//')
        a = page(cell, ref)
        assert a.status == 200 and 'immutable' in a.headers['Cache-Control'] and len(text_of(a)) > 0
        assert page(cell, ref, **{'If-None-Match': a.headers['ETag']}).status == 304
        assert cell.server.client().get(ref, headers={'Accept-Encoding': None}).status in (200, 406)
