// A restore of the whole cell is taken back by the page: real picd and pic-http, a pretend kernel, a real exchange before. What was put aside, what
// bringing it back changes, who one is said once more, the word that is typed, the wait, and the login of the cell that is there again.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cell, Client, go, launch, open, password, settled, shot, until, violations } from './lib.mjs';

let cell, browser, admin, inode;
const agentThere = () => until('the agent has it', async () => JSON.parse(await cell.pic('status', '--json')).ready);
const kept = async () => JSON.parse(await cell.pic('backup', 'kept', '--json')).kept;

/** A device of the backup, one of now, and the backup's cell in its place. */
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('former'), launch()]);
  const first = await cell.admin();
  await first.call('POST', '/api/peers', { name: 'grandmas-phone', access: ['internet'] });
  const file = `${cell.dir}.age`;
  await cell.pic('backup', 'create', file, '--plain');
  await cell.pic('peer', 'remove', 'grandmas-phone');
  await first.call('POST', '/api/peers', { name: 'new-laptop', access: ['internet'] });
  inode = fs.statSync(cell.dir).ino;
  const brought = await fetch(`${cell.base}/api/backups/files`, {
    method: 'POST',
    headers: { Cookie: [...first.jar].map(([k, v]) => `${k}=${v}`).join('; '), 'X-CSRF-Token': first.csrf, 'Content-Type': 'application/octet-stream' },
    body: fs.readFileSync(file),
  });
  await first.call('POST', `/api/backups/files/${(await brought.json()).id}/exchange`, { name: 'home' });
  await until('the backup is the cell', async () => fs.statSync(cell.dir).ino !== inode && (await fetch(`${cell.base}/health`)).ok);
  await agentThere();
  admin = new Client(cell.base);
  await admin.call('POST', '/api/auth/login', { username: 'admin', password });
});
after(async () => {
  await browser?.close();
  await cell?.stop();
  const top = path.dirname(cell.dir);
  for (const rest of fs.readdirSync(top)) if (rest.startsWith(`${path.basename(cell.dir)}.`)) fs.rmSync(path.join(top, rest), { recursive: true, force: true });
});

const fits = async (page) => {
  assert.deepEqual(await violations(page), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing is wider than the screen');
};
const toBackups = async (page) => {
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/backups');
};

test('in German, on a phone, up to where it would be done', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, locale: 'de-DE', look: 'phone' });
  await toBackups(page);
  await page.getByRole('heading', { name: 'Früherer Zustand' }).waitFor();
  await page.getByText(/^home, wie .* war$/).waitFor();
  await page.getByText(/admin hat die Sicherung vom .* an ihre Stelle gesetzt\. Revision \d+/).waitFor();
  await page.getByText(/bis jemand .* auf der Maschine entfernt/).waitFor();
  await fits(page);
  await page.getByRole('button', { name: /^Zurückholen: home/ }).click();
  await page.getByText(/Die ganze Zelle wird wieder, was .* war\./).waitFor();
  await page.getByText(/new-laptop/).first().waitFor();
  await page.getByText(/grandmas-phone/).first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Die ganze Zelle austauschen' }).getAttribute('aria-disabled'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Früherer Zustand', 'a screen reader is where it goes on');
  await shot(page, 'former-german', 'png');
  await fits(page);
  await page.getByRole('button', { name: 'Zurück', exact: true }).click();
  await page.getByRole('button', { name: /^Zurückholen: home/ }).waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the former state is back, the login says which cell it is, and the way forward is offered', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, allow: [401, 403, 503] });
  await toBackups(page);
  await page.getByRole('button', { name: /^Bring it back: home, as it was until/ }).click();
  await page.getByText(/The whole cell becomes again what it was until/).waitFor();
  const doIt = page.getByRole('button', { name: 'Exchange the whole cell' });
  await page.getByLabel(/type the cell’s name: home/).fill('hom');
  assert.equal(await doIt.getAttribute('aria-disabled'), 'true');
  await page.getByLabel(/type the cell’s name: home/).fill('home');
  await fits(page);
  assert.notEqual(fs.statSync(cell.dir).ino, inode, 'nothing was done yet');
  await cell.earlier(601); // who sits here says once more who it is
  await doIt.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.locator('button[type=submit]').click();
  await page.getByText('The cells change places.').waitFor();
  await fits(page);
  await page.getByText(/This is home now, as of/).waitFor({ timeout: 60000 });
  await page.getByText(/Who may log in: admin/).waitFor();
  await shot(page, 'former-login', 'png');
  await fits(page);
  assert.equal(fs.statSync(cell.dir).ino, inode, 'it is the very directory that was put aside');
  await agentThere();
  await page.locator('input[name=username]').fill('admin');
  await page.locator('input[type=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await settled(page);
  await go(page, '#/devices');
  await page.getByText('new-laptop').first().waitFor();
  assert.equal(await page.getByText('grandmas-phone').count(), 0);
  await go(page, '#/backups');
  await page.getByText(/admin brought back another former state instead\./).waitFor();
  assert.equal((await kept()).length, 1);
  await page.getByRole('button', { name: /^Bring it back: home/ }).click();
  await page.getByText(/grandmas-phone/).first().waitFor();
  assert.deepEqual(wrong.filter((w) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_NETWORK|ERR_SOCKET/.test(w)), []);
  await context.close();
});

test('what does not come about is said, and the cell is as it was', async () => {
  const client = new Client(cell.base);
  await client.call('POST', '/api/auth/login', { username: 'admin', password });
  const { page, context } = await open(browser, cell.base, { client, allow: [401, 403, 503] });
  fs.rmSync(path.join((await kept())[0].path, 'key'));
  await toBackups(page);
  await page.getByRole('button', { name: /^Bring it back: home/ }).click();
  await page.getByLabel(/type the cell’s name: home/).fill('home');
  await page.getByRole('button', { name: 'Exchange the whole cell' }).click();
  await page.getByText(/did not come about.*it has no key/).waitFor({ timeout: 60000 });
  await fits(page);
  assert.equal(fs.statSync(cell.dir).ino, inode);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: /^Bring it back: home/ }).waitFor();
  await context.close();
});
