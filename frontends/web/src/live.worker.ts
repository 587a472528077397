// Listens to the server's events beside the page: with ten thousand devices a status is megabytes of JSON, and reading it
// would cost the page frames. What changed is passed on, nothing else.
import { compare, newBook, type Delta, type Status } from './live.diff';
import type { PeerStatus } from './types';

const book = newBook();
let source: EventSource | null = null;
let wait = 1000;
let timer = 0;
let lastChange = '';

function say(message: unknown): void {
  postMessage(message);
}

// At first everything is news. A message with ten thousand devices would hold the page up where it is unpacked.
const bite = 250;
let rest: PeerStatus[] = [];
let feeding = 0;

function feed(): void {
  feeding = 0;
  if (!rest.length) return;
  say({ type: 'more', changed: rest.splice(0, bite) });
  feeding = setTimeout(feed, 25) as unknown as number;
}

function told(d: Delta): void {
  const now = d.changed.slice(0, bite);
  const newer = new Set(d.changed.map((p) => p.name));
  rest = rest.filter((p) => !newer.has(p.name)).concat(d.changed.slice(bite));
  say({ type: 'status', ...d, changed: now });
  if (rest.length && !feeding) feeding = setTimeout(feed, 25) as unknown as number;
}

function later(): void {
  clearTimeout(timer);
  timer = setTimeout(connect, wait) as unknown as number;
  wait = Math.min(wait * 2, 30000);
}

function connect(): void {
  source?.close();
  const s = new EventSource('/api/events');
  source = s;
  s.onopen = () => {
    wait = 1000;
    say({ type: 'open' });
  };
  s.onerror = () => {
    // The browser tries again by itself unless the server refused; either way it is told and a refused one is tried later.
    say({ type: 'lost', refused: s.readyState === EventSource.CLOSED });
    if (s.readyState === EventSource.CLOSED) later();
  };
  s.addEventListener('reset', () => say({ type: 'reset' }));
  s.addEventListener('status', (e) => {
    try {
      told(compare(book, JSON.parse((e as MessageEvent<string>).data) as Status, Date.now()));
    } catch {
      /* half an event: the next one is whole */
    }
  });
  s.addEventListener('change', (e) => {
    const m = e as MessageEvent<string>;
    if (m.lastEventId && m.lastEventId === lastChange) return;
    lastChange = m.lastEventId;
    try {
      say({ type: 'change', row: JSON.parse(m.data) });
    } catch {
      /* as above */
    }
  });
}

// All devices at once: that answer is made once a revision, while pages of it are sorted and cut for each asker. Here it may
// be as long as it is.
const columns = ['id', 'name', 'enabled', 'access', 'groups', 'exit', 'note', 'address4', 'address6', 'key_mode', 'config_shown'] as const;
const portion = 400;

async function peers(id: number, aside: boolean): Promise<void> {
  try {
    const r = await fetch('/api/peers', { headers: { Accept: 'application/json', ...(aside ? { 'X-Pic-Aside': '1' } : {}) }, cache: 'no-store' });
    if (!r.ok) return say({ type: 'peers', id, status: r.status, error: await r.text(), rows: [], last: true });
    const all = (await r.json()) as Record<string, unknown>[];
    for (let at = 0; at === 0 || at < all.length; at += portion) {
      const rows = all.slice(at, at + portion).map((p) => Object.fromEntries(columns.map((c) => [c, p[c] ?? null])));
      say({ type: 'peers', id, status: 200, rows, last: at + portion >= all.length });
    }
  } catch {
    say({ type: 'peers', id, status: 0, error: '', rows: [], last: true });
  }
}

onmessage = (e: MessageEvent<{ do: string; name?: string; id?: number; aside?: boolean }>) => {
  if (e.data.do === 'start') {
    wait = 1000;
    connect();
  } else if (e.data.do === 'stop') {
    clearTimeout(timer);
    source?.close();
    source = null;
  } else if (e.data.do === 'peers') void peers(e.data.id ?? 0, !!e.data.aside);
  else if (e.data.do === 'watch') {
    book.watch = e.data.name ?? '';
    say({ type: 'rates', name: book.watch, rates: book.rates.get(book.watch) ?? [] });
  }
};
