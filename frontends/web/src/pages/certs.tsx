import { useEffect, useState } from 'preact/hooks';
import { ApiError, enc, get, post } from '../api';
import { useChange } from '../change';
import { difference, fieldError, otherError, pick, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { when } from '../format';
import { t } from '../i18n';
import { me } from '../session';
import { authority, certificates, useKept } from '../store';
import type { Asking, Authority, Certificate } from '../types';
import { Badge, Button, Card, Copy, ErrorBox, Facts, Form, Input, Loading, Note, Page, saveFile, useAttempt } from '../ui/basic';
import { say } from '../ui/toast';
import { Accounts, AskingBadge, AskingText, Removed, useAsking } from './certs-public';

const may = (...roles: string[]) => roles.includes(me.value?.role ?? '');
const spaced = (hex: string) => hex.toUpperCase().match(/.{1,4}/g)?.join(' ') ?? hex;

function CertForm({ onClose, onMade }: { onClose: () => void; onMade: (name: string) => Promise<void> }) {
  const rest = pick(useFields('certificate'), ['names', 'days', 'key_mode', 'note']);
  const [name, setName] = useState('');
  const [values, setValues] = useState<Values>(() => valuesOf(rest, {}));
  const { error, setError, change } = useChange(certificates);
  const submit = () => {
    if (!name.trim()) return setError(new ApiError(t('name.wanted'), 422, 'VALUE', '', [{ field: 'name', rule: t('name.wanted') }]));
    return change({ title: t('cert.add'), method: 'POST', path: '/api/certificates', body: { ...difference(rest, {}, values), name: name.trim() } }, () => onMade(name.trim()));
  };
  return (
    <Card title={t('cert.add')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, ['name', ...rest.map((f) => f.name)])} />
        <Input label={t('cert.name')} help={t('cert.name.help')} value={name} onValue={setName} error={fieldError(error, 'name')} autoCapitalize="off" autoComplete="off" spellcheck={false} required />
        <SchemaForm kind="certificate" fields={rest} values={values} onValues={setValues} error={error} />
        <div class="actions">
          <Button look="quiet" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" look="main">
            {t('review')}
          </Button>
        </div>
      </Form>
    </Card>
  );
}

function Root({ root }: { root: Authority }) {
  const { error, attempt } = useAttempt();
  const [sure, setSure] = useState(false);
  const rotate = () =>
    attempt(async () => {
      await post('/api/ca/rotate');
      setSure(false);
      say(t('ca.rotated'), { tone: 'good' });
      await Promise.all([authority.load(true), certificates.load(true)]);
    });
  return (
    <Card title={t('ca.title')}>
      <ErrorBox error={error} />
      <p class="help">{t('ca.text')}</p>
      <Facts
        rows={[
          [t('ca.name'), root.subject],
          [t('ca.until'), when(root.not_after)],
          [t('ca.scope'), [...root.zones, ...root.networks].join(', ')],
          [t('ca.fingerprint'), <code class="wrap">{spaced(root.fingerprint)}</code>],
        ]}
      />
      {root.former && (
        <Note tone="warn" icon="key">
          {t('ca.former', { when: when(root.former.until) })}
        </Note>
      )}
      {!root.fits && <Note tone="info">{t('ca.unfit')}</Note>}
      <div class="actions">
        <a class="button main" href="/trust" target="_blank" rel="noreferrer">
          {t('ca.trust')}
        </a>
        {may('admin') && !sure && (
          <Button look="quiet" onClick={() => setSure(true)}>
            {t('ca.rotate')}
          </Button>
        )}
      </div>
      {sure && (
        <Note tone="warn">
          <p>{t('ca.rotate.text')}</p>
          <div class="actions">
            <Button look="quiet" onClick={() => setSure(false)}>
              {t('cancel')}
            </Button>
            <Button look="main" onClick={rotate}>
              {t('ca.rotate')}
            </Button>
          </div>
        </Note>
      )}
    </Card>
  );
}

interface Front {
  wished: boolean;
  ready: boolean;
  serving: boolean;
  url: string | null;
  trust: string | null;
  addresses: string[];
  not_after: string | null;
  trouble: string | null;
  hint: string | null;
}

/* How devices reach this page with a lock. */
function Https() {
  const [front, setFront] = useState<Front | null>(null);
  useEffect(() => {
    get<Front>('/api/front').then(
      (r) => setFront(r.data),
      () => setFront(null),
    );
  }, []);
  if (!front) return null;
  return (
    <Card title={t('front.title')}>
      <p class="help">{t('front.text')}</p>
      {!front.wished && <Note tone="info">{t('front.off')}</Note>}
      {front.wished && !front.ready && <Note tone="info">{t('front.waits')}</Note>}
      {front.ready && !front.serving && (
        <Note tone="warn">
          <p>{front.trouble ?? t('front.down')}</p>
          {front.hint && <p>{front.hint}</p>}
        </Note>
      )}
      {front.ready && (
        <Facts
          rows={[
            [t('front.url'), <code class="wrap">{front.url}</code>],
            [t('front.addresses'), front.addresses.join(', ')],
            [t('front.trust'), <code class="wrap">{front.trust}</code>],
            ...(front.not_after ? [[t('front.until'), when(front.not_after)] as [string, string]] : []),
          ]}
        />
      )}
    </Card>
  );
}

