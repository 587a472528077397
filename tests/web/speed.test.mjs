// Ten thousand devices, and a cold start on a phone. What is asserted is processor time and bytes, which do not depend on who
// else works on this machine; what the clock says is told.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cell, launch, open, out } from './lib.mjs';

const count = 10000;
let cell, browser, admin;
const figures = {};
before(async () => {
  [cell, browser] = await Promise.all([Cell.start('speed'), launch()]);
  admin = await cell.admin();
});
after(async () => {
  await browser?.close();
  await cell?.stop();
  fs.writeFileSync(path.join(out, 'figures.json'), JSON.stringify(figures, null, 1) + '\n');
});

test('cold, on a phone: the first paint', async (t) => {
  const { page, context, wrong } = await open(browser, cell.base, { look: 'phone', allow: [401] });
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1600000 / 8, uploadThroughput: 750000 / 8 });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.goto(cell.base);
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  const { paint, bytes } = await page.evaluate(() => {
    const first = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    const parts = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return { paint: first, bytes: parts.filter((p) => p.responseEnd <= first).reduce((sum, p) => sum + p.encodedBodySize, 0) };
  });
  figures.first_paint_ms = Math.round(paint);
  figures.first_paint_bytes = bytes;
  t.diagnostic(`first paint ${Math.round(paint)} ms (1.6 Mbit/s, 150 ms, a quarter of the processor), ${bytes} bytes before it; load ${fs.readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}`);
  if (!process.env.PIC_WEB_DIST) assert.ok(bytes <= 60000, `${bytes} bytes`);
  assert.ok(paint <= 5000, `${paint} ms`); // the figure is 1000; this is for a machine that is busy
  await context.close();
  assert.deepEqual(wrong, []);
});

test('ten thousand devices scroll, are searched and sorted', async (t) => {
  const wishes = Array.from({ length: count }, (_, i) => ({ do: 'add', kind: 'peer', name: `device-${String(i).padStart(5, '0')}` }));
  for (let at = 0; at < count; at += 5000) await admin.call('POST', '/api/edit?nowait=1', { wishes: wishes.slice(at, at + 5000) });
  const { page, context, wrong } = await open(browser, cell.base, { client: admin });
  page.setDefaultTimeout(60000);
  await page.goto(`${cell.base}/#/devices`);
  await page.getByText('10,000 devices').first().waitFor();
  await page.locator('.vbody .vrow').first().waitFor();
  await page.waitForTimeout(2500); // the first status

  const cdp = await context.newCDPSession(page);
  const tasks = async (run) => {
    const events = [];
    cdp.removeAllListeners('Tracing.dataCollected');
    cdp.on('Tracing.dataCollected', (e) => events.push(...e.value));
    await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', '__metadata'] } });
    await page.evaluate(() => {
      window.frames_ = [];
      window.watch_ ??= new PerformanceObserver((l) => window.frames_.push(...l.getEntries().map((e) => e.duration)));
      window.watch_.observe({ type: 'long-animation-frame' });
    });
    await run();
    const done = new Promise((r) => cdp.once('Tracing.tracingComplete', r));
    await cdp.send('Tracing.end');
    await done;
    const main = new Set(events.filter((e) => e.ph === 'M' && e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}:${e.tid}`));
    const cpu = events.filter((e) => e.ph === 'X' && /RunTask$/.test(e.name) && main.has(`${e.pid}:${e.tid}`)).map((e) => e.tdur / 1000);
    const frames = await page.evaluate(() => window.frames_);
    return { cpu: Math.max(...cpu), long: frames.filter((d) => d > 50).length, count: cpu.length };
  };

  const scroll = await tasks(() =>
    page.evaluate(async () => {
      for (let i = 0; i < 120; i++) {
        scrollBy(0, i < 80 ? 300 : 900); // a quick finger, then a screen a frame
        await new Promise((r) => requestAnimationFrame(r));
      }
    }),
  );
  figures.scroll = scroll;
  t.diagnostic(`scrolling: ${scroll.cpu.toFixed(1)} ms of processor in the longest task, ${scroll.long} frames over 50 ms by the clock`);
  assert.ok(scroll.cpu <= 50, `${scroll.cpu} ms`);
  assert.ok((await page.locator('.vbody .vrow').count()) < 80);

  await page.evaluate(() => scrollTo(0, 0));
  await page.getByLabel('Search name, address, group, note').fill('device-0999');
  await page.getByRole('table', { name: '10 devices' }).waitFor();
  await page.getByLabel('Search name, address, group, note').fill('');
  await page.getByRole('button', { name: 'Device', exact: true }).click();
  await page.getByRole('link', { name: 'device-09999' }).waitFor();
  await cell.pic('peer', 'set', 'device-09999', '--note', 'came just now');
  await page.getByText('came just now').waitFor();
  await context.close();
  assert.deepEqual(wrong, []);
});
