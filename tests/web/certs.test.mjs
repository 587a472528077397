// Certificates of public issuers in each of their states, as a person meets them: what is good, what comes, what failed and why and when it is
// tried again, who issued it instead, what is being withdrawn. The certificates are the store's own; how the asking goes is given here, in the
// words of <pic/cert.h>, because no public issuer is there. One is removed so that its issuer is told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cell, go, launch, open, settled, shot, violations } from './lib.mjs';

const days = (n) => new Date(Date.now() + n * 86400000).toISOString().replace(/\.\d+Z/, 'Z');
const LE = 'https://acme-v02.api.letsencrypt.org/directory';
// name, days that are left (0: not issued), more fields, and how the asking goes
const all = [
  ['good', 61, {}, { state: 'good', where: 'first', tried: days(-29), next: days(31) }],
  ['wild', 61, { subjects: 'wild.example.org,*.wild.example.org' }, { state: 'good', where: 'second', tried: days(-29), next: days(31), proof: 'dns-01' }],
  ['new', 0, {}, { state: 'due', next: days(0) }],
  ['asking', 0, {}, { state: 'asking' }],
  ['renewing', 25, {}, { state: 'asking', where: 'first', tried: days(-65) }],
  ['late', 9, {}, { state: 'failing', failures: 7, where: 'rehearsal', tried: days(-0.2), next: days(0.8), why: 'During secondary validation: DNS problem: NXDOMAIN looking up A for late.example.org - check that a DNS record exists for this domain' }],
  ['never', 0, {}, { state: 'failing', failures: 2, where: 'first', tried: days(-0.01), next: days(0.04), why: 'port 80 is taken by another program' }],
  ['limited', 0, {}, { state: 'failing', failures: 3, where: 'second', tried: days(-0.3), next: days(1), why: 'too many certificates already issued for this exact set of identifiers' }],
  ['nobody', 0, {}, { state: 'nobody', domain: null, proof: null, directory: null, why: 'nobody.example.org is not of a domain of this cell that is in use' }],
  ['telling', 40, { revoked: 1 }, { state: 'revoking', failures: 4, next: days(0.04), why: 'failed to fetch directory at https://acme-v02.api.letsencrypt.org/directory' }],
  ['revoked', 40, { revoked: 1 }, { state: 'revoked', tried: days(-1) }],
];
const asking = ([name, , more, a]) => ({ name: `${name}.example.org`, subjects: (more.subjects ?? `${name}.example.org`).split(','), domain: `${name}.example.org`, proof: a.state.startsWith('revok') ? null : 'http-01', directory: a.state.startsWith('revok') ? null : LE, failures: 0, next: null, tried: null, where: null, why: null, ...a });
const told = {
  certificates: [...all.map(asking), { ...asking(['gone', 0, { subjects: 'gone.example.org' }, { state: 'revoking', failures: 1, next: days(0.01), why: 'failed to fetch directory' }]), subjects: [] }],
  accounts: [{ directory: LE, known: true, email: 'old@example.org', wished: 'new@example.org', failures: 2, next: days(0.02), why: 'failed to fetch directory' }],
};

let cell, browser, admin;
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('certs'), launch()]);
  admin = await cell.admin();
  await admin.call('POST', '/api/domains', { name: 'good.example.org', mode: 'http01' });
  await admin.call('POST', '/api/edit', { wishes: all.slice(1).flatMap(([name]) => [{ do: 'add', kind: 'certificate', name: `${name}.example.org` }, { do: 'set', kind: 'certificate', name: `${name}.example.org`, field: 'issuer', value: 'acme' }]) });
  await admin.call('POST', '/api/certificates', { name: 'nas' });
  const db = path.join(cell.dir, 'cell.db');
  for (const [name, left, more] of all) {
    const set = { ...(left ? { chain: 'QUJD', issuer_key: 'ab', not_after: Math.floor(Date.now() / 1000 + left * 86400) * 1000000, subjects: `${name}.example.org` } : {}), ...more };
    const words = Object.keys(set);
    if (words.length) execFileSync('/usr/bin/python3', ['-c', 'import sqlite3,sys,json; d = sqlite3.connect(sys.argv[1], timeout=10); d.execute(sys.argv[2], json.loads(sys.argv[3])); d.commit()', db, `UPDATE certificate SET ${words.map((w) => `"${w}" = ?`).join(', ')} WHERE name = '${name}.example.org'`, JSON.stringify(Object.values(set))]);
  }
});
after(async () => {
  await browser?.close();
  await cell?.stop();
});

async function look(page) {
  await page.route('**/api/acme', (route) => route.fulfill({ json: told }));
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/certs');
  await page.getByText('gone.example.org').waitFor();
}

for (const [kind, options] of [['desktop', {}], ['phone', { look: 'phone' }], ['dark', { look: 'dark' }], ['german', { locale: 'de-DE', look: 'phone' }]])
  test(`each state has its words: ${kind}`, async () => {
    const { page, context, wrong } = await open(browser, cell.base, { client: admin, ...options });
    await look(page);
    await shot(page, `certs-${kind}`, 'png');
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing is wider than the screen');
    const text = await page.innerText('main');
    if (kind !== 'german')
      for (const word of [/good, but not renewed/, /being renewed/, /to be asked for/, /NXDOMAIN/, /7 tries failed, the last one 5 hours ago at the issuer’s place for rehearsals/, /issued by the second issuer/, /of no domain of this cell/, /its issuer does not know yet/, /withdrawn by its issuer on/, /It was removed; the cell tells its issuer/, /does not know the e-mail address new@example.org/, /next try/])
        assert.match(text, word);
    else assert.match(text, /gültig, aber nicht erneuert/);
    assert.deepEqual(wrong, []);
    await context.close();
  });

test('who removes one is told that it stays good, and may have it withdrawn', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin });
  await look(page);
  await page.getByRole('button', { name: 'Remove late.example.org' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/The certificate of late.example.org stays good until/).waitFor();
  await dialog.getByLabel(/Have the public issuer withdraw/).check();
  await dialog.getByText(/The public issuer withdraws the certificate of late.example.org/).waitFor();
  await shot(page, 'certs-withdraw', 'png');
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await dialog.waitFor({ state: 'detached' });
  const left = (await admin.call('GET', '/api/acme')).certificates.find((c) => c.name === 'late.example.org');
  assert.equal(left.state, 'revoking', 'the store keeps it until the issuer knows');
  await go(page, '#/domains');
  await page.getByRole('button', { name: 'Remove public name good.example.org' }).click();
  await dialog.getByLabel(/Have the public issuer withdraw/).waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});
