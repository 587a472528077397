// What was read from the server and is kept until a change of its kind is told.
import { signal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, enc, get, problem, running } from './api';
import { allPeers, concerns, onChange } from './live';
import type { Alert, Assertion, Authority, Blocklist, Certificate, Connection, DnsRecord, Domain, Forward, Group, Peer, SchemaField, Service, Target, Token, User } from './types';

export interface Kept<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  at: number;
}

export interface Resource<T> {
  state: Signal<Kept<T>>;
  load: (quiet?: boolean) => Promise<void>;
  forget: () => void;
}

const all: { forget: () => void }[] = [];

export function resource<T>(path: string, kinds: string[] = []): Resource<T> {
  const fresh = (): Kept<T> => ({ data: null, error: null, loading: false, at: 0 });
  const state = signal<Kept<T>>(fresh());
  let turn = 0;
  let again = 0;
  const load = async (quiet = false): Promise<void> => {
    const mine = ++turn;
    state.value = { ...state.peek(), loading: true };
    try {
      const { data } = await get<T>(path, { quiet });
      if (mine === turn) state.value = { data, error: null, loading: false, at: Date.now() };
    } catch (e) {
      if (mine === turn && e instanceof ApiError) state.value = { ...state.peek(), error: e, loading: false };
    }
  };
  const r = {
    state,
    load,
    forget: () => {
      turn++;
      state.value = fresh();
    },
  };
  if (kinds.length)
    onChange((row) => {
      if (!kinds.some((kind) => concerns(row, kind)) || !state.peek().at) return;
      clearTimeout(again);
      again = setTimeout(() => void load(true), 150) as unknown as number;
    });
  all.push(r);
  return r;
}

export function forgetAll(): void {
  for (const r of all) r.forget();
}

export function useKept<T>(r: Resource<T>): Kept<T> {
  useEffect(() => {
    const s = r.state.peek();
    if (!s.loading && (!s.at || Date.now() - s.at > 30000)) void r.load(!!s.at);
  }, [r]);
  return r.state.value;
}

export const groups = resource<Group[]>('/api/groups', ['group']);
export const connections = resource<Connection[]>('/api/connectivity/connections', ['connection']);
export const assertions = resource<Assertion[]>('/api/assertions', ['assertion']);
export const forwards = resource<Forward[]>('/api/dns/forwards', ['forward']);
export const blocklists = resource<Blocklist[]>('/api/dns/blocklists', ['blocklist', 'group']);
export const records = resource<DnsRecord[]>('/api/dns/records', ['record']);
export const domains = resource<Domain[]>('/api/domains', ['domain']);
export const services = resource<Service[]>('/api/services', ['service']);
export const alerts = resource<Alert[]>('/api/alerts', ['alert']);
export const targets = resource<Target[]>('/api/backups/targets', ['target']);
export const cell = resource<Record<string, unknown>>('/api/cell', ['cell']);
export const users = resource<User[]>('/api/users', ['user', 'peer']);
export const tokens = resource<Token[]>('/api/tokens', ['token', 'user']);
export const certificates = resource<Certificate[]>('/api/certificates', ['certificate']);
export const authority = resource<Authority>('/api/ca', ['cell', 'certificate']);
export const schema = resource<Record<string, SchemaField[]>>('/api/schema');

// Devices: there may be ten thousand. The worker reads them, so that no frame waits for it.
export const peers: Resource<Peer[]> = (() => {
  const fresh = (): Kept<Peer[]> => ({ data: null, error: null, loading: false, at: 0 });
  const state = signal<Kept<Peer[]>>(fresh());
  let turn = 0;
  let timer = 0;
  let touched = new Set<string>();
  let whole = false;

  const load = async (quiet = false): Promise<void> => {
    const mine = ++turn;
    state.value = { ...state.peek(), loading: true };
    if (!quiet) running.value++;
    try {
      const data = await allPeers();
      if (mine === turn) state.value = { data, error: null, loading: false, at: Date.now() };
    } catch (e) {
      if (mine === turn) state.value = { ...state.peek(), error: problem(e as { status: number; body: string }), loading: false };
    } finally {
      if (!quiet) running.value--;
    }
  };

  const patch = async (): Promise<void> => {
    const now = touched;
    const everything = whole || now.size > 20;
    touched = new Set();
    whole = false;
    if (everything) return load(true);
    const map = new Map((state.peek().data ?? []).map((p) => [p.name, p]));
    for (const name of now) {
      try {
        map.set(name, (await get<Peer>(`/api/peers/${enc(name)}`, { quiet: true })).data);
      } catch (e) {
        if (e instanceof ApiError && e.status === 404) map.delete(name);
      }
    }
    state.value = { ...state.peek(), data: [...map.values()] };
  };

  onChange((row) => {
    if (!state.peek().at) return;
    if (row.kind === '*') whole = true;
    else if (row.kind === 'peer' && row.verb !== 'reveal') {
      if (row.verb === 'change' && row.after && 'name' in row.after) whole = true;
      touched.add(row.name);
    } else if ((row.kind === 'group' || row.kind === 'connection') && row.verb === 'change') whole = true;
    else return;
    clearTimeout(timer);
    timer = setTimeout(() => void patch(), 200) as unknown as number;
  });
  const forget = () => {
    turn++;
    state.value = fresh();
  };
  const r = { state, load, forget };
  all.push(r);
  return r;
})();
