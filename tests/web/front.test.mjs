// Chromium on a device of a real cell, in the device's network namespace: the root is installed, the page comes without a warning, by name
// and by address, a person logs in with a password and then with a passkey; a browser without the root is warned, and is led to /trust.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { go, out, password, root, settled } from './lib.mjs';

const skip = process.getuid() !== 0 && 'needs root: makes network namespaces';
let world, at, home, trusting, stranger;

/** A browser in there; `roots`: what its person trusts. */
async function device(name, ...roots) {
  const dir = path.join(at.dir, name);
  const db = path.join(dir, '.pki', 'nssdb');
  fs.mkdirSync(db, { recursive: true });
  execFileSync('certutil', ['-N', '--empty-password', '-d', `sql:${db}`]);
  roots.forEach((pem, i) => {
    fs.writeFileSync(path.join(dir, `${i}.pem`), pem);
    execFileSync('certutil', ['-A', '-d', `sql:${db}`, '-t', 'C,,', '-n', `root${i}`, '-i', path.join(dir, `${i}.pem`)]);
  });
  const program = path.join(dir, 'browser');
  fs.writeFileSync(program, `#!/bin/sh\nexec ip netns exec ${at.space} ${process.env.CHROMIUM ?? '/usr/bin/chromium'} "$@"\n`, { mode: 0o755 });
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--host-resolver-rules=MAP home.internal 10.20.0.1'],
    env: { ...process.env, HOME: dir },
  });
}

before(async () => {
  if (skip) return;
  world = spawn('/usr/bin/python3', [path.join(root, 'tests/web/front_world.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: world.stdout });
  at = JSON.parse(await new Promise((done, fail) => (lines.once('line', done), world.once('exit', () => fail(new Error('no world'))))));
  home = 'https://home.internal';
  [trusting, stranger] = await Promise.all([device('trusting', at.root), device('stranger')]);
});
after(async () => {
  await trusting?.close();
  await stranger?.close();
  if (world && world.exitCode === null) {
    const gone = new Promise((done) => world.once('exit', done));
    world.stdin.end();
    await gone;
  }
});

test('a lock, a login, a passkey', { skip }, async () => {
  const context = await trusting.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const wrong = [];
  page.on('pageerror', (e) => wrong.push(e.message));
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const answer = await page.goto('http://home.internal/');
  assert.equal(answer.url(), `${home}/`);
  const tls = await answer.securityDetails();
  assert.ok(tls.issuer.startsWith('home.internal'), tls.issuer);
  assert.equal(tls.protocol, 'TLS 1.3');
  await page.getByLabel('User name').fill('owner');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor({ state: 'detached' });
  await settled(page);
  const session = (await context.cookies()).find((c) => c.name === 'pic_session');
  assert.ok(session.secure && session.httpOnly);

  await go(page, '#/certs');
  await page.getByRole('heading', { name: 'HTTPS to this page' }).waitFor();
  await page.getByText(`${home}/`, { exact: true }).waitFor();
  await page.screenshot({ path: `${out}/front.png` });

  await go(page, '#/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByLabel('Name').fill('Phone');
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Phone').first().waitFor();
  await page.getByRole('main').getByRole('button', { name: 'Log out', exact: true }).first().click();
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.getByRole('heading', { name: 'Log in', exact: true }).waitFor({ state: 'detached' });
  assert.deepEqual(wrong, []);

  const byAddress = await context.newPage();
  await byAddress.goto('https://10.20.0.1/');
  await byAddress.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
  await byAddress.goto('https://[fd20::1]/');
  await byAddress.getByRole('heading', { name: 'Log in', exact: true }).waitFor();
});

test('without the root: a warning, and the page that helps', { skip }, async () => {
  const page = await stranger.newPage();
  await assert.rejects(page.goto(`${home}/`), /ERR_CERT_AUTHORITY_INVALID/);
  const helped = await stranger.newPage();
  await helped.goto('http://home.internal/trust');
  await helped.getByRole('heading', { level: 1 }).waitFor();
});
