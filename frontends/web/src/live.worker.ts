// Listens to the server's events beside the page: with ten thousand devices a status is megabytes of JSON, and reading it
// would cost the page frames. What changed is passed on, nothing else.
import { compare, newBook, type Status } from './live.diff';

const book = newBook();
let source: EventSource | null = null;
let wait = 1000;
let timer = 0;
let lastChange = '';

function say(message: unknown): void {
  postMessage(message);
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
  s.addEventListener('status', (e) => {
    try {
      say({ type: 'status', ...compare(book, JSON.parse((e as MessageEvent<string>).data) as Status, Date.now()) });
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

onmessage = (e: MessageEvent<{ do: string; name?: string; status?: Status }>) => {
  if (e.data.do === 'start') {
    wait = 1000;
    connect();
  } else if (e.data.do === 'stop') {
    clearTimeout(timer);
    source?.close();
    source = null;
  } else if (e.data.do === 'watch') {
    book.watch = e.data.name ?? '';
    say({ type: 'rates', name: book.watch, rates: book.rates.get(book.watch) ?? [] });
  }
};
