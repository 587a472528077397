// The whole cell of a backup by the page, up to the login of the one that is there then: real picd and pic-http, a pretend kernel. What is
// asked, said once more who one is, the word that is typed, the wait, and who may log in.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cell, go, launch, open, password, settled, shot, until, violations } from './lib.mjs';

const phrase = 'correct staple of May';
let cell, browser, admin, file;
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('exchange'), launch()]);
  admin = await cell.admin();
  await admin.call('POST', '/api/peers', { name: 'grandmas-phone', access: ['internet'] });
  file = `${cell.dir}.age`;
  fs.writeFileSync(`${cell.dir}.pw`, phrase);
  await cell.pic('backup', 'create', file, '--passphrase-file', `${cell.dir}.pw`, '--work-factor', '12');
  await cell.pic('peer', 'remove', 'grandmas-phone');
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

/** Up to the plan of the whole cell. */
const toPlan = async (page, words) => {
  await page.goto(cell.base);
  await settled(page);
  await go(page, '#/backups');
  await page.setInputFiles('#backup-file', file);
  await page.getByLabel(words.phrase).fill(phrase);
  await page.getByRole('button', { name: words.open }).click();
  await page.getByLabel(words.what).selectOption('whole');
  await page.getByText(words.aside).waitFor();
  await fits(page);
  await page.getByRole('button', { name: words.look }).click();
};

test('in German, on a phone, up to where it would be done', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, locale: 'de-DE', look: 'phone', allow: [422] });
  await toPlan(page, { phrase: 'Ihre Passphrase', open: 'Öffnen', what: 'Was zurückkommt', aside: /wird beiseitegelegt/, look: 'Zeigen, was sich ändern würde' });
  await page.getByText('Die ganze Zelle wird die der Sicherung.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Die ganze Zelle austauschen' }).getAttribute('aria-disabled'), 'true');
  await shot(page, 'exchange-german', 'png');
  await fits(page);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the whole cell changes, and the login says which one it is and who may come in', async () => {
  const { page, context, wrong } = await open(browser, cell.base, { client: admin, allow: [401, 403, 422, 503] });
  const inode = fs.statSync(cell.dir).ino;
  await toPlan(page, { phrase: 'Its passphrase', open: 'Open it', what: 'What comes back', aside: /put aside and kept/, look: 'Show what would change' });
  await page.getByText('The whole cell becomes that of the backup.').waitFor();
  await page.getByText(/grandmas-phone/).first().waitFor();
  const doIt = page.getByRole('button', { name: 'Exchange the whole cell' });
  assert.equal(await doIt.getAttribute('aria-disabled'), 'true');
  await page.getByLabel(/type the cell’s name: home/).fill('home');
  await fits(page);
  assert.equal(fs.statSync(cell.dir).ino, inode, 'nothing was done yet');
  await cell.earlier(601); // who sits here says once more who it is
  await doIt.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.locator('button[type=submit]').click();
  await page.getByText('The cells change places.').waitFor();
  await fits(page);
  await page.getByText(/This is home now, as of/).waitFor({ timeout: 60000 });
  await page.getByText(/Who may log in: admin/).waitFor();
  await shot(page, 'exchange-login', 'png');
  await fits(page);
  assert.notEqual(fs.statSync(cell.dir).ino, inode);
  await until('the agent has it', async () => JSON.parse(await cell.pic('status', '--json')).ready);
  await page.locator('input[name=username]').fill('admin');
  await page.locator('input[type=password]').fill(password);
  await page.locator('button[type=submit]').click();
  await settled(page);
  await go(page, '#/devices');
  await page.getByText('grandmas-phone').first().waitFor();
  assert.equal(fs.readdirSync(`${cell.dir}/..`).filter((n) => n.startsWith(cell.dir.split('/').pop() + '.before-')).length, 1);
  assert.deepEqual(wrong.filter((w) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_NETWORK|ERR_SOCKET/.test(w)), []);
  await context.close();
});
