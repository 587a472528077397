// A public name by the page: only what its mode can use is asked for, what is missing is said at its field, the plan comes before the change, the token is never shown.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cell, go, launch, open, settled, shot, until, violations } from './lib.mjs';

let cell, browser, admin, page, wrong;
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('domains'), launch()]);
  admin = await cell.admin();
  ({ page, wrong } = await open(browser, cell.base, { client: admin, allow: [422] }));
  await page.goto(cell.base);
  await settled(page);
});
after(async () => {
  await browser?.close();
  await cell?.stop();
});

test('a name is added, changed to another mode, and removed', async () => {
  await go(page, '#/domains');
  await page.getByRole('button', { name: 'Add public name' }).first().click();
  const form = page.locator('form').first();
  await form.getByLabel('Who keeps the name').selectOption('rfc2136');
  assert.equal(await form.getByLabel('TSIG key').count(), 1);
  assert.equal(await form.getByLabel('Program on the server').count(), 0);
  await form.getByLabel('Who keeps the name').selectOption('duckdns');
  assert.equal(await form.getByLabel('TSIG key').count(), 0);
  await form.getByLabel('Name', { exact: true }).fill('home.duckdns.org');
  await form.getByRole('button', { name: 'Review' }).click();
  await until('what is missing is said', async () => /required for mode duckdns/.test(await form.innerText()));
  await form.getByLabel('Token').fill('hunter2');
  await shot(page, 'domains-add');
  assert.deepEqual(await violations(page), []);
  await form.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Save|Add|Apply/ }).click();
  await page.getByRole('heading', { name: 'home.duckdns.org' }).waitFor();
  assert.doesNotMatch(await page.innerText('body'), /hunter2/);
  await page.getByRole('button', { name: 'Change public name home.duckdns.org' }).click();
  await page.locator('form').first().getByLabel('Who keeps the name').selectOption('http01');
  await page.locator('form').first().getByRole('button', { name: 'Review' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /Save|Add|Apply/ }).click();
  await until('the mode is another', async () => /http01/.test(await page.innerText('main')));
  await shot(page, 'domains');
  await page.getByRole('button', { name: 'Remove public name home.duckdns.org' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await until('the name is gone', async () => (await page.getByText('No public name').count()) === 1);
  assert.deepEqual(wrong, []);
});
