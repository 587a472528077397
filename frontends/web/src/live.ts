// What is true now, as signals. The worker sends differences; nothing here waits for anything.
import { batch, signal } from '@preact/signals';
import { unattended } from './api';
import type { Delta, Sample } from './live.diff';
import type { ExitStatus, Head, Peer, PeerStatus, Row } from './types';

export type Line = 'off' | 'open' | 'lost';

export const line = signal<Line>('off');
export const head = signal<Head | null>(null);
export const exitStates = signal<ExitStatus[]>([]);
/** One signal tells that some device changed; the map itself is changed in place, ten thousand entries are not copied. */
export const peerStates = new Map<string, PeerStatus>();
export const peerBeat = signal(0);
export const totals = signal<Sample[]>([]);
export const busy = signal<{ name: string; rx: number; tx: number }[]>([]);
export const watched = signal<{ name: string; rates: Sample[] }>({ name: '', rates: [] });
/** When the waiting change goes back, by this browser's clock. */
export const backAt = signal(0);

/** What is told when the line was down: anything may have changed meanwhile. */
const anything: Row = { seq: 0, revision: 0, time: '', actor: '', way: '', kind: '*', id: 0, name: '', verb: '', before: null, after: null, text: '' };
/** Is that row about such a thing, perhaps of that name? */
export const concerns = (row: Row, kind: string, name?: string): boolean => row.kind === '*' || (row.kind === kind && (name === undefined || row.name === name));

type Listener = (row: Row) => void;
const listeners = new Set<Listener>();
export function onChange(fn: Listener): () => void {
  listeners.add(fn);
  return () => void listeners.delete(fn);
}

let worker: Worker | null = null;
let missed = false;
let asleep = false;
let dozing = 0;

// A browser has six lines to a server. Pages that nobody looks at let theirs go, and the agent is not asked for them.
document.addEventListener('visibilitychange', () => {
  clearTimeout(dozing);
  if (document.visibilityState === 'hidden')
    dozing = setTimeout(() => {
      asleep = missed = !!worker;
      worker?.postMessage({ do: 'stop' });
    }, 20000) as unknown as number;
  else if (asleep) {
    asleep = false;
    worker?.postMessage({ do: 'start' });
  }
});
const hooks = { refused: () => {} };
export const onRefused = (fn: () => void): void => void (hooks.refused = fn);

type Message =
  | { type: 'open' }
  | { type: 'reset' }
  | { type: 'lost'; refused: boolean }
  | ({ type: 'status' } & Delta)
  | { type: 'more'; changed: PeerStatus[] }
  | { type: 'change'; row: Row }
  | { type: 'rates'; name: string; rates: Sample[] }
  | { type: 'peers'; id: number; status: number; error?: string; rows: Peer[]; last: boolean };

function take(d: Delta): void {
  batch(() => {
    head.value = d.head;
    const left = d.head.confirm ? Date.now() + d.head.confirm.left_ms : 0;
    if (!left || Math.abs(left - backAt.peek()) > 1500) backAt.value = left;
    exitStates.value = d.connections;
    for (const p of d.changed) peerStates.set(p.name, p);
    for (const name of d.removed) peerStates.delete(name);
    if (d.changed.length + d.removed.length) peerBeat.value++;
    if (d.total) totals.value = [...totals.peek().slice(-89), d.total];
    busy.value = d.busy;
    if (d.watched) watched.value = { name: watched.peek().name, rates: [...watched.peek().rates.slice(-89), d.watched] };
  });
}

interface Asked {
  rows: Peer[];
  done: (rows: Peer[]) => void;
  fail: (status: number, body: string) => void;
}
const asked = new Map<number, Asked>();
let lastAsked = 0;

function takePeers(m: { id: number; status: number; error?: string; rows: Peer[]; last: boolean }): void {
  const a = asked.get(m.id);
  if (!a) return;
  for (const row of m.rows) a.rows.push(row);
  if (!m.last) return;
  asked.delete(m.id);
  if (m.status === 200) a.done(a.rows);
  else a.fail(m.status, m.error ?? '');
}

/** All devices, read by the worker, some hundred a message. */
export function allPeers(): Promise<Peer[]> {
  return new Promise((done, reject) => {
    const id = ++lastAsked;
    asked.set(id, { rows: [], done, fail: (status, body) => reject({ status, body }) });
    start();
    worker?.postMessage({ do: 'peers', id, aside: unattended() });
  });
}

export function start(): void {
  if (worker) return;
  worker = new Worker(new URL('./live.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = (e: MessageEvent<Message>) => {
    const m = e.data;
    if (m.type === 'open') {
      line.value = 'open';
      if (missed) for (const fn of listeners) fn(anything);
      missed = false;
    }
    else if (m.type === 'reset') for (const fn of listeners) fn(anything);
    else if (m.type === 'lost') {
      line.value = 'lost';
      missed = true;
      if (m.refused) hooks.refused();
    } else if (m.type === 'status') take(m);
    else if (m.type === 'peers') takePeers(m);
    else if (m.type === 'more') {
      for (const p of m.changed) peerStates.set(p.name, p);
      peerBeat.value++;
    }
    else if (m.type === 'rates') watched.value = { name: m.name, rates: m.rates };
    else for (const fn of listeners) fn(m.row);
  };
  worker.postMessage({ do: 'start' });
}

export function stop(): void {
  worker?.terminate();
  worker = null;
  asked.clear();
  batch(() => {
    line.value = 'off';
    head.value = null;
    exitStates.value = [];
    peerStates.clear();
    peerBeat.value++;
    totals.value = [];
    busy.value = [];
    backAt.value = 0;
  });
}

export function watch(name: string): void {
  watched.value = { name, rates: [] };
  worker?.postMessage({ do: 'watch', name });
}

/** A device that shook hands within three minutes is there: WireGuard does so every two while anything is sent. */
export const online = (p: PeerStatus | undefined, now = Date.now()): boolean =>
  !!p?.active && !!p.handshake && now - new Date(p.handshake).getTime() < 180000;
