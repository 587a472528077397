// Passkeys: what the browser does between two calls of the server. Bytes travel as base64url.
import { ApiError, post } from './api';
import { t } from './i18n';
import type { Me } from './types';

/** Whether this browser has passkeys for this page, and if not, why. */
export type Can = 'yes' | 'address' | 'unsafe' | 'old';
export function can(): Can {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'address';
  if (!window.isSecureContext) return 'unsafe';
  return 'PublicKeyCredential' in window && !!navigator.credentials ? 'yes' : 'old';
}

/** The same page by a name, where that is on this machine. */
export const byName = (): string | null => (/^127\.|^\[::1\]$/.test(location.hostname) ? `${location.protocol}//localhost:${location.port}/` : null);

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (data: ArrayBuffer | null): string =>
  btoa(Array.from(new Uint8Array(data ?? new ArrayBuffer(0)), (b) => String.fromCharCode(b)).join(''))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

interface Known {
  type: 'public-key';
  id: string;
}

type Create = Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> & {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials: Known[];
};

type Get = Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> & { challenge: string };

/** What the browser refuses, in our words. */
function told(e: unknown): unknown {
  const name = e instanceof DOMException ? e.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return new ApiError(t('passkey.stopped'), 0, 'STOPPED', t('passkey.stopped.hint'));
  if (name === 'InvalidStateError') return new ApiError(t('passkey.known'), 0, 'EXISTS', t('passkey.known.hint'));
  if (name) return new ApiError(t('passkey.cannot'), 0, name, (e as Error).message);
  return e;
}

async function ask(fn: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const made = await fn();
    if (made) return made as PublicKeyCredential;
  } catch (e) {
    throw told(e);
  }
  throw new ApiError(t('passkey.stopped'), 0, 'STOPPED', t('passkey.stopped.hint'));
}

export async function add(name: string): Promise<void> {
  const { public_key: o } = (await post<{ public_key: Create }>('/api/auth/passkeys/offer')).data;
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        ...o,
        challenge: bytes(o.challenge),
        user: { ...o.user, id: bytes(o.user.id) },
        excludeCredentials: o.excludeCredentials.map((k) => ({ ...k, id: bytes(k.id) })),
      },
    }),
  );
  const r = made.response as AuthenticatorAttestationResponse;
  const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response: { clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject) } };
  await post('/api/auth/passkeys', { name, credential });
}

export async function login(): Promise<Me> {
  const { public_key: o } = (await post<{ public_key: Get }>('/api/auth/passkey/offer')).data;
  const used = await ask(() => navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: [] } }));
  const r = used.response as AuthenticatorAssertionResponse;
  const credential = {
    id: used.id,
    rawId: text(used.rawId),
    type: used.type,
    response: { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle) },
  };
  try {
    return (await post<Me>('/api/auth/passkey/login', { credential })).data;
  } catch (e) {
    throw e instanceof ApiError && e.status === 401 ? new ApiError(t('passkey.refused'), 401, 'DENIED', t('passkey.refused.hint')) : e;
  }
}
