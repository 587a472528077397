import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, get, post } from '../api';
import { fieldError, otherError } from '../forms';
import { when } from '../format';
import { lang, languages, setLang, t, type Lang } from '../i18n';
import { logout, me } from '../session';
import { applyTheme, theme, type Theme } from '../theme';
import type { Me } from '../types';
import { Badge, Button, Card, Copy, ErrorBox, Form, Input, Loading, Note, Page, Password, Segments, Time, saveFile, useAttempt } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { Qr } from '../ui/qr';
import { say } from '../ui/toast';
import { Passkeys } from './passkeys';
import { NewPassword } from './password';

export function ChangePassword({ onDone }: { onDone?: () => void }) {
  const [now, setNow] = useState('');
  const [next, setNext] = useState('');
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setError(null);
    try {
      const peer = me.value?.role === 'peer';
      await post(peer ? '/api/peer/password' : '/api/auth/change-password', { current_password: now, new_password: next });
      setNow('');
      setNext('');
      say(t('password.changed'), { tone: 'good', detail: t('password.others') });
      if (me.value) me.value = { ...me.value, must_change: false };
      onDone?.();
    } catch (e) {
      setError(e instanceof ApiError && e.code === 'DENIED' ? new ApiError(t('password.wrong'), e.status, e.code, e.hint) : e);
    }
  };
  const bad = fieldError(error, 'new_password') ?? fieldError(error, 'password');
  return (
    <Form onSubmit={submit} class="stack">
      <ErrorBox error={otherError(error, ['new_password', 'password', 'current_password'])} />
      <input type="text" name="username" autoComplete="username" value={me.value?.username} readOnly hidden />
      <Password label={t('password.now')} value={now} onValue={setNow} error={fieldError(error, 'current_password')} />
      <NewPassword label={t('password.new')} value={next} onValue={setNext} names={[me.value?.username ?? '']} error={bad} />
      <div class="actions">
        <Button type="submit" look="main" disabled={!now || !next}>
          {t('password.change')}
        </Button>
      </div>
    </Form>
  );
}

export function MustChangePage() {
  return (
    <main class="alone">
      <h1 tabIndex={-1}>{t('must.title')}</h1>
      <p>{t('must.text')}</p>
      <ChangePassword />
      <Button look="quiet" icon="logout" onClick={logout}>
        {t('logout')}
      </Button>
    </main>
  );
}

interface Offer {
  secret: string;
  uri: string;
  qr: string | null;
}

function Totp() {
  const on = !!me.value?.totp;
  const [offer, setOffer] = useState<Offer | null>(null);
  const [code, setCode] = useState('');
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const { error, setError, attempt } = useAttempt();
  const [ask, setAsk] = useState(false);
  const start = async () => {
    setError(null);
    setOffer((await post<Offer>('/api/auth/totp')).data);
  };
  const confirm = () =>
    attempt(async () => {
      const { data } = await post<{ recovery: string[] }>('/api/auth/totp/confirm', { secret: offer?.secret, code: code.trim() });
      setRecovery(data.recovery);
      setOffer(null);
      setCode('');
      if (me.value) me.value = { ...me.value, totp: true };
    });
  const off = async () => {
    await call('DELETE', '/api/auth/totp');
    setAsk(false);
    if (me.value) me.value = { ...me.value, totp: false };
    say(t('totp.isoff'), { tone: 'good' });
  };
  return (
    <Card title={t('totp.title')} actions={<Badge tone={on ? 'good' : 'idle'}>{t(on ? 'totp.on' : 'totp.off')}</Badge>}>
      {recovery ? (
        <>
          <Note tone="warn" icon="key">
            <strong>{t('totp.recovery')}</strong> {t('totp.recovery.text')}
          </Note>
          <ul class="codes">
            {recovery.map((c) => (
              <li key={c}>
                <code>{c}</code>
              </li>
            ))}
          </ul>
          <div class="actions">
            <Button icon="download" look="main" onClick={() => saveFile('recovery-codes.txt', recovery.join('\n') + '\n')}>
              {t('download')}
            </Button>
            <Copy text={recovery.join('\n')} />
            <Button onClick={() => setRecovery(null)}>{t('totp.kept')}</Button>
          </div>
        </>
      ) : offer ? (
        <div class="two">
          <div>{offer.qr && <Qr svg={offer.qr} label={t('totp.qr')} />}</div>
          <Form onSubmit={confirm} class="stack">
            <ol class="howto">
              <li>{t('totp.step1')}</li>
              <li>{t('totp.step2')}</li>
            </ol>
            <details>
              <summary>{t('totp.byhand')}</summary>
              <code class="wrap" data-secret>
                {offer.secret}
              </code>
            </details>
            <ErrorBox error={otherError(error, ['code'])} />
            <Input label={t('login.code')} value={code} onValue={setCode} inputMode="numeric" autoComplete="one-time-code" maxLength={8} error={fieldError(error, 'code')} required />
            <div class="actions">
              <Button look="quiet" onClick={() => setOffer(null)}>
                {t('cancel')}
              </Button>
              <Button type="submit" look="main">
                {t('totp.confirm')}
              </Button>
            </div>
          </Form>
        </div>
      ) : (
        <>
          <p>{t(on ? 'totp.on.text' : 'totp.text')}</p>
          <ErrorBox error={error} />
          <div class="actions">
            <Button icon="shield" look={on ? 'plain' : 'main'} onClick={start}>
              {t(on ? 'totp.renew' : 'totp.start')}
            </Button>
            {on && (
              <Button look="danger" onClick={() => setAsk(true)}>
                {t('totp.stop')}
              </Button>
            )}
          </div>
        </>
      )}
      {ask && (
        <Dialog title={t('totp.stop')} onClose={() => setAsk(false)} actions={<><Button look="quiet" onClick={() => setAsk(false)}>{t('cancel')}</Button><Button look="danger" onClick={off}>{t('totp.stop')}</Button></>}>
          <p>{t('totp.stop.text')}</p>
        </Dialog>
      )}
    </Card>
  );
}

