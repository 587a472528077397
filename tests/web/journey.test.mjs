// What a new owner does, from the setup code to the login with a second factor, in the browser alone.
import assert from 'node:assert/strict';
import { after, before, test as unit } from 'node:test';
import { Cell, go, launch, open, out, password, readCode, settled, shot, totp, until, violations, wireguardFile } from './lib.mjs';

let cell, browser, page, wrong, recovery;
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('journey'), launch()]);
  ({ page, wrong } = await open(browser, cell.base, { allow: [400, 401, 403, 404, 409, 422] }));
});
after(async () => {
  await browser?.close();
  await cell?.stop();
});

// One stands on the other: after one that failed the rest says nothing.
let broken = false;
const test = (name, fn) =>
  unit(name, async (t) => {
    if (broken) return t.skip('something failed before');
    broken = true;
    try {
      await fn(t);
      broken = false;
    } catch (e) {
      await page.screenshot({ path: `${out}/failed.png` }).catch(() => {});
      throw e;
    }
  });

const button = (name, exact = true) => page.getByRole('button', { name, exact });
const heading = (name) => page.getByRole('heading', { name });
const dialog = () => page.getByRole('dialog');
const said = (text) => page.locator('.toast', { hasText: text }).first().waitFor();
const peer = async (name) => JSON.parse(await cell.pic('peer', 'show', name, '--json'));

test('the wizard: code, network with its plan, login, first device', async (t) => {
  await page.goto(cell.base);
  await heading('Is this your cell?').waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'wizard-1-code');

  await page.getByLabel('Setup code').fill('AAAA-BBBB-CCCC');
  await button('Next').click();
  await page.getByRole('alert').waitFor();

  await page.getByLabel('Setup code').fill((await cell.code()).toLowerCase().replaceAll('-', ''));
  await button('Next').click();
  await heading('How devices find it').waitFor();
  await until('the new step has the focus', () => page.evaluate(() => document.activeElement.tagName === 'H1'), 2000);
  await page.getByLabel('Name of the cell').fill('villa');
  await page.getByText('What this means').waitFor();
  await page.locator('.preview', { hasText: 'villa' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'wizard-2-network');
  await page.getByLabel('Name of the cell').fill('vil la');
  await page.locator('.field.wrong', { hasText: 'must have only' }).waitFor();
  await page.getByLabel('Name of the cell').fill('villa');
  await button('Next').click();
  await heading('Your login').waitFor();

  await button('Back').click();
  await heading('How devices find it').waitFor();
  await until('the name is kept', async () => (await page.getByLabel('Name of the cell').inputValue()) === 'villa');
  await button('Next').click();
  await heading('Your login').waitFor();

  await page.getByLabel('Password', { exact: true }).fill('password');
  await page.getByText('Too easy to guess').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByText('Very good').waitFor();
  await page.getByLabel('The same again').fill('something else');
  await button('Create login').click();
  await page.locator('.field.wrong', { hasText: 'not the same' }).waitFor();
  await page.getByLabel('The same again').fill(password);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'wizard-3-login');
  await button('Create login').click();
  await heading('Your first device').waitFor();

  await page.getByLabel('Name of the device').fill('phone');
  await page.getByRole('switch', { name: 'Home network' }).click();
  await page.locator('.preview', { hasText: 'phone can reach the internet' }).waitFor();
  await page.locator('.preview', { hasText: 'phone can reach the home network' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'wizard-4-device');
  await button('Add and show code').click();
  const code = page.getByRole('img', { name: /QR code/ });
  await code.waitFor();
  await shot(page, 'wizard-5-code');
  assert.deepEqual(await violations(page), []);
  const read = await readCode(page, page.locator('.qr'), 'qr-phone');
  const p = await peer('phone');
  assert.match(read, /\[Interface\]\s+PrivateKey = [A-Za-z0-9+/]{43}=/);
  assert.ok(read.includes(`Address = ${p.address4}/32`), read);
  assert.ok(read.includes('Endpoint = home.example.org:51820'), read);
  assert.deepEqual(p.access, ['internet', 'lan']);
  t.diagnostic(`the code on the screen holds ${read.length} bytes: the configuration`);
  await button('I have it').click();
  await heading('Your cell works').waitFor();
  await button('Open the overview').click();
  await page.getByText('Everything is all right').waitFor();
});

