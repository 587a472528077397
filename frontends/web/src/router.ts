// Routes live behind the '#': names of devices reach no server's log, and any server that gives out one file serves them all.
import { signal } from '@preact/signals';

export interface Route {
  path: string;
  parts: string[];
  query: URLSearchParams;
}

export function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const parts = path
    .split('/')
    .filter(Boolean)
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
  return { path: '/' + parts.join('/'), parts, query: new URLSearchParams(query) };
}

export const route = signal<Route>(parse(location.hash));

export function listen(): void {
  addEventListener('hashchange', () => {
    route.value = parse(location.hash);
  });
}

export const href = (...parts: string[]): string => '#/' + parts.map(encodeURIComponent).join('/');

export function go(to: string, replace = false): void {
  if (replace) {
    history.replaceState(null, '', to);
    route.value = parse(location.hash);
  } else if (location.hash === to) route.value = parse(to);
  else location.hash = to;
}

/** Keeps a list's filter in the address, so that "back" finds it again. */
export function setQuery(name: string, value: string): void {
  const r = route.peek();
  const query = new URLSearchParams(r.query);
  if (value) query.set(name, value);
  else query.delete(name);
  const text = query.toString();
  history.replaceState(null, '', href(...r.parts) + (text ? '?' + text : ''));
  route.value = { ...r, query };
}
