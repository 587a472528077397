// What is true now, as signals. The worker sends differences; nothing here waits for anything.
import { batch, signal } from '@preact/signals';
import type { Delta, Sample } from './live.diff';
import type { ExitStatus, Head, PeerStatus, Row } from './types';

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

type Listener = (row: Row) => void;
const listeners = new Set<Listener>();
export function onChange(fn: Listener): () => void {
  listeners.add(fn);
  return () => void listeners.delete(fn);
}

let worker: Worker | null = null;
const hooks = { refused: () => {} };
export const onRefused = (fn: () => void): void => void (hooks.refused = fn);

type Message =
  | { type: 'open' }
  | { type: 'lost'; refused: boolean }
  | ({ type: 'status' } & Delta)
  | { type: 'change'; row: Row }
  | { type: 'rates'; name: string; rates: Sample[] };

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

export function start(): void {
  if (worker) return;
  worker = new Worker(new URL('./live.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = (e: MessageEvent<Message>) => {
    const m = e.data;
    if (m.type === 'open') line.value = 'open';
    else if (m.type === 'lost') {
      line.value = 'lost';
      if (m.refused) hooks.refused();
    } else if (m.type === 'status') take(m);
    else if (m.type === 'rates') watched.value = { name: m.name, rates: m.rates };
    else for (const fn of listeners) fn(m.row);
  };
  worker.postMessage({ do: 'start' });
}

export function stop(): void {
  worker?.terminate();
  worker = null;
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
