// A green lock: Chromium on a device that installed the cell's root, in front of a server with a certificate of the cell. Names are
// led to that server by the browser's own rule; the root lies where Chromium on Linux looks for what a person trusts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Cell } from './lib.mjs';

let cell, old;
const browsers = [];
before(async () => {
  cell = await Cell.start('trust');
  old = await cell.pic('cert', 'root', '--pem');
});
after(async () => {
  for (const b of browsers) await b.close();
  await cell?.stop();
});

/** A browser of somebody who trusts these roots. */
async function device(name, ...roots) {
  const home = path.join(cell.dir, `home-${name}`);
  const db = path.join(home, '.pki', 'nssdb');
  fs.mkdirSync(db, { recursive: true });
  execFileSync('certutil', ['-N', '--empty-password', '-d', `sql:${db}`]);
  roots.forEach((pem, i) => {
    fs.writeFileSync(path.join(home, `${i}.pem`), pem);
    execFileSync('certutil', ['-A', '-d', `sql:${db}`, '-t', 'C,,', '-n', `root${i}`, '-i', path.join(home, `${i}.pem`)]);
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--host-resolver-rules=MAP * 127.0.0.1'],
    env: { ...process.env, HOME: home },
  });
  browsers.push(browser);
  return browser;
}

function serve(pem) {
  const server = https.createServer({ cert: pem.slice(0, pem.indexOf('-----BEGIN PRIVATE')), key: pem.slice(pem.indexOf('-----BEGIN PRIVATE')) }, (_, res) => res.end('<title>in</title>'));
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** "in", or why not. */
async function visit(browser, server, host) {
  const page = await browser.newPage();
  try {
    await page.goto(`https://${host}:${server.address().port}/`, { timeout: 20000 });
    return await page.title();
  } catch (e) {
    return /ERR_\w+/.exec(e.message)?.[0] ?? e.message;
  } finally {
    await page.close();
  }
}

test('a device with the root sees no warning, by name and by address; one without does', async () => {
  const net4 = JSON.parse(await cell.pic('cell', 'show', '--json')).net4.replace(/0\.0\/16$/, '0.9');
  const server = await serve(await cell.pic('cert', 'issue', 'nas', '--names', `nas,*.nas,${net4}`));
  const [trusts, not] = [await device('trusts', old), await device('not')];
  assert.equal(await visit(trusts, server, 'nas.home.internal'), 'in');
  assert.equal(await visit(trusts, server, 'photos.nas.home.internal'), 'in');
  assert.equal(await visit(trusts, server, net4), 'in');
  assert.equal(await visit(trusts, server, 'tv.home.internal'), 'ERR_CERT_COMMON_NAME_INVALID');
  assert.equal(await visit(not, server, 'nas.home.internal'), 'ERR_CERT_AUTHORITY_INVALID');
  server.close();
});

test('after another root devices with either go on', async () => {
  await cell.pic('cert', 'root', '--rotate');
  const both = await cell.pic('cert', 'root', '--pem');
  const fresh = both.slice(0, both.indexOf('-----END CERTIFICATE-----') + 26);
  const server = await serve(await cell.pic('cert', 'issue', 'media'));
  assert.equal(await visit(await device('old', old), server, 'media.home.internal'), 'in');
  assert.equal(await visit(await device('new', fresh), server, 'media.home.internal'), 'in');
  server.close();
});
