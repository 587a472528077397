// What needs no browser: the catalogs, the words, the differences; and what was built: its size, what it asks for.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { out, root } from './lib.mjs';

const web = path.join(root, 'frontends/web');
const dist = path.join(web, 'dist');
let m;
before(async () => {
  // The sources are TypeScript: bundled by what the build is made with, then they are plain.
  const { build } = createRequire(path.join(web, 'package.json'))('esbuild');
  const entry = path.join(out, 'pure.entry.ts');
  fs.mkdirSync(out, { recursive: true });
  const names = ['en', 'de', 'i18n', 'library', 'library.de', 'short', 'words', 'live.diff', 'forms', 'ui/order', 'router', 'format', 'drills', 'timeline'];
  globalThis.location = { hash: '' };
  globalThis.document = { addEventListener: () => {} };
  fs.writeFileSync(entry, names.map((n) => `export * from ${JSON.stringify(path.join(web, 'src', n))};`).join('\n'));
  await build({ entryPoints: [entry], outfile: path.join(out, 'pure.mjs'), bundle: true, format: 'esm', nodePaths: [path.join(web, 'node_modules')], jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'error' });
  m = await import(pathToFileURL(path.join(out, 'pure.mjs')).href);
});

test('both languages have the same keys and the same places for values', () => {
  assert.deepEqual(Object.keys(m.de).sort(), Object.keys(m.en).sort());
  const places = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((x) => x[1]))].sort();
  for (const key of Object.keys(m.en)) {
    const extra = places(m.de[key]).filter((p) => p !== 'n' && !places(m.en[key]).includes(p));
    const lost = places(m.en[key]).filter((p) => p !== 'n' && !places(m.de[key]).includes(p));
    assert.deepEqual([extra, lost], [[], []], key);
    assert.ok(m.de[key].trim(), key);
  }
  const same = Object.keys(m.en).filter((k) => m.en[k] === m.de[k] && /[a-z]{4}/.test(m.en[k]));
  assert.ok(same.length < 25, `left in English: ${same.join(', ')}`);
});

