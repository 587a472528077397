// The one way to the server: JSON, the CSRF token, errors with what to do, and how long somebody already waits.
import { signal } from '@preact/signals';
import { t } from './i18n';
import { said } from './library';

export interface FieldError {
  object?: string | null;
  field?: string | null;
  value?: string | null;
  rule?: string | null;
  message?: string;
  hint?: string | null;
}

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly hint = '',
    readonly fields: FieldError[] = [],
    readonly users: string[] = [],
    readonly retry = 0,
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export interface Reply<T> {
  data: T;
  etag: string;
}

export interface Options {
  etag?: string;
  quiet?: boolean;
  key?: string;
  text?: boolean;
  timeout?: number;
  file?: Blob;
}

/** How many calls of a person run; the bar at the top appears when that lasts. */
export const running = signal(0);
/** Set by the session: what to do when the server knows us no more, and when it wants to know once more who we are. */
export const hooks = { lost: () => {}, again: (): Promise<boolean> => Promise.resolve(false) };

// What the page asks by itself, though nobody touches it, is no use of the session: a page that is only open must not keep
// one alive for days.
let touched = Date.now();
if (typeof addEventListener === 'function')
  for (const what of ['pointerdown', 'keydown', 'wheel', 'touchstart']) addEventListener(what, () => void (touched = Date.now()), { capture: true, passive: true });
export const unattended = (): boolean => Date.now() - touched > 60000;

let csrf = '';
export function forgetToken(): void {
  csrf = '';
}

async function token(): Promise<string> {
  if (csrf) return csrf;
  const r = await fetch('/api/auth/csrf-token', { headers: { Accept: 'application/json' } });
  if (r.ok) csrf = ((await r.json()) as { csrf_token?: string }).csrf_token ?? '';
  return csrf;
}

/** An answer that the worker got. */
export function problem(r: { status: number; body: string }): ApiError {
  if (r.status === 401) hooks.lost();
  if (!r.status) return new ApiError(t('err.offline'), 0, 'OFFLINE', t('err.offline.hint'));
  let b: Record<string, unknown> = {};
  try {
    b = JSON.parse(r.body) as Record<string, unknown>;
  } catch {
    /* not ours */
  }
  return new ApiError(b.error ? said(String(b.error)) : t('err.status', { status: r.status }), r.status, String(b.code ?? ''), said(String(b.hint ?? '')));
}

const open = /^\/api\/(auth\/(login|logout|passkey\/)|setup\/|link)/;

/** The rule and what to do in the reader's language; the rest are facts. */
const inWords = (f: FieldError): FieldError => ({ ...f, rule: f.rule ? said(f.rule) : f.rule, message: f.message && said(f.message), hint: f.hint ? said(f.hint) : f.hint });

async function failure(r: Response): Promise<ApiError> {
  let b: Record<string, unknown> = {};
  try {
    b = (await r.json()) as Record<string, unknown>;
  } catch {
    /* not ours: a proxy, perhaps */
  }
  const after = Number(r.headers.get('Retry-After')) || 0;
  return new ApiError(
    b.error ? said(String(b.error)) : t('err.status', { status: r.status }),
    r.status,
    String(b.code ?? ''),
    said(String(b.hint ?? '')),
    ((b.fields as FieldError[] | undefined) ?? []).map(inWords),
    (b.users as string[] | undefined) ?? [],
    after,
    b,
  );
}

async function once(method: string, path: string, body: unknown, o: Options): Promise<Response> {
  const headers: Record<string, string> = { Accept: o.text ? '*/*' : 'application/json' };
  if (method !== 'GET') headers['Content-Type'] = o.file ? 'application/octet-stream' : 'application/json';
  if (unattended()) headers['X-Pic-Aside'] = '1';
  if (o.etag) headers['If-Match'] = o.etag;
  if (o.key) headers['Idempotency-Key'] = o.key;
  if (method !== 'GET' && !open.test(path)) headers['X-CSRF-Token'] = await token();
  return fetch(path, {
    method,
    headers,
    body: o.file ?? (body === undefined ? undefined : JSON.stringify(body)),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(o.timeout ?? 40000),
  });
}

export async function call<T>(method: string, path: string, body?: unknown, o: Options = {}): Promise<Reply<T>> {
  if (!o.quiet) running.value++;
  try {
    let r: Response;
    try {
      r = await once(method, path, body, o);
      if (r.status === 403 && method !== 'GET') {
        const e = await failure(r.clone());
        if (csrf && /CSRF/.test(String(e.more.error ?? ''))) {
          csrf = '';
          r = await once(method, path, body, o);
        } else if (e.more.need === 'login' && (await hooks.again())) r = await once(method, path, body, o);
      }
    } catch (e) {
      if ((e as Error).name === 'TimeoutError') throw new ApiError(t('err.slow'), 0, 'TIMEOUT', t('err.slow.hint'));
      throw new ApiError(t('err.offline'), 0, 'OFFLINE', t('err.offline.hint'));
    }
    if (!r.ok) {
      const e = await failure(r);
      if (r.status === 401 && !/^\/api\/auth\/(login|passkey\/)/.test(path)) hooks.lost();
      throw e;
    }
    const isJson = (r.headers.get('Content-Type') ?? '').includes('json');
    const data = (r.status === 204 ? null : isJson && !o.text ? await r.json() : await r.text()) as T;
    return { data, etag: r.headers.get('ETag') ?? '' };
  } finally {
    if (!o.quiet) running.value--;
  }
}

export const get = <T>(path: string, o?: Options): Promise<Reply<T>> => call<T>('GET', path, undefined, o);
export const post = <T>(path: string, body: unknown = {}, o?: Options): Promise<Reply<T>> => call<T>('POST', path, body, o);

export const enc = encodeURIComponent;

/** The same change asked for twice (a lost answer, an impatient finger) is made once. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
