import { useEffect, useState } from 'preact/hooks';
import { ApiError, enc, post } from '../api';
import { useChange } from '../change';
import { difference, fieldError, otherError, pick, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { when } from '../format';
import { t } from '../i18n';
import { me } from '../session';
import { tokens, useKept, users } from '../store';
import type { Token, User } from '../types';
import { Badge, Button, Card, Copy, ErrorBox, Form, Input, Loading, Note, Page, Select, useAttempt } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { say } from '../ui/toast';
import { Sessions } from './account';
import { Passkeys } from './passkeys';
import { NewPassword } from './password';

const roles = ['admin', 'operator', 'viewer', 'peer'];
const roleOptions = () => roles.map((r) => ({ value: r, label: `${t(`role.${r}` as 'role.admin')} – ${t(`role.${r}.help` as 'role.admin')}` }));

function UserForm({ user, onClose }: { user: User | null; onClose: () => void }) {
  const all = useFields('user');
  const [name, setName] = useState(user?.name ?? '');
  const [role, setRole] = useState<string>(user?.role ?? 'viewer');
  const [password, setPassword] = useState('');
  const rest = pick(all, role === 'peer' ? ['devices', 'exits', 'enabled', 'note'] : ['enabled', 'note']);
  const before = (user ?? {}) as Record<string, unknown>;
  const [values, setValues] = useState<Values>({});
  const { error, setError, change } = useChange(users);
  useEffect(() => setValues(valuesOf(all.filter((f) => !f.system && !f.secret), before)), [all.length]);
  const submit = () => {
    const body: Record<string, unknown> = difference(rest, before, values);
    if (name.trim() !== (user?.name ?? '')) body.name = name.trim();
    if (role !== user?.role) body.role = role;
    if (!user && !name.trim()) return setError(new ApiError(t('name.wanted'), 422, 'VALUE', '', [{ field: 'name', rule: t('name.wanted') }]));
    if (!user) Object.assign(body, { password, must_change: true });
    if (!Object.keys(body).length) return onClose();
    return change({ title: user ? t('user.change', { name: user.name }) : t('user.add'), method: user ? 'PATCH' : 'POST', path: user ? `/api/users/${enc(user.name)}` : '/api/users', body }, onClose);
  };
  return (
    <Card title={user ? t('user.change', { name: user.name }) : t('user.add')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, ['name', 'role', 'password', ...rest.map((f) => f.name)])} />
        <Input label={t('login.name')} value={name} onValue={setName} error={fieldError(error, 'name')} autoCapitalize="off" autoComplete="off" spellcheck={false} required />
        <Select label={t('user.role')} value={role} onValue={setRole} options={roleOptions()} error={fieldError(error, 'role')} />
        {!user && <NewPassword label={t('user.firstpassword')} value={password} onValue={setPassword} names={[name]} error={fieldError(error, 'password')} />}
        <SchemaForm kind="user" fields={rest} values={values} onValues={setValues} error={error} />
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

function Reset({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const { error, attempt } = useAttempt();
  const save = () =>
    attempt(async () => {
      await post('/api/auth/admin/reset-password', { username: user.name, new_password: password });
      say(t('user.reset.done', { name: user.name }), { tone: 'good' });
      onClose();
    });
  return (
    <Dialog title={t('user.reset', { name: user.name })} onClose={onClose} actions={<><Button look="quiet" onClick={onClose}>{t('cancel')}</Button><Button look="main" disabled={!password} onClick={save}>{t('save')}</Button></>}>
      <p>{t('user.reset.text')}</p>
      <ErrorBox error={otherError(error, ['password', 'new_password'])} />
      <NewPassword label={t('password.new')} value={password} onValue={setPassword} names={[user.name]} error={fieldError(error, 'password') ?? fieldError(error, 'new_password')} />
    </Dialog>
  );
}

const scopes = ['metrics', 'viewer', 'operator', 'admin'];

function TokenForm({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState('viewer');
  const [life, setLife] = useState('90');
  const { error, setError, change } = useChange(tokens);
  const submit = () => {
    if (!name.trim()) return setError(new ApiError(t('name.wanted'), 422, 'VALUE', '', [{ field: 'name', rule: t('name.wanted') }]));
    const body: Record<string, unknown> = { name: name.trim(), scope };
    if (life) body.expires = new Date(Date.now() + Number(life) * 86400000).toISOString().replace(/\.\d+Z/, 'Z');
    return change({ title: t('token.add'), method: 'POST', path: '/api/tokens', body, quietUndo: true }, (done) => onMade(String(done.data.token ?? done.data.secret ?? '')));
  };
  return (
    <Form onSubmit={submit} class="stack inset">
      <ErrorBox error={otherError(error, ['name', 'scope', 'expires'])} />
      <Input label={t('token.name')} help={t('token.name.help')} value={name} onValue={setName} error={fieldError(error, 'name')} autoCapitalize="off" autoComplete="off" required />
      <div class="two">
        <Select label={t('token.scope')} value={scope} onValue={setScope} options={scopes.map((s) => ({ value: s, label: t(`scope.${s}` as 'scope.viewer') }))} error={fieldError(error, 'scope')} />
        <Select label={t('token.life')} value={life} onValue={setLife} options={[...['7', '30', '90', '365'].map((d) => ({ value: d, label: t('n.days', { n: Number(d) }) })), { value: '', label: t('device.forever') }]} error={fieldError(error, 'expires')} />
      </div>
      <div class="actions">
        <Button look="quiet" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button type="submit" look="main">
          {t('review')}
        </Button>
      </div>
    </Form>
  );
}

export function People() {
  const kept = useKept(users);
  const keys = useKept(tokens);
  const [edit, setEdit] = useState<User | 'new' | null>(null);
  const [reset, setReset] = useState<User | null>(null);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState('');
  const { error, change } = useChange(users, tokens);
  const remove = (u: User) => change({ title: t('user.remove', { name: u.name }), method: 'DELETE', path: `/api/users/${enc(u.name)}`, save: t('remove'), danger: true });
  const removeToken = (k: Token) => change({ title: t('token.remove', { name: k.name }), method: 'DELETE', path: `/api/tokens/${enc(k.name)}`, save: t('remove'), danger: true, quietUndo: true });
  return (
    <Page title={t('nav.people')} lead={t('people.lead')} actions={!edit ? <Button look="main" icon="plus" onClick={() => setEdit('new')}>{t('user.add')}</Button> : undefined}>
      <ErrorBox error={error ?? kept.error} />
      {edit && <UserForm key={edit === 'new' ? '' : edit.name} user={edit === 'new' ? null : edit} onClose={() => setEdit(null)} />}
      {edit && edit !== 'new' && <Passkeys key={`${edit.name} passkeys`} user={edit.name} />}
      <Card title={t('people.users')}>
        {!kept.data && !kept.error && <Loading />}
        <ul class="lines">
          {kept.data?.map((u) => (
            <li key={u.name} class="with">
              <span>
                <strong>{u.name}</strong> <Badge tone={u.role === 'admin' ? 'info' : 'idle'}>{t(`role.${u.role}` as 'role.admin')}</Badge> {!u.enabled && <Badge tone="warn">{t('device.disabled')}</Badge>} {u.name === me.value?.username && <Badge tone="good">{t('people.you')}</Badge>}
                <span class="help">{[u.devices?.length ? t('people.owns', { devices: u.devices.join(', ') }) : '', u.note ?? ''].filter(Boolean).join(' · ')}</span>
              </span>
              <span class="actions">
                <Button small icon="settings" look="quiet" label={t('user.change', { name: u.name })} onClick={() => setEdit(u)} />
                <Button small icon="key" look="quiet" label={t('user.reset', { name: u.name })} onClick={() => setReset(u)} />
                <Button small icon="trash" look="quiet" label={t('user.remove', { name: u.name })} onClick={() => remove(u)} />
              </span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title={t('people.tokens')} actions={!adding ? <Button small icon="plus" onClick={() => (setAdding(true), setSecret(''))}>{t('token.add')}</Button> : undefined}>
        <p class="help">{t('token.text')}</p>
        {adding && (
          <TokenForm
            onClose={() => setAdding(false)}
            onMade={(s) => {
              setSecret(s);
              setAdding(false);
            }}
          />
        )}
        {secret && (
          <Note tone="warn" icon="key">
            <p>
              <strong>{t('token.once')}</strong> {t('token.once.text')}
            </p>
            <p>
              <code class="wrap">{secret}</code>
            </p>
            <Copy text={secret} />
          </Note>
        )}
        <ul class="lines">
          {keys.data?.map((k) => (
            <li key={k.name} class="with">
              <span>
                <strong>{k.name}</strong> <Badge>{t(`scope.${k.scope}` as 'scope.viewer')}</Badge>
                <span class="help">
                  {k.user} · {k.expires ? t('token.until', { when: when(k.expires) }) : t('device.forever')}
                </span>
              </span>
              <Button small icon="trash" look="quiet" label={t('token.remove', { name: k.name })} onClick={() => removeToken(k)} />
            </li>
          ))}
        </ul>
        {keys.data?.length === 0 && !adding && <p class="help">{t('token.none')}</p>}
      </Card>
      <Sessions all />
      {reset && <Reset user={reset} onClose={() => setReset(null)} />}
    </Page>
  );
}
