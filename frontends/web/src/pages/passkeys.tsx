import { useEffect, useState } from 'preact/hooks';
import { call, get } from '../api';
import { fieldError, otherError } from '../forms';
import { day } from '../format';
import { t } from '../i18n';
import * as passkey from '../passkey';
import { Badge, Button, Card, ErrorBox, Form, Input, Loading, Note, Time, useAttempt } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { say } from '../ui/toast';

interface Passkey {
  id: number;
  user: string;
  name: string;
  page: string;
  created: string;
  used: string | null;
  suspect: string | null;
}

/** Where a passkey cannot be used: why, and how to get to where it can. */
export function Elsewhere() {
  const why = passkey.can();
  const link = passkey.byName();
  if (why === 'yes') return null;
  return (
    <p>
      {t(why === 'old' ? 'passkey.old' : link ? 'passkey.address' : 'passkey.unsafe')} {link && <a href={link}>{link}</a>}
    </p>
  );
}

/** One that logs in; nothing where it cannot be. */
export function PasskeyButton({ onIn, onError }: { onIn: (who: Awaited<ReturnType<typeof passkey.login>>) => void; onError: (e: unknown) => void }) {
  if (passkey.can() !== 'yes') return null;
  const enter = async () => {
    onError(null);
    try {
      onIn(await passkey.login());
    } catch (e) {
      onError(e);
    }
  };
  return (
    <Button icon="key" onClick={enter}>
      {t('passkey.login')}
    </Button>
  );
}

function Naming({ was, suggested, onDone, onClose }: { was?: Passkey; suggested: string; onDone: () => unknown; onClose: () => void }) {
  const [name, setName] = useState(was?.name ?? suggested);
  const { error, attempt } = useAttempt();
  const submit = () =>
    attempt(async () => {
      if (was) await call('PATCH', `/api/auth/passkeys/${was.id}`, { name: name.trim() });
      else await passkey.add(name.trim());
      onClose();
      await onDone();
    });
  return (
    <Dialog title={t(was ? 'passkey.rename' : 'passkey.add')} onClose={onClose}>
      <Form onSubmit={submit} class="stack">
        {!was && <p>{t('passkey.add.text')}</p>}
        <ErrorBox error={otherError(error, ['name'])} />
        <Input label={t('passkey.name')} help={t('passkey.name.help')} value={name} onValue={setName} maxLength={64} error={fieldError(error, 'name')} required autofocus />
        <div class="actions">
          <Button look="quiet" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" look="main" disabled={!name.trim()}>
            {t(was ? 'passkey.rename.do' : 'passkey.add.do')}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

function Row({ p, onRename, onRemove }: { p: Passkey; onRename: () => void; onRemove: () => void }) {
  return (
    <li class="with session">
      <span>
        <strong>{p.name}</strong> {p.suspect && <Badge tone="bad">{t('passkey.suspect')}</Badge>}
        <span class="help">
          {p.page} · {t('passkey.created', { when: day(p.created) })} · {t('passkey.used')} <Time at={p.used} />
        </span>
        {p.suspect && <span class="help">{t('passkey.suspect.text')}</span>}
      </span>
      <span class="actions">
        <Button small onClick={onRename} label={t('passkey.rename.of', { name: p.name })}>
          {t('passkey.rename')}
        </Button>
        <Button small look="danger" onClick={onRemove} label={t('passkey.remove.of', { name: p.name })}>
          {t('passkey.remove')}
        </Button>
      </span>
    </li>
  );
}

/** suggested: the name of a new one; without it these are somebody else's, and only shown where there are any. */
export function Passkeys({ user, suggested }: { user: string; suggested?: string }) {
  const [rows, setRows] = useState<Passkey[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [naming, setNaming] = useState<Passkey | 'new' | null>(null);
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  const load = () => get<Passkey[]>(`/api/auth/passkeys?user=${encodeURIComponent(user)}`).then((r) => setRows(r.data), setError);
  useEffect(() => void load(), []);
  const remove = async () => {
    if (!leaving) return;
    await call('DELETE', `/api/auth/passkeys/${leaving.id}`);
    setLeaving(null);
    say(t('passkey.removed', { name: leaving.name }), { tone: 'good' });
    await load();
  };
  const own = suggested !== undefined;
  if (!own && !rows?.length) return null;
  return (
    <Card title={own ? t('passkey.title') : t('passkey.title.of', { name: user })}>
      {own && <p>{t('passkey.text')}</p>}
      <ErrorBox error={error} />
      {!rows && !error && <Loading />}
      {!!rows?.length && (
        <ul class="lines">
          {rows.map((p) => (
            <Row key={p.id} p={p} onRename={() => setNaming(p)} onRemove={() => setLeaving(p)} />
          ))}
        </ul>
      )}
      {!own ? null : passkey.can() === 'yes' ? (
        <div class="actions">
          <Button icon="key" look={rows?.length ? 'plain' : 'main'} onClick={() => setNaming('new')}>
            {t('passkey.add')}
          </Button>
        </div>
      ) : (
        <Note icon="info">
          <Elsewhere />
        </Note>
      )}
      {naming && <Naming was={naming === 'new' ? undefined : naming} suggested={suggested ?? ''} onDone={load} onClose={() => setNaming(null)} />}
      {leaving && (
        <Dialog
          title={t('passkey.remove.of', { name: leaving.name })}
          onClose={() => setLeaving(null)}
          actions={
            <>
              <Button look="quiet" onClick={() => setLeaving(null)}>
                {t('cancel')}
              </Button>
              <Button look="danger" onClick={remove}>
                {t('passkey.remove')}
              </Button>
            </>
          }
        >
          <p>{t('passkey.remove.text')}</p>
        </Dialog>
      )}
    </Card>
  );
}
