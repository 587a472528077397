import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, post } from '../api';
import { when } from '../format';
import { t } from '../i18n';
import { again, enter, exchanged, me, renew, wasLost } from '../session';
import type { Me } from '../types';
import { Button, ErrorBox, Form, Input, Note, Password } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Elsewhere, PasskeyButton } from './passkeys';

/** Name, password and, when it is wanted, the code. user: who it has to be. */
function LoginForm({ user, label, onIn, onCancel }: { user?: string; label: string; onIn: (who: Me) => void; onCancel?: () => void }) {
  const [name, setName] = useState(user ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [wantsCode, setWantsCode] = useState(false);
  const [recovery, setRecovery] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setError(null);
    try {
      const body = { username: name.trim(), password, ...(wantsCode ? { code: code.trim() } : {}) };
      onIn((await post<Me>('/api/auth/login', body)).data);
    } catch (e) {
      if (e instanceof ApiError && e.code === 'BADSTATE' && !wantsCode) return setWantsCode(true);
      if (e instanceof ApiError && e.status === 401) return setError(new ApiError(t(wantsCode ? 'login.wrong.code' : 'login.wrong'), 401, 'DENIED', t(wantsCode ? 'login.wrong.code.hint' : 'login.wrong.hint')));
      setError(e);
    }
  };
  return (
    <>
      <ErrorBox error={error} />
      <Form onSubmit={submit} class="stack">
        {!wantsCode ? (
          <>
            {user === undefined ? (
              <Input label={t('login.name')} value={name} onValue={setName} name="username" autoComplete="username" autoCapitalize="off" spellcheck={false} required autofocus />
            ) : (
              <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
            )}
            <Password label={t('login.password')} value={password} onValue={setPassword} />
          </>
        ) : (
          <>
            <p>{t(recovery ? 'login.recovery.text' : 'login.code.text')}</p>
            <Input
              key={recovery ? 'r' : 'c'}
              label={t(recovery ? 'login.recovery' : 'login.code')}
              value={code}
              onValue={setCode}
              name="code"
              inputMode={recovery ? 'text' : 'numeric'}
              autoComplete="one-time-code"
              autoCapitalize="off"
              spellcheck={false}
              maxLength={recovery ? 40 : 8}
              required
              autofocus
            />
            <Button look="quiet" small onClick={() => (setRecovery(!recovery), setCode(''))}>
              {t(recovery ? 'login.usecode' : 'login.userecovery')}
            </Button>
          </>
        )}
        <div class="actions">
          {onCancel && (
            <Button look="quiet" onClick={onCancel}>
              {t('cancel')}
            </Button>
          )}
          {wantsCode && (
            <Button look="quiet" onClick={() => (setWantsCode(false), setCode(''), setError(null))}>
              {t('back')}
            </Button>
          )}
          <Button type="submit" look="main">
            {label}
          </Button>
        </div>
      </Form>
      {!wantsCode && <PasskeyButton onIn={onIn} onError={setError} />}
    </>
  );
}

export function Login() {
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${t('login.title')} · ${t('app')}`;
  }, []);
  return (
    <main class="alone login">
      <div class="brandline">
        <Icon name="cell" size={44} />
        <h1 ref={h1} tabIndex={-1}>
          {t('login.title')}
        </h1>
      </div>
      {exchanged.value ? (
        <Note tone="good">
          <strong>{t('login.exchanged', { name: exchanged.value.name, when: when(exchanged.value.created) })}</strong>{' '}
          {exchanged.value.users && (exchanged.value.users.length > 0 ? t('login.exchanged.who', { users: exchanged.value.users.join(', ') }) : t('login.exchanged.nobody'))}
        </Note>
      ) : (
        wasLost.value && <Note tone="info">{t('login.lost')}</Note>
      )}
      <LoginForm label={t('login.do')} onIn={enter} />
      <div class="help">
        <p>{t('login.help')}</p>
        <Elsewhere />
      </div>
    </main>
  );
}

/** Over the page, which stays as it is: who is here says so once more, and what was asked for goes on. */
export function Again() {
  const done = again.value;
  if (!done || !me.value) return null;
  return (
    <Dialog title={t('again.title')} onClose={() => done(false)}>
      <p>{t('again.text')}</p>
      <LoginForm
        user={me.value.username}
        label={t('again.do')}
        onCancel={() => done(false)}
        onIn={(who) => {
          if (who.username !== me.value?.username) return location.reload(); // somebody else's passkey: that is who is here now
          renew(who);
          done(true);
        }}
      />
    </Dialog>
  );
}
