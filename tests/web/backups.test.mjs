// Backups by the page: a place is added and served, what is there is tried out and got; and somebody who lost a device has it back:
// chooses the file, types its passphrase, tries it, sees what would change, types the cell's name, and can take it back. In two
// languages, on a desk and on a phone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Cell, go, launch, open, settled, shot, until, violations } from './lib.mjs';

const phrase = 'correct staple of May';
let cell, browser, admin, file, key;
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('backups'), launch()]);
  admin = await cell.admin();
  await admin.call('POST', '/api/peers', { name: 'grandmas-phone', access: ['internet'] });
  key = (await admin.call('GET', '/api/peers/grandmas-phone')).public_key;
  file = `${cell.dir}.age`;
  fs.writeFileSync(`${cell.dir}.pw`, phrase);
  await cell.pic('backup', 'create', file, '--passphrase-file', `${cell.dir}.pw`, '--work-factor', '12');
  await cell.pic('peer', 'remove', 'grandmas-phone');
  await admin.call('POST', '/api/backups/targets', { name: 'disk', url: `${cell.dir}.kept`, passphrase: phrase, every: 'never' });
});
after(async () => {
  await browser?.close();
  await cell?.stop();
  for (const rest of ['.age', '.pw', '.kept']) fs.rmSync(cell.dir + rest, { recursive: true, force: true });
});

const fits = async (page) => {
  assert.deepEqual(await violations(page), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing is wider than the screen');
};

test('a backup is made at a place, and what is there is told', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, allow: [422] });
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/backups');
  await page.getByRole('button', { name: 'Make a backup now: disk' }).click();
  await page.getByText('fresh').waitFor();
  await page.getByText('1 backup is there').click();
  await page.getByRole('button', { name: /Verify the backup of/ }).click();
  await until('it was read', async () => (await admin.call('GET', '/api/backups')).targets[0].held[0].verified);
  await page.getByText('Nobody has tried yet').waitFor();
  await page.getByRole('button', { name: 'Try it: would this come back? disk' }).click();
  await page.getByText(/It would come back: 17 checks, [\d.]+ s\./).waitFor();
  await page.getByText(/^Tried /).waitFor();
  await page.getByText('17 checks', { exact: true }).click();
  assert.equal(await page.locator('.checks li').count(), 17);
  await shot(page, 'backups', 'png');
  await fits(page);
  // one of those that lie there is got by the agent, and opened here
  await page.getByRole('button', { name: /Bring back from it: the backup of/ }).click();
  await page.getByLabel('Its passphrase').fill(phrase);
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByText(/A backup of home, made/).waitFor();
  assert.ok((await admin.call('GET', '/api/history?limit=20')).some((r) => r.verb === 'fetch' && r.text.includes('target disk')));
  await page.getByRole('button', { name: 'Another backup' }).click();
  await page.locator('button', { hasText: 'Choose the backup' }).waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a place is asked for what goes with its kind', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin });
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/backups');
  await page.getByRole('button', { name: 'Add a place' }).first().click();
  const form = page.locator('form').first();
  const asked = async () => (await form.locator('label').allTextContents()).map((x) => x.trim());
  await form.getByLabel('Where', { exact: true }).fill('/mnt/disk/backups');
  await until('a folder is for keys', async () => (await asked()).some((x) => x.startsWith('Or for these keys')));
  await form.getByLabel('Where', { exact: true }).fill('restic:sftp://nas.example.org/r');
  await until('restic has a passphrase alone', async () => !(await asked()).some((x) => x.startsWith('Or for these keys')));
  assert.ok((await asked()).some((x) => x.startsWith('Passphrase')));
  await fits(page);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a device that was lost is brought back, and that can be taken back', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, allow: [422] });
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/backups');
  const picked = page.waitForEvent('filechooser');
  await page.locator('button', { hasText: 'Choose the backup' }).click();
  await (await picked).setFiles(file);
  await page.getByLabel('Its passphrase').fill('a wrong one');
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByText('the passphrase is wrong').waitFor();
  await page.getByLabel('Its passphrase').fill(phrase);
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByText(/A backup of home, made/).waitFor();
  await page.locator('button', { hasText: 'Try it: would this come back?' }).last().click();
  await page.locator('form').getByText(/It would come back: 17 checks/).waitFor();
  await page.getByLabel('What comes back').selectOption('devices');
  await fits(page);
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await page.getByText(/grandmas-phone/).first().waitFor();
  await shot(page, 'restore-sure', 'png');
  await fits(page);
  const doIt = page.getByRole('button', { name: 'Bring it back' });
  assert.equal(await doIt.getAttribute('aria-disabled'), 'true');
  await page.getByLabel(/type the cell’s name: home/).fill('home');
  await doIt.click();
  await page.getByText(/If that was wrong/).waitFor();
  assert.equal((await admin.call('GET', '/api/peers/grandmas-phone')).public_key, key);
  await shot(page, 'restore-done', 'png');
  await fits(page);
  await page.locator('#main').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await page.locator('button', { hasText: 'Choose the backup' }).waitFor();
  assert.equal((await admin.raw('GET', '/api/peers/grandmas-phone')).status, 404);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('in German, on a phone', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, locale: 'de-DE', look: 'phone', allow: [422] });
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/backups');
  await page.getByText('Etwas zurückholen').waitFor();
  await page.setInputFiles('#backup-file', file);
  await page.getByLabel('Ihre Passphrase').fill(phrase);
  await page.getByRole('button', { name: 'Öffnen' }).click();
  await page.getByRole('button', { name: 'Zeigen, was sich ändern würde' }).click();
  await page.getByLabel(/tippe den Namen der Zelle/).waitFor();
  await shot(page, 'restore-german', 'png');
  await fits(page);
  assert.deepEqual(wrong, []);
  await context.close();
});