test('a way out: dropped, imported, given to a device', async () => {
  await go(page, '#/add-exit');
  const data = await page.evaluateHandle((text) => {
    const d = new DataTransfer();
    d.items.add(new File([text], 'far away.conf', { type: 'text/plain' }));
    return d;
  }, wireguardFile('203.0.113.7:51820', '10.9.0.2/32'));
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
  await page.getByText('The file is here').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'far-away');
  await page.getByLabel('Name', { exact: true }).fill('far');
  await button('Review change').click();
  await dialog().getByText('New: Way out far').waitFor();
  assert.deepEqual(await violations(page), []);
  await dialog().getByRole('button', { name: 'Save' }).click();
  await heading('far').waitFor();
  await page.getByText('works').first().waitFor();

  await go(page, '#/devices/phone');
  await page.getByLabel('This device leaves by').selectOption('far');
  await button('Review change').click();
  await dialog().getByText('phone uses the internet by way of far').waitFor();
  await shot(page, 'plan');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await page.getByText('It leaves by far.').waitFor();
  assert.equal((await peer('phone')).exit, 'far');
});

test('a change on trial goes back, by hand and by itself', async () => {
  await go(page, '#/devices/phone');
  const lan = page.getByRole('switch', { name: 'Home network' });
  await lan.click();
  await dialog().getByText('phone can no longer reach the home network').waitFor();
  assert.ok(await lan.isChecked(), 'nothing is shown as done before it is');
  await dialog().getByLabel(/Only try it/).check();
  await dialog().getByRole('button', { name: 'Try for 60 s' }).click();
  const bar = page.getByRole('region', { name: 'A change waits' });
  await bar.getByText(/Goes back in \d+ s/).waitFor();
  assert.deepEqual((await peer('phone')).access, ['internet']);
  assert.deepEqual(await violations(page), []);
  await shot(page, 'trial');
  await bar.getByRole('button', { name: 'Go back' }).click();
  await bar.waitFor({ state: 'detached' });
  await until('it went back', async () => (await peer('phone')).access.includes('lan'));
  await until('the switch follows', () => lan.isChecked());

  await cell.pic('peer', 'set', 'phone', '--access', 'internet', '--confirm', '4s');
  await bar.waitFor();
  await until('the switch follows what others do', async () => !(await lan.isChecked()));
  await bar.waitFor({ state: 'detached' });
  await until('it went back by itself', async () => (await peer('phone')).access.includes('lan'));
  await until('the switch follows', () => lan.isChecked());

  await lan.click();
  await dialog().getByLabel(/Only try it/).check();
  await dialog().getByRole('button', { name: 'Try for 60 s' }).click();
  await bar.getByRole('button', { name: 'Keep' }).click();
  await said('Kept.');
  assert.deepEqual((await peer('phone')).access, ['internet']);
});

test('what must not be is refused, with the packet, unless a reason is given', async () => {
  await cell.pic('assertion', 'add', 'closed', '--rule', 'never phone -> lan');
  await go(page, '#/devices/phone');
  await page.getByRole('switch', { name: 'Home network' }).click();
  await dialog().getByRole('alert').getByText(/assertion closed does not hold/).waitFor();
  await dialog().getByLabel(/Why\?/).fill('the printer is new');
  await dialog().getByRole('button', { name: 'Override' }).click();
  await dialog().getByText('phone can reach the home network').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await dialog().waitFor({ state: 'detached' });
  await cell.pic('assertion', 'remove', 'closed');
});

test('each entry of the history can be undone', async () => {
  await go(page, '#/history');
  const entry = page.locator('.entry', { hasText: 'Way out not set → far' });
  await entry.getByRole('button', { name: /^Details/ }).click();
  await entry.getByText('phone uses the internet by way of far').waitFor();
  assert.deepEqual(await violations(page), []);
  await entry.getByRole('button', { name: /^Undo/ }).click();
  await dialog().getByText('phone uses the internet directly').waitFor();
  await dialog().getByRole('button', { name: 'Undo' }).click();
  await said('Undone.');
  assert.equal((await peer('phone')).exit, null);
});

