// The library's facts in plain words of the reader's language: plans, rights, findings, fields.
import { list, when } from './format';
import { maybe, t, type Key } from './i18n';
import { foreign } from './library';
import type { Change, ExitStatus, Finding, Meaning, Plan, Row } from './types';

// --- what a plan means ---------------------------------------------------------------------------------------------

function who(m: Meaning): string {
  if (m.count === 0) return t('mean.everybody');
  if (m.count === 1) return m.peers[0] ?? m.who;
  if (m.count <= 3 && m.peers.length === m.count) return list(m.peers);
  return /^\d/.test(m.who) || !m.who ? t('mean.devices', { n: m.count }) : t('mean.of', { who: m.who, n: m.count });
}

export function target(to: string): string {
  if (to === 'internet') return t('to.internet');
  if (to === 'lan') return t('to.lan');
  if (to === 'peers') return t('to.peers');
  if (to === 'cell') return t('to.cell');
  if (to.startsWith('group:')) return t('to.group', { name: to.slice(6) });
  if (to.startsWith('service:')) return t('to.named', { name: to.slice(8) });
  return to;
}

function what(m: Meaning): string {
  let text = target(m.to);
  if (m.proto || m.ports) text = t('mean.service', { what: [m.proto, m.ports].filter(Boolean).join(' '), to: text });
  const only = m.families.length === 1 && !/^[\d:]|:[\da-f]*:/.test(m.to) ? t(m.families[0] === 4 ? 'mean.only4' : 'mean.only6') : '';
  if (m.part) text = t('mean.rest', { to: text });
  return text + only;
}

export interface Sentence {
  tone: 'gain' | 'lose' | 'way';
  text: string;
  detail: string;
}

export function sentence(m: Meaning): Sentence {
  const e = m.example;
  const detail = e
    ? t('mean.example', { packet: `${e.source} → ${e.destination}${e.proto ? ` ${e.proto}${e.port ? '/' + e.port : ''}` : ''}` })
    : '';
  if (m.verb === 'leaves') {
    const cut = / cut off from the internet/.test(m.text);
    const open = / let out directly while /.test(m.text);
    const shut = / cut off while /.test(m.text);
    const key: Key = cut ? 'mean.cut' : open ? 'mean.open' : shut ? 'mean.shut' : m.to === 'direct' ? 'mean.direct' : 'mean.leaves';
    return { tone: cut ? 'lose' : 'way', text: t(key, { who: who(m), exit: m.to, n: m.count }), detail };
  }
  const gain = m.verb === 'gains';
  return { tone: gain ? 'gain' : 'lose', text: t(gain ? 'mean.gains' : 'mean.loses', { who: who(m), what: what(m), n: m.count }), detail };
}

