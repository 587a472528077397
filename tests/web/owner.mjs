// node owner.mjs BASE: an owner at the page of a real cell. Reads what to do, a JSON object a line, and answers each with one; between
// two of them whoever drives it looks at the network. Not a test of its own: tests/http/test_owner.py drives it.
import readline from 'node:readline';
import { go, launch, open, out, password, readCode, shot, totp } from './lib.mjs';

const browser = await launch();
const base = process.argv[2];
const { page, wrong } = await open(browser, base, { allow: [401, 409] });
const button = (name) => page.getByRole('button', { name, exact: true });
const heading = (name) => page.getByRole('heading', { name });
const dialog = () => page.getByRole('dialog');
const bar = () => page.getByRole('region', { name: 'A change waits' });

const steps = {
  async wizard({ code, device }) {
    await page.goto(base);
    await page.getByLabel('Setup code').fill(code);
    await button('Next').click();
    await heading('How devices find it').waitFor();
    await button('Next').click();
    await heading('Your login').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel('The same again').fill(password);
    await button('Create login').click();
    await heading('Your first device').waitFor();
    await page.getByLabel('Name of the device').fill(device);
    await button('Add and show code').click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    await shot(page, 'owner-code');
    const config = await readCode(page, page.locator('.qr'), 'owner-qr');
    await button('I have it').click();
    await button('Open the overview').click();
    await heading('Overview').waitFor();
    return { config };
  },

  async overview() {
    await go(page, '#/');
    await shot(page, 'owner-overview');
    return { text: await page.getByRole('main').innerText() };
  },

  async bring({ file, name }) {
    await go(page, '#/add-exit');
    const data = await page.evaluateHandle((text) => {
      const d = new DataTransfer();
      d.items.add(new File([text], 'provider.conf', { type: 'text/plain' }));
      return d;
    }, file);
    await page.dispatchEvent('.drop', 'drop', { dataTransfer: data });
    await page.getByText('The file is here').waitFor();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await button('Review change').click();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await heading(name).waitFor();
    await page.getByText('works').first().waitFor();
    await shot(page, 'owner-way-out');
  },

  async leave({ device, by }) {
    await go(page, `#/devices/${device}`);
    await page.getByLabel('This device leaves by').selectOption(by);
    await button('Review change').click();
    await dialog().getByText(`${device} uses the internet by way of ${by}`).waitFor();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByText(`It leaves by ${by}.`).waitFor();
    await shot(page, 'owner-device');
  },

  /** A change that cuts the device off, on trial, which nobody keeps: first it is so, */
  async lockout({ device }) {
    await go(page, `#/devices/${device}`);
    await page.getByRole('switch', { name: 'May connect' }).click();
    await dialog().getByLabel(/Only try it/).check();
    await dialog().getByRole('combobox').selectOption('30');
    await dialog().getByRole('button', { name: /^Try for/ }).click();
    await bar().waitFor();
    await shot(page, 'owner-trial');
  },

  /** and then it went back by itself. */
  async back() {
    await bar().waitFor({ state: 'detached', timeout: 90000 });
  },

  async undo({ text }) {
    await go(page, '#/history');
    await page.locator('.entry', { hasText: text }).first().getByRole('button', { name: /^Undo/ }).click();
    await dialog().getByRole('button', { name: 'Undo' }).click();
    await page.locator('.toast', { hasText: 'Undone.' }).first().waitFor();
  },

  async again() {
    await go(page, '#/account');
    await button('Turn on').click();
    await page.getByRole('img', { name: /authenticator/ }).waitFor();
    const secret = new URL((await readCode(page, page.locator('.qr'), 'owner-totp')).trim()).searchParams.get('secret');
    await page.getByLabel('Six-digit code').fill(totp(secret));
    await page.getByRole('main').getByRole('button', { name: 'Turn on' }).click();
    await button('I have kept them').click();
    await page.getByRole('main').getByRole('button', { name: 'Log out' }).first().click();
    await heading('Log in').waitFor();
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await button('Log in').click();
    await page.getByLabel('Six-digit code').fill(totp(secret, Date.now(), 1));
    await button('Log in').click();
    await page.getByRole('navigation', { name: 'Main menu' }).waitFor();
    return { wrong };
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let said;
  try {
    said = { ok: true, ...(await steps[asked.do](asked)) };
  } catch (e) {
    await page.screenshot({ path: `${out}/owner-failed.png` }).catch(() => {});
    said = { ok: false, error: String(e.message).slice(0, 2000) };
  }
  console.log(JSON.stringify(said));
}
await browser.close();
