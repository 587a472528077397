// What separates one status from the one before it. Pure, so that it can be tried without a server.
import type { ExitStatus, Head, PeerStatus } from './types';

export type Status = Head & { peers: PeerStatus[]; connections: ExitStatus[] };
export interface Sample {
  at: number;
  rx: number;
  tx: number;
}

export interface Book {
  seen: Map<string, string>;
  counters: Map<string, { rx: number; tx: number }>;
  rates: Map<string, Sample[]>;
  at: number;
  watch: string;
}

export interface Delta {
  head: Head;
  connections: ExitStatus[];
  changed: PeerStatus[];
  removed: string[];
  total: Sample | null;
  busy: { name: string; rx: number; tx: number }[];
  watched: Sample | null;
}

const keep = 90;

export const newBook = (): Book => ({ seen: new Map(), counters: new Map(), rates: new Map(), at: 0, watch: '' });

function leavesKey(p: PeerStatus): string {
  const l = p.leaves;
  return l ? `${l.exit}|${l.by}|${l.group}|${l.carrier}|${l.state}|${l.closed}|${l.direct}|${l.may}` : '';
}

function push(book: Book, name: string, sample: Sample): void {
  let have = book.rates.get(name);
  if (!have) book.rates.set(name, (have = []));
  have.push(sample);
  if (have.length > keep) have.shift();
}

export function compare(book: Book, status: Status, now: number): Delta {
  const { peers, connections, ...head } = status;
  const seconds = book.at ? (now - book.at) / 1000 : 0;
  const changed: PeerStatus[] = [];
  const busy: { name: string; rx: number; tx: number }[] = [];
  const gone = new Set(book.seen.keys());
  let rx = 0;
  let tx = 0;
  let watched: Sample | null = null;
  for (const p of peers) {
    gone.delete(p.name);
    const key = `${p.handshake}|${p.endpoint}|${p.rx}|${p.tx}|${p.enabled}|${p.active}|${p.address4}|${leavesKey(p)}`;
    const before = book.counters.get(p.name);
    if (book.seen.get(p.name) !== key) {
      book.seen.set(p.name, key);
      changed.push(p);
    }
    // A counter that became smaller belongs to a device that was made anew: no rate can be told from that.
    const drx = before && seconds > 0.2 && p.rx >= before.rx ? (p.rx - before.rx) / seconds : 0;
    const dtx = before && seconds > 0.2 && p.tx >= before.tx ? (p.tx - before.tx) / seconds : 0;
    if (!before || before.rx !== p.rx || before.tx !== p.tx) book.counters.set(p.name, { rx: p.rx, tx: p.tx });
    rx += drx;
    tx += dtx;
    if (drx + dtx > 0) busy.push({ name: p.name, rx: drx, tx: dtx });
    if (drx + dtx > 0 || p.name === book.watch || book.rates.has(p.name)) {
      const sample = { at: now, rx: drx, tx: dtx };
      push(book, p.name, sample);
      if (p.name === book.watch) watched = sample;
    }
  }
  for (const name of gone) {
    book.seen.delete(name);
    book.counters.delete(name);
    book.rates.delete(name);
  }
  book.at = now;
  busy.sort((a, b) => b.rx + b.tx - (a.rx + a.tx));
  return {
    head,
    connections,
    changed,
    removed: [...gone],
    total: seconds ? { at: now, rx, tx } : null,
    busy: busy.slice(0, 20),
    watched,
  };
}
