// Certificates of public issuers, which come by themselves: how that goes, and what an issuer has not heard yet.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { ago, when } from '../format';
import { t, type Key } from '../i18n';
import type { Asking, Certificate, Issuers } from '../types';
import { Badge, Note, Said } from '../ui/basic';
import type { Tone } from '../words';

/** What is known of all of them; asked again while something is under way. Without an agent: nothing. */
export function useAsking(certs: Certificate[] | null): Issuers | null {
  const [known, setKnown] = useState<Issuers | null>(null);
  useEffect(() => {
    let timer = 0;
    let gone = false;
    const look = () =>
      void get<Issuers>('/api/acme', { quiet: true }).then(
        ({ data }) => {
          if (gone) return;
          setKnown(data);
          if (data.certificates.some((c) => ['due', 'asking', 'revoking'].includes(c.state))) timer = setTimeout(look, 5000) as unknown as number;
        },
        () => !gone && setKnown(null),
      );
    if (certs) look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [certs]);
  return known;
}

const host = (url: string | null) => url?.replace(/^https:\/\//, '').replace(/\/.*$/, '') ?? '';
const wheres: Record<string, Key> = { first: 'cert.at.first', second: 'cert.at.second', rehearsal: 'cert.at.rehearsal' };

/** One word for its state. `good`: it can be used until it ends. */
export function AskingBadge({ a, good }: { a: Asking; good: boolean }) {
  const [tone, word]: [Tone | 'info', Key] =
    a.state === 'good'
      ? ['good', 'cert.good']
      : a.state === 'due'
        ? ['info', good ? 'cert.is.renew' : 'cert.is.due']
        : a.state === 'asking'
          ? ['info', good ? 'cert.is.renewing' : 'cert.is.asking']
          : a.state === 'failing'
            ? good
              ? ['warn', 'cert.is.late']
              : ['bad', 'cert.is.failing']
            : a.state === 'nobody'
              ? ['bad', 'cert.is.nobody']
              : ['bad', a.state === 'revoking' ? 'cert.is.revoking' : 'cert.revoked'];
  return <Badge tone={tone}>{t(word)}</Badge>;
}

/** Whom it is of, how it is proved; and when something failed: why, and when the next try is. */
export function AskingText({ a, good }: { a: Asking; good: boolean }) {
  const revoked = a.state === 'revoking' || a.state === 'revoked';
  const about = [
    a.directory && !revoked ? t(a.state === 'good' && a.where === 'second' ? 'cert.by.second' : 'cert.by', { host: host(a.directory) }) : '',
    a.proof ? t(a.proof === 'dns-01' ? 'cert.proof.dns' : 'cert.proof.http') : '',
    a.state === 'revoked' && a.tried ? t('cert.withdrawn', { when: when(a.tried) }) : '',
  ].filter(Boolean);
  const last = a.failures > 0 && a.where && a.tried ? t('cert.tried', { n: a.failures, ago: ago(a.tried), where: t(wheres[a.where] ?? 'cert.at.first') }) : a.failures > 0 ? t('cert.told', { n: a.failures }) : '';
  const next = a.next && a.state !== 'good' ? t('cert.next', { when: when(a.next) }) : '';
  return (
    <>
      {about.length > 0 && <span class="help">{about.join(' · ')}</span>}
      {(a.why || (revoked && next)) && (
        <span class={`trouble ${a.state === 'failing' && good ? 'warn' : 'bad'}`}>
          {a.why && (
            <strong>
              <Said text={a.why} />
            </strong>
          )}
          {(last || next) && <span class="help">{[last, next].filter(Boolean).join(' · ')}</span>}
        </span>
      )}
    </>
  );
}

/** Removed with a revocation that their issuer does not know of yet. */
export function Removed({ known, certs }: { known: Issuers | null; certs: Certificate[] }) {
  return (
    <>
      {known?.certificates
        .filter((a) => !certs.some((c) => c.name === a.name))
        .map((a) => (
          <li class="with" key={`${a.name}-`}>
            <span>
              <strong>{a.name}</strong> <AskingBadge a={a} good={false} />
              <span class="help">{t('cert.removed')}</span>
              <AskingText a={a} good={false} />
            </span>
          </li>
        ))}
    </>
  );
}

/** Addresses that an issuer could not be told. */
export function Accounts({ known }: { known: Issuers | null }) {
  return (
    <>
      {known?.accounts
        .filter((a) => a.why)
        .map((a) => (
          <Note tone="warn" key={a.directory}>
            <p>{t('cert.mail', { host: host(a.directory), email: a.wished || '–' })}</p>
            <p>
              <Said text={a.why ?? ''} />
            </p>
            {a.next && <p>{t('cert.next', { when: when(a.next) })}</p>}
          </Note>
        ))}
    </>
  );
}