export const kindWord = (kind: string): string => maybe(`kind.${kind}`) ?? kind;
export const fieldWord = (kind: string, field: string): string => maybe(`field.${kind}.${field}`) ?? maybe(`field.${field}`) ?? field.replace(/_/g, ' ');
/** The library says of which types of a connection a field is; a form shows only those of its type. */
const types = /^(?:(?:wireguard|openvpn|tor|ssh|proxy|group)(?:, |: ))+/;
function sentenceOf(given: string): string {
  const text = given.replace(types, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
export const fieldHelp = (kind: string, field: string, given: string): string => maybe(`help.${kind}.${field}`) ?? maybe(`help.${field}`) ?? foreign(sentenceOf(given));

export function valueWord(value: unknown): string {
  if (value === null || value === undefined || value === '') return t('value.none');
  if (value === true || value === 'true') return t('value.yes');
  if (value === false || value === 'false') return t('value.no');
  if (value === '(secret)') return t('value.secret');
  if (Array.isArray(value)) return value.length ? value.map(valueWord).join(', ') : t('value.none');
  return String(value);
}

/** Of a field: rights as people call them. */
export function fieldValue(field: string, value: unknown): string {
  if (field === 'access' && typeof value === 'string' && value) return value.split(',').map(grantWord).join(', ');
  if ((field === 'exit' || field === 'exits') && value === 'direct') return t('exit.direct');
  return valueWord(value);
}

export const wayName = (way: string): string => maybe(`way.${way}`) ?? way;

export function changeTitle(c: Change): string {
  const key: Key = c.verb === 'add' ? 'change.add' : c.verb === 'remove' ? 'change.remove' : 'change.change';
  return t(key, { kind: kindWord(c.kind), name: c.name });
}

/** Fields that a person has wished or would recognise; numbers and keys that the cell made itself are for the details. */
const own = new Set(['public_key', 'private_key', 'preshared_key', 'created', 'slot', 'door', 'name', 'identity_key', 'identity_secret', 'password_salt', 'password_changed', 'ca_owed', 'ca_revoked']);
export const toldFields = (c: Change): Change['fields'] => c.fields.filter((f) => !own.has(f.field) || (f.field === 'name' && c.verb === 'change'));

/** A row of the journal as a sentence. What it does not know it gives in the library's own words. */
export function rowWords(r: Row): string {
  const what = { kind: kindWord(r.kind), name: r.name };
  if (r.verb === 'add') return t('row.add', what);
  if (r.verb === 'remove') return t('row.remove', what);
  if (r.verb === 'reveal' && r.kind === 'peer') return t('row.reveal', what);
  if (/^user \S+ logged in with passkey '/.test(r.text)) return t('row.login.passkey', { name: r.actor });
  if (/^user \S+ logged (in|out)/.test(r.text)) return t(r.verb === 'login' ? 'row.login' : 'row.logout', { name: r.actor });
  const passkey = /^passkey '(.*)' of user (\S+) was (added|removed)/.exec(r.text);
  if (passkey) return t(passkey[3] === 'added' ? 'row.passkey.added' : 'row.passkey.removed', { what: passkey[1], name: passkey[2] });
  if (r.verb === 'start') return t('row.start');
  if (r.verb === 'cert-root') return t('row.cert.root');
  if (r.kind === 'certificate' && r.verb === 'reveal') return t('row.cert.key', { name: r.name });
  if (r.verb === 'cert-issue' || r.verb === 'cert-renew') {
    const until = / not_after (?:\S+ → )?(\S+Z)(?:;|$)/.exec(r.text)?.[1];
    const words = t(r.verb === 'cert-issue' ? 'row.cert.issue' : 'row.cert.renew', { name: r.name });
    return until ? t('row.cert.until', { words, until: when(until) }) : words;
  }
  if (r.verb === 'cert-withdrawn' && r.kind === 'certificate') return t('row.cert.withdrawn', { name: r.name });
  if (r.verb === 'cert-told') return t('row.cert.told');
  if (r.verb !== 'change') return foreign(r.text);
  const before = r.before ?? {};
  const after = r.after ?? {};
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((f) => f === 'name' || !own.has(f));
  if (!fields.length) return foreign(r.text);
  const told = fields.slice(0, 3).map((f) => `${fieldWord(r.kind, f)} ${fieldValue(f, before[f])} → ${fieldValue(f, after[f])}`);
  return t('row.change', { ...what, what: told.join('; ') + (fields.length > 3 ? ' …' : '') });
}

/** A change that takes something from somebody is offered with the way back first. */
export function shouldTry(plan: Plan): boolean {
  return plan.risk === 'session' || !!plan.session?.cut || (plan.changes.some((c) => c.kind === 'cell') && plan.risk !== 'none');
}

// --- rights ----------------------------------------------------------------------------------------------------------

export const plainGrants = ['internet', 'lan', 'peers'] as const;

export function splitAccess(access: string[] | null): { plain: Set<string>; rules: string[] } {
  const all = access ?? [];
  const plain = new Set<string>(all.filter((g) => (plainGrants as readonly string[]).includes(g)));
  return { plain, rules: all.filter((g) => !plain.has(g)) };
}

export const joinAccess = (plain: Set<string>, rules: string[]): string[] => [
  ...plainGrants.filter((g) => plain.has(g)),
  ...rules.map((r) => r.trim()).filter(Boolean),
];

export function grantWord(grant: string): string {
  if (grant.startsWith('peer:')) return t('grant.peer', { name: grant.slice(5) });
  if (grant.startsWith('group:')) return t('grant.group', { name: grant.slice(6) });
  if (grant.startsWith('service:')) return t('to.named', { name: grant.slice(8) });
  const m = /^(.*):(tcp|udp|icmp)(?:\/(.+))?$/.exec(grant);
  if (m) return t('grant.service', { to: (m[1] ?? '').replace(/^\[|\]$/g, ''), what: [m[2], m[3]].filter(Boolean).join(' ') });
  return maybe(`grant.${grant}`) ?? grant;
}

/** Whether a text could be a grant: the server has the last word, but a slip of the finger is told at once. */
export function grantLooksRight(grant: string): boolean {
  const g = grant.trim();
  if (/^(internet|lan|peers)$/.test(g)) return true;
  if (/^(peer|group|service):[A-Za-z0-9._-]{1,64}$/.test(g)) return true;
  return /^(\[[0-9a-fA-F:]+\](\/\d{1,3})?|[0-9a-fA-F:]+:[0-9a-fA-F:]*(\/\d{1,3})?|\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?)(:(tcp|udp)\/\d{1,5}(-\d{1,5})?|:icmp)?$/.test(g);
}

// --- ways out --------------------------------------------------------------------------------------------------------

export type Tone = 'good' | 'warn' | 'bad' | 'idle';

export function exitTone(s: (Pick<ExitStatus, 'state' | 'enabled'> & { type?: string }) | undefined): Tone {
  if (!s || !s.enabled || s.state === 'off' || s.state === null || s.type === 'block') return 'idle';
  return s.state === 'up' ? 'good' : s.state === 'starting' ? 'warn' : 'bad';
}

export const exitState = (s: (Pick<ExitStatus, 'state' | 'enabled'> & { type?: string }) | undefined): string =>
  t(s?.type === 'block' && s.state === 'up' ? 'exit.blocks' : !s || s.state === null ? 'exit.unknown' : !s.enabled || s.state === 'off' ? 'exit.off' : s.state === 'up' ? 'exit.up' : s.state === 'starting' ? 'exit.starting' : 'exit.down');

export const typeWord = (type: string): string => maybe(`type.${type}`) ?? type;

// --- findings --------------------------------------------------------------------------------------------------------

export type Remedy =
  | { kind: 'go'; label: string; to: string }
  | { kind: 'call'; label: string; method: string; path: string; body?: unknown; change?: boolean }
  | null;

const name = '([A-Za-z0-9._-]+)';
const table: [RegExp, (m: RegExpExecArray) => Remedy][] = [
  [/pic drift --repair/, () => ({ kind: 'call', label: t('fix.repair'), method: 'POST', path: '/api/drift/repair' })],
  [new RegExp(`pic connection enable ${name}`), (m) => ({ kind: 'call', label: t('fix.enable', { name: m[1] ?? '' }), method: 'PATCH', path: `/api/connectivity/connections/${m[1]}`, body: { enabled: true }, change: true })],
  [new RegExp(`pic connection disable ${name}`), (m) => ({ kind: 'call', label: t('fix.disable', { name: m[1] ?? '' }), method: 'PATCH', path: `/api/connectivity/connections/${m[1]}`, body: { enabled: false }, change: true })],
  [new RegExp(`pic connection (?:test|restart|set|show|remove|import \\S+) ${name}`), (m) => ({ kind: 'go', label: t('fix.exit', { name: m[1] ?? '' }), to: `#/exits/${m[1]}` })],
  [new RegExp(`pic peer (?:set|rekey|config|show) (?!NAME)${name}`), (m) => ({ kind: 'go', label: t('fix.device', { name: m[1] ?? '' }), to: `#/devices/${m[1]}` })],
  [/pic cell set/, () => ({ kind: 'go', label: t('fix.settings'), to: '#/settings' })],
  [/pic audit verify/, () => ({ kind: 'go', label: t('fix.audit'), to: '#/audit' })],
  [/pic connection list/, () => ({ kind: 'go', label: t('fix.exits'), to: '#/exits' })],
  [/pic (?:cert|front)\b/, () => ({ kind: 'go', label: t('fix.open', { page: t('nav.certs') }), to: '#/certs' })],
  [/pic domain\b/, () => ({ kind: 'go', label: t('fix.open', { page: t('nav.domains') }), to: '#/domains' })],
  [/pic dns\b/, () => ({ kind: 'go', label: t('fix.open', { page: t('nav.names') }), to: '#/names' })],
  [/pic ntp\b/, () => ({ kind: 'go', label: t('fix.open', { page: t('nav.time') }), to: '#/time' })],
  [/pic peer list/, () => ({ kind: 'go', label: t('fix.devices'), to: '#/devices' })],
  [/pic history/, () => ({ kind: 'go', label: t('fix.history'), to: '#/history' })],
  [/pic log (\w+)/, (m) => ({ kind: 'go', label: t('fix.log'), to: `#/logs?service=${m[1]}` })],
];

export function remedy(f: Finding): Remedy {
  for (const [pattern, make] of table) {
    const m = pattern.exec(f.fix ?? '');
    if (m) return make(m);
  }
  return null;
}

// --- passwords -------------------------------------------------------------------------------------------------------

const common =
  'password passwort 123456 qwerty qwertz letmein welcome admin iloveyou monkey dragon football sunshine princess master hallo schatz geheim secret abc123 login passw0rd test default changeme'.split(' ');

function runs(text: string): number {
  let n = 0;
  for (let i = 2; i < text.length; i++) {
    const a = text.charCodeAt(i - 2);
    const b = text.charCodeAt(i - 1);
    const c = text.charCodeAt(i);
    if ((a === b && b === c) || (b - a === 1 && c - b === 1) || (a - b === 1 && b - c === 1)) n++;
  }
  return n;
}

/** 0 (refused) to 4, by how many guesses it would take who knows how people choose. The server has the last word. */
export function strength(password: string, names: string[] = []): 0 | 1 | 2 | 3 | 4 {
  if (new TextEncoder().encode(password).length < 10) return 0;
  const plain = password.toLowerCase();
  let free = password.length - runs(password);
  for (const word of [...common, ...names.map((w) => w.toLowerCase())]) if (word.length > 2 && plain.includes(word)) free -= word.length - 1;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((k) => k.test(password)).length;
  const different = new Set(plain).size;
  const bits = Math.max(0, Math.min(free, different * 2)) * (1.4 + kinds * 0.65);
  return bits < 14 ? 0 : bits < 28 ? 1 : bits < 40 ? 2 : bits < 52 ? 3 : 4;
}