/* One of the cell's own CA, or one of which nothing else is known. */
function State({ c, left }: { c: Certificate; left: number }) {
  if (c.revoked) return <Badge tone="bad">{t('cert.revoked')}</Badge>;
  if (!c.not_after) return <Badge tone="warn">{t('cert.waits')}</Badge>;
  return left < 0 ? <Badge tone="bad">{t('cert.ended')}</Badge> : <Badge tone="good">{t('cert.good')}</Badge>;
}

function Line({ c, a, act }: { c: Certificate; a?: Asking; act: (what: 'renew' | 'revoke' | 'remove' | 'pem' | 'key') => void }) {
  const left = c.not_after ? Date.parse(c.not_after) - Date.now() : 0;
  return (
    <li class="with wide">
      <span>
        <strong>{c.name}</strong> {a && (a.state !== 'good' || left > 0) ? <AskingBadge a={a} good={left > 0} /> : <State c={c} left={left} />}
        <span class="help">{[c.subjects?.join(', ') ?? '', c.not_after ? t('cert.until', { when: when(c.not_after) }) : '', c.note ?? ''].filter(Boolean).join(' · ')}</span>
        {a && <AskingText a={a} good={left > 0} />}
      </span>
      <span class="actions">
        {c.not_after && <Button small icon="download" look="quiet" label={t('cert.download', { name: c.name })} onClick={() => act('pem')} />}
        {may('admin') && c.not_after && !c.revoked && (c.key_mode === 'kept' || !c.key_shown) && <Button small icon="key" look="quiet" label={t('cert.key', { name: c.name })} onClick={() => act('key')} />}
        {may('admin', 'operator') && !c.revoked && <Button small icon="refresh" look="quiet" label={t('cert.renew', { name: c.name })} onClick={() => act('renew')} />}
        {may('admin', 'operator') && !c.revoked && <Button small icon="close" look="quiet" label={t('cert.revoke', { name: c.name })} onClick={() => act('revoke')} />}
        {may('admin', 'operator') && <Button small icon="trash" look="quiet" label={t('cert.remove', { name: c.name })} onClick={() => act('remove')} />}
      </span>
    </li>
  );
}

/** What is asked of who removes one that its issuer could still withdraw. */
const revokes = (c: Certificate) => (c.issuer === 'acme' && c.not_after && !c.revoked && Date.parse(c.not_after) > Date.now() ? { label: t('cert.withdraw'), query: 'revoke' } : undefined);

export function Certs() {
  const kept = useKept(certificates);
  const root = useKept(authority);
  const known = useAsking(kept.data);
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<{ name: string; pem: string } | null>(null);
  const { error, setError, attempt, change } = useChange(certificates);
  const key = async (name: string) => {
    const reply = await post<{ pem: string }>(`/api/certificates/${enc(name)}/key`);
    setShown({ name, pem: reply.data.pem });
    await certificates.load(true);
  };
  const act = (c: Certificate) => async (what: 'renew' | 'revoke' | 'remove' | 'pem' | 'key') => {
    const path = `/api/certificates/${enc(c.name)}`;
    if (what === 'revoke') return void change({ title: t('cert.revoke', { name: c.name }), method: 'PATCH', path, body: { revoked: true }, save: t('cert.revoke', { name: c.name }), danger: true, quietUndo: true });
    if (what === 'remove') return void change({ title: t('cert.remove', { name: c.name }), method: 'DELETE', path, save: t('remove'), danger: true, option: revokes(c) });
    await attempt(async () => {
      if (what === 'key') await key(c.name);
      if (what === 'pem') saveFile(`${c.name}.pem`, await (await fetch(`${path}/pem`)).text());
      if (what === 'renew') {
        await post(`${path}/renew`);
        say(t(c.issuer === 'acme' ? 'cert.asked' : 'cert.renewed', { name: c.name }), { tone: 'good' });
      }
      await certificates.load(true);
    });
  };
  const made = async (name: string) => {
    setAdding(false);
    if (may('admin'))
      try {
        await key(name);
      } catch (e) {
        setError(e);
      }
  };
  return (
    <Page title={t('nav.certs')} lead={t('cert.lead')} actions={may('admin', 'operator') && !adding ? <Button look="main" icon="plus" onClick={() => (setAdding(true), setShown(null))}>{t('cert.add')}</Button> : undefined}>
      <ErrorBox error={error ?? kept.error ?? root.error} />
      {adding && <CertForm onClose={() => setAdding(false)} onMade={made} />}
      {shown && (
        <Note tone="warn" icon="key">
          <p>
            <strong>{t('cert.once', { name: shown.name })}</strong> {t('cert.once.text')}
          </p>
          <p>
            <code class="wrap">{shown.pem}</code>
          </p>
          <div class="actions">
            <Copy text={shown.pem} />
            <Button icon="download" onClick={() => saveFile(`${shown.name}.pem`, shown.pem)}>
              {t('download')}
            </Button>
          </div>
        </Note>
      )}
      <Card title={t('cert.list')}>
        {!kept.data && !kept.error && <Loading />}
        <ul class="lines">
          {kept.data?.map((c) => (
            <Line key={c.name} c={c} a={known?.certificates.find((a) => a.name === c.name)} act={act(c)} />
          ))}
          <Removed known={known} certs={kept.data ?? []} />
        </ul>
        {kept.data?.length === 0 && <p class="help">{t('cert.none')}</p>}
        <Accounts known={known} />
      </Card>
      {root.data && <Root root={root.data} />}
      <Https />
    </Page>
  );
}