test('a second device, its link that works once, new keys, away', async () => {
  await go(page, '#/add-device');
  await page.getByLabel('Name of the device').fill('bad name');
  await button('Add and show code').click();
  await page.locator('.field.wrong', { hasText: 'must have only' }).waitFor();
  await page.getByLabel('Name of the device').fill('laptop');
  await button('Add and show code').click();
  await page.getByText('This is shown only once.').waitFor();
  await page.getByRole('link', { name: 'Open laptop' }).click();
  await page.getByText(/its secret key is gone from the cell/).waitFor();

  await cell.pic('peer', 'add', 'tablet', '--access', 'internet');
  await go(page, '#/devices/tablet');
  await button('One-time link').click();
  await dialog().getByRole('button', { name: 'Make link' }).click();
  const url = await page.locator('.note code', { hasText: '/link#' }).textContent();
  const other = await open(browser, cell.base, { look: 'phone', allow: [401, 403, 404, 429] });
  await other.page.goto(url);
  assert.deepEqual(await violations(other.page), []);
  await other.page.getByRole('button', { name: 'Show configuration' }).click();
  await other.page.getByRole('img', { name: /QR code/ }).waitFor();
  assert.ok(!other.page.url().includes('#'), 'the secret left the address');
  await shot(other.page, 'link');
  await other.page.goto('about:blank');
  await other.page.goto(url);
  await other.page.getByRole('button', { name: 'Show configuration' }).click();
  await other.page.getByRole('alert').waitFor();
  await other.context.close();
  assert.deepEqual(other.wrong, []);

  await go(page, '#/devices/laptop');
  await button('Make new keys').click();
  await dialog().getByRole('button', { name: 'Make new keys' }).click();
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  await button('Remove').click();
  await dialog().getByText('Gone: Device laptop').waitFor();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await heading('Devices').waitFor();
  await said('laptop is removed');
});

test('second factor, logout, login with its code and with a recovery code; a lost session comes back to its place', async () => {
  await go(page, '#/account');
  await button('Turn on').click();
  await page.getByRole('img', { name: /authenticator/ }).waitFor();
  assert.deepEqual(await violations(page), []);
  const uri = new URL((await readCode(page, page.locator('.qr'), 'qr-totp')).trim());
  const secret = uri.searchParams.get('secret');
  assert.equal(uri.protocol, 'otpauth:');
  await page.getByLabel('Six-digit code').fill(totp(secret));
  await page.getByRole('main').getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('Keep these recovery codes.').waitFor();
  recovery = await page.locator('.codes code').allTextContents();
  assert.equal(recovery.length, 10);
  assert.deepEqual(await violations(page), []);
  await button('I have kept them').click();

  const login = async () => {
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await button('Log in').click();
    await page.getByLabel('Six-digit code').waitFor();
  };
  await page.getByRole('main').getByRole('button', { name: 'Log out' }).first().click();
  await heading('Log in').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await button('Log in').click();
  await page.getByText('User name or password is wrong.').waitFor();
  await login();
  await shot(page, 'login-code');
  await page.getByLabel('Six-digit code').fill(totp(secret, Date.now(), 1));
  await button('Log in').click();
  await page.getByRole('navigation', { name: 'Main menu' }).waitFor();

  await go(page, '#/groups');
  const sessions = JSON.parse(await page.evaluate(async () => (await fetch('/api/auth/me')).text()));
  await page.evaluate(async (id) => {
    await fetch(`/api/auth/sessions/${id}`, { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
  }, sessions.id);
  await button('Add group').click();
  await page.getByLabel('Name of the group').fill('kids');
  await button('Review change').click();
  await page.getByText('Your session is over').waitFor();
  await login();
  await button(/recovery code/, false).click();
  await page.getByLabel('Recovery code').fill(recovery[0]);
  await button('Log in').click();
  await heading('Groups').waitFor();
  await settled(page);
});

test('ten minutes later an open page turns no second factor off, unless it is the person', async () => {
  await cell.earlier(601);
  await page.reload(); // the change that was looked at is still open
  await go(page, '#/account');
  await button('Turn off').click();
  await dialog().getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('heading', { name: 'Is it you?' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await shot(page, 'again');
  const again = page.getByRole('dialog', { name: 'Is it you?' });
  await again.getByRole('button', { name: 'Cancel' }).click();
  await said('wants a login of just now');
  await dialog().getByRole('button', { name: 'Turn off' }).click();
  await again.getByLabel('Password', { exact: true }).fill(password);
  await again.getByRole('button', { name: 'Go on' }).click();
  await again.getByRole('button', { name: /recovery code/ }).click();
  await again.getByLabel('Recovery code').fill(recovery[1]);
  await again.getByRole('button', { name: 'Go on' }).click();
  await said('The second factor is off');
  await settled(page);
});

test('nothing broke in the page meanwhile, and nobody else was asked', () => assert.deepEqual(wrong, []));
