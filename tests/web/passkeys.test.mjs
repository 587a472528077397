// Passkeys with a real browser and its virtual authenticator: added, used, and refused where they must be.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Cell, Client, go, launch, open, out, password, settled, shot, until, violations } from './lib.mjs';

let cell, browser, page, context, cdp, key, base, wrong;
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('passkeys'), launch()]);
  await cell.admin();
  base = `http://localhost:${cell.port}`;
  ({ page, context, wrong } = await open(browser, base, { allow: [401, 403] }));
  cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  key = (await cdp.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;
});
after(async () => {
  await page?.screenshot({ path: `${out}/passkeys-last.png` }).catch(() => {});
  await browser?.close();
  await cell?.stop();
});

const button = (name) => page.getByRole('button', { name, exact: true });
const heading = (name) => page.getByRole('heading', { name, exact: true });
const card = () => page.locator('section.card', { has: page.getByRole('heading', { name: 'Passkeys' }) });
const credentials = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId: key })).credentials;

async function logout() {
  await go(page, '#/account');
  await page.getByRole('main').getByRole('button', { name: 'Log out', exact: true }).first().click();
  await heading('Log in').waitFor();
}

async function byPassword() {
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button('Log in').click();
  await heading('Log in').waitFor({ state: 'detached' });
  await settled(page);
}

const refused = (text) => page.getByRole('alert').filter({ hasText: text }).waitFor();

test('an address is no name: the page says where to go', async () => {
  const { page: other, context: c } = await open(browser, cell.base, { allow: [401] });
  await other.goto(cell.base);
  await other.getByRole('heading', { name: 'Log in' }).waitFor();
  assert.equal(await other.getByRole('button', { name: 'Log in with a passkey' }).count(), 0);
  assert.equal(await other.getByRole('link', { name: `${base}/` }).getAttribute('href'), `${base}/`);
  await c.close();
});

test('added, and then nothing is typed to log in', async () => {
  await page.goto(base);
  await byPassword();
  await go(page, '#/account');
  await button('Add a passkey').click();
  await page.getByLabel('Name').fill('Laptop <b>');
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
  await card().getByText('Laptop <b>').waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'passkeys');
  const [made] = await credentials();
  assert.equal(made.isResidentCredential, true);
  assert.equal(made.rpId, 'localhost');
  await button('Add a passkey').click(); // the same device again
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
  await refused('has a passkey of yours already');
  await page.keyboard.press('Escape');
  await logout();
  await shot(page, 'passkeys-login');
  await button('Log in with a passkey').click();
  await heading('Log in').waitFor({ state: 'detached' });
  await settled(page);
  await go(page, '#/account');
  await card().getByText('used').waitFor();
  assert.match((await cell.pic('audit', 'list', '--verb', 'login')).split('\n').join(' '), /user admin logged in with passkey 'Laptop <b>' from 127\.0\.0\.1/);
  await logout();
});

test('another page on this machine cannot use it', async () => {
  const server = http.createServer((q, r) => r.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>x</title>'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const evil = await context.newPage();
  try {
    const own = new Client(cell.base); // what a relay does: it asks for the challenge itself, by the right name
    const ask = (where, body) =>
      new Promise((done, fail) => {
        const headers = { Host: `localhost:${cell.port}`, 'Content-Type': 'application/json', Cookie: [...own.jar].map(([k, v]) => `${k}=${v}`).join('; ') };
        const q = http.request({ host: '127.0.0.1', port: cell.port, method: 'POST', path: where, headers }, (r) => {
          for (const c of r.headers['set-cookie'] ?? []) own.jar.set(...c.split(';')[0].split(/=(.*)/, 2));
          let text = '';
          r.on('data', (d) => (text += d)).on('end', () => done({ status: r.statusCode, data: JSON.parse(text) }));
        });
        q.on('error', fail).end(JSON.stringify(body));
      });
    const { data } = await ask('/api/auth/passkey/offer', {});
    await evil.goto(`http://localhost:${server.address().port}/`);
    const session = await context.newCDPSession(evil);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    const [credential] = await credentials();
    await session.send('WebAuthn.addCredential', { authenticatorId, credential });
    const stolen = await evil.evaluate(async (challenge) => {
      const raw = (t) => Uint8Array.from(atob(t.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
      const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
      const c = await navigator.credentials.get({ publicKey: { challenge: raw(challenge), rpId: 'localhost', userVerification: 'required' } });
      const r = c.response;
      return { id: c.id, response: { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle) } };
    }, data.public_key.challenge);
    const answer = await ask('/api/auth/passkey/login', { credential: stolen });
    assert.equal(answer.status, 401);
    assert.match(await cell.pic('audit', 'list', '--verb', 'refused'), /it was made for a page of another origin/);
  } finally {
    await evil.close();
    server.close();
  }
});

test('who cannot show a finger, a copy, and one that was removed stay out', async () => {
  await page.bringToFront();
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: key, isUserVerified: false });
  await button('Log in with a passkey').click();
  await refused('Nothing was done');
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: key, isUserVerified: true });
  const [credential] = await credentials(); // a copy of the key, from before it was used
  assert.ok(credential.signCount > 0);
  await cdp.send('WebAuthn.removeCredential', { authenticatorId: key, credentialId: credential.credentialId });
  await cdp.send('WebAuthn.addCredential', { authenticatorId: key, credential: { ...credential, signCount: 0 } });
  await button('Log in with a passkey').click();
  await refused('This passkey is not accepted.');
  assert.match(await cell.pic('audit', 'list', '--verb', 'refused'), /its counter went back: there may be a copy of it/);
  await byPassword();
  await go(page, '#/account');
  await card().getByText('perhaps copied').waitFor();
  await shot(page, 'passkeys-copied');
  await go(page, '#/people'); // as an admin sees those of others
  await button('Change admin').click();
  await heading('Passkeys of admin').waitFor();
  await page.getByText('perhaps copied').waitFor();
  await go(page, '#/account');
  await button('Remove Laptop <b>').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.locator('.toast', { hasText: 'lets nobody in any more' }).waitFor();
  await logout();
  await button('Log in with a passkey').click();
  await refused('This passkey is not accepted.');
  assert.deepEqual(wrong, []);
});