interface Session {
  id: number;
  user: string | null;
  role: string;
  created: string;
  seen: string;
  until: string;
  address: string | null;
  agent: string | null;
}

export const browser = (agent: string | null): string => {
  const a = agent ?? '';
  const what = /Firefox/.test(a) ? 'Firefox' : /Edg\//.test(a) ? 'Edge' : /Chrom/.test(a) ? 'Chrome' : /Safari/.test(a) ? 'Safari' : a.slice(0, 40) || '?';
  const where = /iPhone|iPad/.test(a) ? 'iOS' : /Android/.test(a) ? 'Android' : /Windows/.test(a) ? 'Windows' : /Mac OS/.test(a) ? 'macOS' : /Linux/.test(a) ? 'Linux' : '';
  return [what, where].filter(Boolean).join(' · ');
};

export function Sessions({ all }: { all?: boolean }) {
  const [rows, setRows] = useState<Session[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = () => get<Session[]>(`/api/auth/sessions${all ? '' : `?user=${encodeURIComponent(me.value?.username ?? '')}`}`).then((r) => setRows(r.data), setError);
  useEffect(() => void load(), []);
  const end = async (s: Session) => {
    if (s.id === me.value?.id) return logout();
    await call('DELETE', `/api/auth/sessions/${s.id}`);
    say(t('session.ended'), { tone: 'good' });
    await load();
  };
  return (
    <Card title={t(all ? 'session.all' : 'session.title')}>
      <ErrorBox error={error} />
      {!rows && !error && <Loading />}
      <ul class="lines">
        {rows?.map((s) => (
          <li key={s.id} class="with session">
            <span>
              <strong>{all ? `${s.user ?? '–'} · ` : ''}{browser(s.agent)}</strong> {s.id === me.value?.id && <Badge tone="good">{t('session.this')}</Badge>}
              <span class="help">
                {s.address} · {t('session.seen')} <Time at={s.seen} /> · {t('session.until', { when: when(s.until) })}
              </span>
            </span>
            <Button small onClick={() => end(s)} label={t('session.end.of', { what: browser(s.agent) })}>
              {t('session.end')}
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function Appearance() {
  return (
    <Card title={t('look.title')}>
      <div class="stack">
        <Segments<Theme> label={t('look.theme')} value={theme.value} onValue={applyTheme} options={[{ value: 'auto', label: t('look.auto') }, { value: 'light', label: t('look.light') }, { value: 'dark', label: t('look.dark') }]} />
        <Segments<Lang> label={t('look.lang')} value={lang.value} onValue={(v) => void setLang(v)} options={(Object.keys(languages) as Lang[]).map((l) => ({ value: l, label: languages[l] }))} />
      </div>
    </Card>
  );
}

export function Account() {
  const who = me.value as Me;
  return (
    <Page title={t('nav.account')} lead={t('account.lead', { name: who.username, role: t(`role.${who.role}` as 'role.admin') })} actions={<Button icon="logout" onClick={logout}>{t('logout')}</Button>}>
      <Card title={t('password.title')}>
        <ChangePassword />
      </Card>
      <Totp />
      <Passkeys user={who.username} suggested={browser(navigator.userAgent)} />
      <Sessions />
      <Appearance />
    </Page>
  );
}
