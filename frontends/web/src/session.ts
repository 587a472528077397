// Who is here. 401 anywhere leads to the login and, after it, back to where one was.
import { batch, signal } from '@preact/signals';
import { ApiError, forgetToken, get, hooks, post } from './api';
import { onRefused, start, stop } from './live';
import { forgetAll } from './store';
import type { Me } from './types';

export type Place = 'loading' | 'setup' | 'login' | 'in' | 'offline';

export const place = signal<Place>('loading');
export const me = signal<Me | null>(null);
/** The server said that the session is over while somebody worked. */
export const wasLost = signal(false);
/** Another cell takes this one's place: of when it is, and who may log in there (null: that could not be read). */
export const exchanged = signal<{ created: string; name: string; users: string[] | null } | null>(null);
export const setupInfo = signal<{ complete: boolean; step?: string; cell_name?: string } | null>(null);

export const may = (what: 'write' | 'secrets' | 'admin'): boolean => {
  const role = me.value?.role;
  if (role === 'admin') return true;
  return role === 'operator' && what === 'write';
};

export function enter(who: Me): void {
  forgetToken(); // each session has its own
  batch(() => {
    exchanged.value = null;
    me.value = who;
    wasLost.value = false;
    place.value = 'in';
  });
  if (who.role !== 'peer') start();
}

function leave(lost: boolean): void {
  if (place.peek() !== 'in') return;
  stop();
  again.peek()?.(false);
  forgetToken();
  forgetAll();
  batch(() => {
    wasLost.value = lost;
    me.value = null;
    place.value = 'login';
  });
}

export async function look(): Promise<void> {
  try {
    const info = (await get<{ complete: boolean; step?: string; cell_name?: string }>('/api/setup/status')).data;
    setupInfo.value = info;
    if (!info.complete) {
      place.value = 'setup';
      return;
    }
    enter((await get<Me>('/api/auth/me')).data);
  } catch (e) {
    place.value = e instanceof ApiError && e.status === 401 ? 'login' : 'offline';
  }
}

export async function logout(): Promise<void> {
  try {
    await post('/api/auth/logout');
  } finally {
    leave(false);
  }
}

/** Set while the server wants to know once more who is here; called with whether it was told. */
export const again = signal<((done: boolean) => void) | null>(null);

/** A new session in place of the old one: the page stays as it is. */
export function renew(who: Me): void {
  forgetToken();
  me.value = who;
}

hooks.lost = () => leave(true);
hooks.again = () =>
  new Promise((done) => {
    again.peek()?.(false);
    again.value = (told) => {
      again.value = null;
      done(told);
    };
  });
onRefused(() => {
  // The stream was refused: either the session is over (the next answer is 401, which leads to the login) or the server is away.
  void get('/api/auth/me', { quiet: true }).catch(() => {});
});
