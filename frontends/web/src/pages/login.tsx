import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, post } from '../api';
import { t } from '../i18n';
import { enter, wasLost } from '../session';
import type { Me } from '../types';
import { Button, ErrorBox, Form, Input, Note, Password } from '../ui/basic';
import { Icon } from '../ui/icon';

export function Login() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [wantsCode, setWantsCode] = useState(false);
  const [recovery, setRecovery] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${t('login.title')} · ${t('app')}`;
  }, []);
  const submit = async () => {
    setError(null);
    try {
      const body = { username: name.trim(), password, ...(wantsCode ? { code: code.trim() } : {}) };
      enter((await post<Me>('/api/auth/login', body)).data);
    } catch (e) {
      if (e instanceof ApiError && e.code === 'BADSTATE' && !wantsCode) return setWantsCode(true);
      if (e instanceof ApiError && e.status === 401) return setError(new ApiError(t(wantsCode ? 'login.wrong.code' : 'login.wrong'), 401, 'DENIED', t(wantsCode ? 'login.wrong.code.hint' : 'login.wrong.hint')));
      setError(e);
    }
  };
  return (
    <main class="alone login">
      <div class="brandline">
        <Icon name="cell" size={44} />
        <h1 ref={h1} tabIndex={-1}>
          {t('login.title')}
        </h1>
      </div>
      {wasLost.value && <Note tone="info">{t('login.lost')}</Note>}
      <ErrorBox error={error} />
      <Form onSubmit={submit} class="stack">
        {!wantsCode ? (
          <>
            <Input label={t('login.name')} value={name} onValue={setName} name="username" autoComplete="username" autoCapitalize="off" spellcheck={false} required autofocus />
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
          {wantsCode && (
            <Button look="quiet" onClick={() => (setWantsCode(false), setCode(''), setError(null))}>
              {t('back')}
            </Button>
          )}
          <Button type="submit" look="main">
            {t('login.do')}
          </Button>
        </div>
      </Form>
      <p class="help">{t('login.help')}</p>
    </main>
  );
}
