// A cell of a pretend kernel with its agent and its page, and a browser to look at it. Everything is ended by its pid.
import { execFile, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const out = path.join(root, 'build/web');
const bin = process.env.PIC_BIN ?? path.join(root, 'build/release/bin');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const password = 'correct horse battery staple';

const run = (file, args, options = {}) =>
  new Promise((done, fail) => {
    const child = execFile(file, args, { timeout: 60000, maxBuffer: 64 << 20, ...options }, (error, stdout, stderr) =>
      error ? fail(new Error(`${path.basename(file)} ${args.join(' ')}: ${stderr || error.message}`)) : done(stdout),
    );
    if (options.input !== undefined) child.stdin.end(options.input);
  });

const freePort = () =>
  new Promise((done) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, test, ms = 20000) {
  const end = Date.now() + ms;
  for (;;) {
    try {
      const r = await test();
      if (r) return r;
    } catch (e) {
      if (Date.now() > end) throw e;
    }
    if (Date.now() > end) throw new Error(`not within ${ms / 1000} s: ${what}`);
    await sleep(100);
  }
}

export class Cell {
  /** As if everybody had logged in so many seconds earlier. */
  async earlier(seconds) {
    const sql = `UPDATE session SET created = created - ${seconds}000000, seen = seen - ${seconds}000000`;
    await run('/usr/bin/python3', ['-c', 'import sqlite3,sys; d = sqlite3.connect(sys.argv[1], timeout=10); d.execute(sys.argv[2]); d.commit()', path.join(this.dir, 'cell.db'), sql]);
  }

  /** As if the agent had found that, and when: [level, area, what, fix, so many seconds ago, until so many seconds ago or null]. */
  async wrong(found) {
    const script = `import json,os,sqlite3,sys,time
d = sqlite3.connect(sys.argv[1], timeout=10); now = int(time.time())
for level, area, what, fix, began, ended in json.loads(sys.argv[2]):
    d.execute('INSERT INTO finding (level, area, key, what, fix, began, ended) VALUES (?,?,?,?,?,?,?)', (level, area, what, what, fix, (now - began) * 10**6, ended and (now - ended) * 10**6))
d.commit()`;
    const file = path.join(this.dir, 'stats.db');
    await until('the agent counts', async () => fs.existsSync(file) && (await run('/usr/bin/python3', ['-c', script, file, JSON.stringify(found)]), true));
  }

  static async start(name) {
    const c = new Cell();
    fs.mkdirSync(path.join(out, 'cells'), { recursive: true });
    c.dir = fs.mkdtempSync(path.join(out, 'cells', `${name}-`));
    c.name = name;
    c.children = [];
    await c.pic('init', '--name', 'home', '--endpoint', 'home.example.org:51820');
    c.port = await freePort();
    c.base = `http://127.0.0.1:${c.port}`;
    c.spawn('picd', []);
    c.spawn('pic-http', ['--port', String(c.port)]);
    await until('pic-http answers', async () => (await fetch(`${c.base}/health`)).ok);
    await until('the agent answers', async () => JSON.parse(await c.pic('status', '--json')).ready);
    return c;
  }

  pic(...args) {
    return run(path.join(bin, 'pic'), ['--world', 'fake', '--dir', this.dir, ...args]);
  }

  spawn(program, args) {
    const log = fs.openSync(`${this.dir}.${program}.log`, 'w');
    const child = spawn(path.join(bin, program), ['--world', 'fake', '--dir', this.dir, ...args], { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.children.push(child);
    return child;
  }

  /** The server ends, and comes back on the same port. */
  async restartServer(between) {
    const server = this.children.find((c) => c.spawnargs.includes('--port') && c.exitCode === null && c.signalCode === null);
    const gone = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await gone;
    await between();
    this.spawn('pic-http', ['--port', String(this.port)]);
    await until('pic-http answers again', async () => (await fetch(`${this.base}/health`)).ok);
  }

  async code() {
    return (await this.pic('setup')).trim().match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/)[0];
  }

  /** The first admin, without the page. */
  async admin() {
    const a = new Client(this.base);
    await a.call('POST', '/api/setup/code', { code: await this.code() });
    await a.call('POST', '/api/setup/complete', { username: 'admin', password });
    return a;
  }

  async stop() {
    for (const child of this.children) child.kill('SIGTERM');
    await Promise.all(
      this.children.map((child) =>
        child.exitCode !== null || child.signalCode !== null
          ? null
          : new Promise((done) => {
              const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
              child.once('exit', () => (clearTimeout(hard), done()));
            }),
      ),
    );
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The API as a program uses it, with a jar for the two cookies. */
export class Client {
  constructor(base) {
    this.base = base;
    this.jar = new Map();
  }

  async raw(method, where, body) {
    const headers = { Cookie: [...this.jar].map(([k, v]) => `${k}=${v}`).join('; '), 'Content-Type': 'application/json' };
    if (this.csrf) headers['X-CSRF-Token'] = this.csrf;
    const r = await fetch(this.base + where, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    for (const c of r.headers.getSetCookie()) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(c);
      this.jar.set(key, value);
    }
    const data = await r.json().catch(() => null);
    if (data?.csrf_token) this.csrf = data.csrf_token;
    return { status: r.status, data };
  }

  async call(method, where, body) {
    const r = await this.raw(method, where, body);
    if (r.status >= 400) throw new Error(`${method} ${where}: ${r.status} ${JSON.stringify(r.data)}`);
    return r.data;
  }

  cookies() {
    return [...this.jar].map(([name, value]) => ({ name, value, url: this.base }));
  }
}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

const looks = {
  desktop: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
};

/** A page that remembers what went wrong in it: errors of its own, requests to others. `allow`: answers that are expected. */
export async function open(browser, base, { look = 'desktop', client, locale = 'en-GB', allow = [] } = {}) {
  const context = await browser.newContext({ ...looks[look], locale, reducedMotion: 'reduce', acceptDownloads: true });
  if (client) await context.addCookies(client.cookies());
  if (process.env.PIC_WEB_DIST) await serveDist(context, base);
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const wrong = [];
  page.on('pageerror', (e) => wrong.push(`error: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() !== 'error') return;
    const status = /status of (\d+)/.exec(m.text());
    if (!status || !allow.includes(Number(status[1]))) wrong.push(`console: ${m.text()} ${m.location().url}`);
  });
  page.on('request', (r) => {
    if (!r.url().startsWith(base) && !r.url().startsWith('blob:')) wrong.push(`asks another: ${r.url()}`);
  });
  return { page, context, wrong };
}

/** For work on the page: what Vite built last instead of what is in the program. */
async function serveDist(context, base) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
  await context.route(
    (url) => url.href.startsWith(base) && !/^\/(api|health|metrics)/.test(url.pathname),
    (route) => {
      const { pathname } = new URL(route.request().url());
      const file = path.join(root, 'frontends/web/dist', path.extname(pathname) ? pathname : 'index.html');
      return route.fulfill({ body: fs.readFileSync(file), contentType: types[path.extname(file)], headers: { 'Content-Security-Policy': "default-src 'self'; object-src 'none'; base-uri 'none'" } });
    },
  );
}

/** Goes there within the page and waits until its heading is there and nothing is being read any more. */
export async function go(page, hash) {
  await page.evaluate((h) => void (location.hash = h), hash);
  await settled(page);
}

export async function settled(page) {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => !document.querySelector('.loading .spinner, .working, [aria-busy=true]'), null, { timeout: 15000 });
}

export async function violations(page, only = null) {
  if (!(await page.evaluate(() => !!window.axe))) await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    const r = await window.axe.run(document, { resultTypes: ['violations'], preload: false, iframes: false, runOnly: rules ?? ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.failureSummary?.split('\n')[1]?.trim() ?? ''})`).slice(0, 3).join(' | ')}`);
  }, only);
}

/** PIC_WEB_SHOTS=png: for who looks at them with what reads nothing else. */
export async function shot(page, name, type = process.env.PIC_WEB_SHOTS ?? 'jpg') {
  const file = path.join(out, 'shots', `${name}.${type}`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file, fullPage: true, ...(type === 'jpg' ? { type: 'jpeg', quality: 85 } : { type }) });
  return file;
}

/** What a camera would read off the picture. */
export async function readCode(page, locator, name) {
  const file = path.join(out, 'shots', `${name}.png`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await locator.screenshot({ path: file });
  return run('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file]);
}

/** RFC 6238, the other side. */
export function totp(secret, at = Date.now(), steps = 0) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000) + steps));
  const mac = crypto.createHmac('sha1', key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, '0');
}

export function wireguardFile(endpoint, address) {
  const key = () => crypto.randomBytes(32).toString('base64');
  return `[Interface]\nPrivateKey = ${key()}\nAddress = ${address}\nDNS = 10.9.0.1\n\n[Peer]\nPublicKey = ${key()}\nEndpoint = ${endpoint}\nAllowedIPs = 0.0.0.0/0, ::/0\n`;
}