test('each word stands in one catalog', () => {
  const dir = path.join(web, 'src/catalog');
  for (const l of ['en', 'de']) {
    const keys = fs.readdirSync(dir).filter((f) => f.endsWith(`.${l}.ts`)).flatMap((f) => [...fs.readFileSync(path.join(dir, f), 'utf8').matchAll(/^  (?:'([^']+)'|(\w+)):/gm)].map((x) => x[1] ?? x[2]));
    assert.deepEqual(keys.filter((k, i) => keys.indexOf(k) !== i), []);
    assert.equal(keys.length, Object.keys(m[l]).length);
  }
});

test('every key is used, and every key that is used is there', () => {
  const sources = fs
    .readdirSync(path.join(web, 'src'), { recursive: true })
    .filter((f) => /\.tsx?$/.test(f) && !/^catalog\//.test(f))
    .map((f) => fs.readFileSync(path.join(web, 'src', f), 'utf8'))
    .join('\n');
  const idle = Object.keys(m.en).filter((k) => !m.named(k) && !sources.includes(`'${k}'`));
  assert.deepEqual(idle, []);
});

// Every text of the C sources, pieces that stand behind each other put together, as the compiler takes them.
function literals(but = []) {
  const files = ['libpic', 'frontends/http'].flatMap((dir) =>
    fs.readdirSync(path.join(root, dir), { recursive: true }).filter((f) => f.endsWith('.c') && !but.includes(path.basename(f))).map((f) => path.join(root, dir, f)),
  );
  const all = [];
  for (const f of files)
    for (const m of fs.readFileSync(f, 'utf8').matchAll(/\/\*[^]*?\*\/|"(?:[^"\\\n]|\\.)*"(?:\s*(?:PRI\w+\s*)?"(?:[^"\\\n]|\\.)*")*/g))
      if (m[0][0] === '"') all.push([...m[0].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((x) => x[1]).join('').replace(/\\(["\\])/g, '$1'));
  return all;
}

test('the sentences that German has are those that the library says', () => {
  const all = literals().join('\n');
  const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((x) => x[1]).sort();
  for (const [from, to] of Object.entries(m.sentences)) {
    for (const piece of from.split(/\{\w+\}/)) if (piece.trim().length > 6) assert.ok(all.includes(piece.trim()), `nobody says “${piece}” any more: ${from}`);
    for (const p of places(to)) assert.ok(places(from).includes(p), `${from}: {${p}}`);
  }
});

test('what the library says of a field has its words in German, but for what only programs and logs are told', () => {
  const shown = /^(must|is|has|cannot) .{8,}$/;
  const machine = /^cannot (?!be |stand |reach |resolve )/; // it cannot open, read, send: what the log is told
  const rules = [...new Set(literals(['wish_json.c', 'host.c']).filter((s) => shown.test(s) && !machine.test(s)))];
  m.learn(m.sentences);
  m.lang.value = 'de';
  const says = (rule) => m.said(rule) !== rule || m.said(`private_key ${rule}`) !== `private_key ${rule}`;
  // What a %s or the end leaves open is filled in; a filling is some text, and where it can only be empty there is none.
  const left = rules.filter((r) => !says(r.replace(/%\w+/g, 'x').replace(/: $/, ': x')));
  m.lang.value = 'en';
  m.learn(null);
  console.log(`  of ${rules.length} rules ${rules.length - left.length} are said in German`);
  assert.deepEqual(left, [], 'frontends/web/src/library.de.ts has none of these');
});

// The format strings that calls of `name` have as their argument `at`, in these directories.
function told(dirs, name, at) {
  const found = [];
  for (const dir of dirs)
    for (const f of fs.readdirSync(path.join(root, dir), { recursive: true }).filter((x) => x.endsWith('.c'))) {
      const text = fs.readFileSync(path.join(root, dir, f), 'utf8').replace(/\/\*[^]*?\*\//g, '');
      for (const call of text.matchAll(new RegExp(`\\b${name}\\s*\\(`, 'g'))) {
        const args = [''];
        let depth = 1;
        // A text, or one sign; what is inside of other brackets is no argument of ours.
        for (const [sign] of text.slice(call.index + call[0].length).matchAll(/"(?:[^"\\]|\\.)*"|[^"]/g)) {
          depth += /[({]/.test(sign[0]) && sign.length === 1 ? 1 : /[)}]/.test(sign[0]) && sign.length === 1 ? -1 : 0;
          if (!depth) break;
          if (sign === ',' && depth === 1) args.push('');
          else args[args.length - 1] += sign;
        }
        const words = [...(args[at] ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((x) => x[1]).join('').replace(/\\(["\\])/g, '$1');
        if (words.length > 3) found.push(words);
      }
    }
  return [...new Set(found)];
}

test('what the doctor finds, what refuses a change and what to do then are said in German: the list of what is not gets no longer', () => {
  // Made of pieces, told to programs, or only when a document or a file is written by hand.
  const known = [
    'connection %s is down%s%s',
    "'%s' is no network", "%s: source: '%.80s' %s", "a %s has no field '%s'", '%s: is not a number', "%s: %s: '%s' %s", 'the cell has no key yet', 'the cell has no networks',
    '%s is not known here', 'no reader of profiles', 'is no secret of a connectionis no secret of a domain', '%s: wishes say themselves what goes: there is nothing to prune',
    'how the password is hashed cannot be read', "%s %s: %s: '%s' %s", '%s: nothing seals it here', 'a wish %s', 'must be sealed here', "a wish to %s has no '%s'",
    'these wishes are for revision %, not for %', 'revision: is no number of a revision', "a document of wishes has no '%s'", 'wishes: must be a list; a plan of what separates the machine from the wishes has none',
    'Use that one (--exit %s), or have the provider make a second key.', 'Say which: pic peer set %s --exit %s', 'pic cell set --endpoint HOST:PORT',
    'Make new keys: pic peer rekey NAME. To undo an earlier change, name its revision: pic history.',
    'Revoke what shall not be good any more: pic cert revoke NAME. What was revoked is issued anew after pic cert remove NAME.',
    'Set a new one: pic user password NAME. To undo an earlier change, name its revision: pic history.',
    'Nothing is left of it to be undone. To make it again all the same: pic undo %.',
    'Remove one that nothing uses: pic connection list. What the host itself uses of the routing tables 1001 to 1255 cannot be had either: ip rule, ip route show table all.',
    "Import the provider's file first: pic connection import FILE %s. Or take the connection over turned off (enabled: no) and give it then: pic connection set %s --profile-file FILE",
    'Put it into the document (%s: …)%s; or take the connection over turned off (enabled: no) and give it then: pic connection set %s --%s-file FILE',
    'Write it beside (%s: …), or leave %s as it was. Or take it away there (%s: null%s) and give it then: pic %s set %s --%s-file FILE%s',
    'Others are made field by field: pic help connection add', 'Look at them again as the cell is now: make the plan anew.',
  ];
  const changes = ['libpic/model', 'libpic/change'];
  const all = [
    ...told(['libpic'], 'pic__foundf', 4), ...told(['libpic'], 'pic__found', 2), ...told(['libpic/backend'], 'fn', 2),
    ...told(changes, 'pic__fail', 2), ...told(changes, 'pic__fail_value', 4), ...told(changes, 'pic__hint', 1),
  ];
  m.learn(m.sentences);
  m.lang.value = 'de';
  const left = all.filter((x) => {
    const filled = x.replace(/%(?:\.\*)?[-0-9.]*(?:ll?|z)?[a-zA-Z]|%/g, 'x');
    return / /.test(x) && m.said(filled) === filled;
  });
  m.lang.value = 'en';
  m.learn(null);
  console.log(`  of ${all.length} findings, refusals and hints ${all.length - left.length} are said in German`);
  assert.deepEqual(left.filter((x) => !known.includes(x)), [], 'frontends/web/src/library.de.ts has none of these');
  assert.deepEqual(known.filter((x) => !left.includes(x)), [], 'these are said by now, or by nobody: away with them');
});

test('what was built finds its words and sentences by their numbers', () => {
  const all = fs.readdirSync(path.join(dist, 'assets')).filter((f) => f.endsWith('.js')).map((f) => fs.readFileSync(path.join(dist, 'assets', f), 'utf8')).join('\n');
  assert.deepEqual(Object.keys(m.en).filter((k) => !m.named(k) && new RegExp(`["'\`]${k.replaceAll('.', '\\.')}["'\`]`).test(all)), []);

  const built = fs.readFileSync(path.join(dist, 'assets', fs.readdirSync(path.join(dist, 'assets')).find((f) => /^library\.de.*\.js$/.test(f))), 'utf8');
  const exact = Object.keys(m.sentences).filter((x) => !/\{\w+\}/.test(x));
  assert.deepEqual(exact.filter((x) => !built.includes(`"${m.short(x)}"`) && !built.includes(`'${m.short(x)}'`)), []);
  m.learn({ [m.short('is required')]: 'fehlt' });
  m.lang.value = 'de';
  assert.equal(m.said('is required'), 'fehlt');
  m.lang.value = 'en';
  m.learn(null);
});

test('a sentence of the library in the language of the reader, or marked as English', async () => {
  assert.equal(m.said('note: is required'), 'note: is required');
  m.learn(m.sentences);
  m.lang.value = 'de';
  assert.equal(m.said('a.example.org is not published: is required'), m.sentences['{name} is not published: {why}'].replace('{name}', 'a.example.org').replace('{why}', m.said('is required'))); // a reason is one too
  m.lang.value = 'en';
  m.learn(m.sentences);
  m.lang.value = 'de';
  for (const [from, to] of [
    ['is required', 'fehlt'],
    ["peer anna: address4: '10.1.0.2' is taken by peer ben", /: „10.1.0.2“ hat schon das Gerät ben$/],
    ['revision 7 by anna waits for its confirmation', 'die Änderung 7 von anna wartet noch auf ihre Bestätigung'],
    ['has host bits set: did you mean 10.0.0.0/8?', 'hat Bits gesetzt, die zum Gerät gehören: war 10.0.0.0/8 gemeint?'],
    ['must be a whole number from 576 to 65535', 'muss eine ganze Zahl von 576 bis 65535 sein'],
  ]) {
    const words = m.said(from);
    if (to instanceof RegExp) assert.match(words, to);
    else assert.equal(words, to);
    assert.equal(m.langOf(words), undefined, from);
  }
  const unknown = 'something that was never said before';
  assert.equal(m.said(unknown), unknown);
  assert.equal(m.langOf(unknown), 'en');
  assert.equal(m.langOf(m.joined(['Das ist', unknown], ' ')), 'en');
  assert.equal(m.langOf('ein Text der Seite'), undefined);
  m.lang.value = 'en';
  m.learn(null);
  assert.equal(m.langOf(unknown), undefined);
});

test('numbers choose words', () => {
  const rules = new Intl.PluralRules('en');
  const format = new Intl.NumberFormat('en');
  assert.equal(m.fill('{n} {n:device|devices}', { n: 1 }, rules, format), '1 device');
  assert.equal(m.fill('{n} {n:device|devices}', { n: 12000 }, rules, format), '12,000 devices');
  assert.equal(m.fill('{n:Way out {name} is|Ways out {name} are} down', { n: 2, name: 'a, b' }, rules, format).includes('{'), false);
});

test('passwords that people choose are told apart from those that hold', () => {
  for (const bad of ['short', 'password', '1234567890', 'aaaaaaaaaaaa', 'abcdefghijkl', 'password12']) assert.ok(m.strength(bad) <= 1, bad);
  assert.ok(m.strength('villaadmin1', ['villa', 'admin']) <= 1);
  for (const good of ['correct horse battery staple', 'vK7!pz2Qm#r9Lt']) assert.equal(m.strength(good), 4, good);
});

test('rights: switches and rules, there and back', () => {
  const { plain, rules } = m.splitAccess(['lan', '192.168.1.10:tcp/445', 'internet']);
  assert.deepEqual([...plain].sort(), ['internet', 'lan']);
  assert.deepEqual(m.joinAccess(plain, rules), ['internet', 'lan', '192.168.1.10:tcp/445']);
  for (const g of ['internet', 'peer:anna', 'group:kids', '192.168.1.0/24', '192.168.1.10:tcp/445', '[fd00::5]:udp/53', 'fd00::/64', '10.0.0.1:icmp', '10.0.0.1:tcp/80-90'])
    assert.ok(m.grantLooksRight(g), g);
  for (const g of ['', 'nonsense', '192.168.1', 'tcp/445', 'peer:', '10.0.0.1:tcp']) assert.ok(!m.grantLooksRight(g), g);
});

test('a plan in words', () => {
  const line = { who: 'anna', count: 1, peers: ['anna'], verb: 'loses', to: '192.168.1.10', proto: 'tcp', ports: '445', families: [4], part: false, rule: 'lan', example: null, text: '' };
  assert.deepEqual(m.sentence(line), { tone: 'lose', text: 'anna can no longer reach tcp 445 of 192.168.1.10', detail: '' });
  const leaves = { ...line, verb: 'leaves', to: 'far', proto: null, ports: null, families: [4, 6] };
  assert.equal(m.sentence(leaves).text, 'anna uses the internet by way of far');
  assert.equal(m.sentence({ ...leaves, to: 'direct' }).text, 'anna uses the internet directly');
  assert.equal(m.sentence({ ...leaves, text: 'anna is cut off from the internet: far carries nothing' }).tone, 'lose');
  assert.equal(m.sentence({ ...line, to: 'internet', proto: null, ports: null, families: [6], count: 7, who: 'group kids', peers: [] }).text, 'group kids (7 devices) can no longer reach the internet, over IPv6 only');
});

test('a finding and its button', () => {
  const of = (fix) => m.remedy({ level: 'warning', area: 'x', what: 'y', fix });
  assert.equal(of('pic drift --repair; or for good: pic cell set --repair yes').path, '/api/drift/repair');
  assert.equal(of('pic connection enable far, or another exit for them').path, '/api/connectivity/connections/far');
  assert.equal(of('pic peer set NAME --exit far, or: pic connection disable far').body.enabled, false);
  assert.equal(of('pic cell set --endpoint HOST:PORT').to, '#/settings');
  assert.equal(of('read its log: pic log wg').to, '#/logs?service=wg');
  assert.equal(of('see who listens: ss -ulpn'), null);
});

test('what separates two statuses: rates, what is new, what is gone', () => {
  const peer = (name, rx, more = {}) => ({ name, id: 1, address4: '', address6: '', enabled: true, active: true, handshake: null, endpoint: null, rx, tx: 0, leaves: null, ...more });
  const book = m.newBook();
  const first = m.compare(book, { peers: [peer('a', 100), peer('b', 0)], connections: [], revision: 1 }, 1000);
  assert.equal(first.changed.length, 2);
  assert.equal(first.total, null);
  const second = m.compare(book, { peers: [peer('a', 2100), peer('b', 0)], connections: [] }, 3000);
  assert.deepEqual(second.changed.map((p) => p.name), ['a']);
  assert.equal(second.total.rx, 1000);
  assert.deepEqual(second.busy, [{ name: 'a', rx: 1000, tx: 0 }]);
  const third = m.compare(book, { peers: [peer('a', 5)], connections: [] }, 5000);
  assert.deepEqual(third.removed, ['b']);
  assert.equal(third.total.rx, 0, 'a counter that began anew is no traffic');
});

test('a form sends what differs, and null for what was emptied', () => {
  const f = (name, type, more = {}) => ({ name, type, list: false, required: false, system: false, secret: false, fixed: false, help: '', placeholder: null, default: null, choices: [], ref: null, ...more });
  const fields = [f('name', 'name'), f('mtu', 'int'), f('note', 'text'), f('dns', 'resolver', { list: true }), f('repair', 'bool')];
  const before = { name: 'home', mtu: 1420, note: 'x', dns: null, repair: true };
  assert.deepEqual(m.difference(fields, before, { name: 'home', mtu: '1420', note: 'x', dns: [], repair: true }), {});
  assert.deepEqual(m.difference(fields, before, { name: 'villa', mtu: '1400', note: ' ', dns: [' 9.9.9.9 ', ''], repair: false }), { name: 'villa', mtu: 1400, note: null, dns: ['9.9.9.9'], repair: false });
});

test('an order, and an address', () => {
  assert.deepEqual(m.moved(['a', 'b', 'c'], 2, 0), ['c', 'a', 'b']);
  assert.deepEqual(m.moved(['a', 'b'], 1, 2), ['a', 'b']);
  assert.deepEqual(m.parse('#/devices/a%2Fb?q=x').parts, ['devices', 'a/b']);
  assert.equal(m.href('devices', 'a/b'), '#/devices/a%2Fb');
});

test('whether a backup comes back, in one line', () => {
  const line = (check, state) => ({ check, state, milliseconds: 100, text: null, hint: null });
  const good = m.verdict({ restorable: true, milliseconds: 4210, failed: null, checks: [line('opens', 'ok'), line('exits', 'skipped')] });
  assert.deepEqual(good, { tone: 'good', words: 'It would come back: 2 checks, 4.2 s.', done: 2 });
  const bad = m.verdict({ restorable: false, milliseconds: 9, failed: 'key', checks: [line('opens', 'ok'), line('key', 'failed'), line('end', null)] });
  assert.deepEqual(bad, { tone: 'bad', words: 'It would not come back: The key fits.', done: 1 });
  // Each check of the library has its words.
  const names = /pic__drill_checks\[PIC__DRILL_CHECKS\] = \{([^}]*)\}/.exec(fs.readFileSync(path.join(root, 'libpic/engine/drill_book.c'), 'utf8'))[1].match(/\w+(?=")/g);
  assert.equal(names.length, 17);
  for (const n of names) assert.notEqual(m.checkWord(n), n);
});

test('what was wrong, on a line of time', () => {
  const at = (s) => new Date(s * 1000).toISOString();
  const past = (what, began, ended) => ({ level: 'error', area: 'x', what, fix: null, began: at(began), ended: ended === null ? null : at(ended) });
  const rows = m.rowsOf([past('old', -500, 100), past('short', 600, 601), past('still', 250, null)], 0, 1000 * 1000);
  assert.deepEqual(rows.map((r) => [r.what, r.left, r.width, r.lasted]), [['still', 25, 75, 750000], ['short', 60, 1, 1000], ['old', 0, 10, 600000]]);
  assert.deepEqual(m.rowsOf([past('now', 1000, null)], 0, 1000 * 1000).map((r) => [r.left, r.width]), [[99, 1]], 'it stays on the line');
  assert.deepEqual([m.length(1000), m.length(90 * 60000), m.length(36 * 3600000)], [{ n: 1, unit: 'minute' }, { n: 2, unit: 'hour' }, { n: 2, unit: 'day' }]);
});

test('what was built: small, hashed, nothing inline, nobody else asked', (t) => {
  const files = fs.readdirSync(path.join(dist, 'assets'));
  const js = files.filter((f) => f.endsWith('.js'));
  const size = (list) => list.reduce((sum, f) => sum + gzipSync(fs.readFileSync(path.join(dist, 'assets', f)), { level: 9 }).length, 0);
  const total = size(js);
  t.diagnostic(`JavaScript: ${total} bytes gzipped in ${js.length} files; style: ${size(files.filter((f) => f.endsWith('.css')))}`);
  assert.ok(total <= 120000, `${total} bytes`);
  for (const f of files) assert.match(f, /-[\w-]{8}\.(js|css|svg)$/);
  const html = fs.readFileSync(path.join(dist, 'index.html'), 'utf8');
  assert.ok(!/<script(?![^>]*src=)|<style|\son\w+=|style="/.test(html));
  for (const f of files) {
    const text = fs.readFileSync(path.join(dist, 'assets', f), 'utf8');
    const urls = [...text.matchAll(/https?:\/\/[\w.-]+/g)].map((x) => x[0]).filter((u) => !/^https?:\/\/(www\.w3\.org|NAME$|localhost$)/.test(u)); // a rule has the last two
    assert.deepEqual(urls, [], f);
    assert.ok(!/url\(["']?data:|\beval\(|new Function\(/.test(text), f);
  }
});
