// A device with its code in one step: name it, say what it may reach, scan.
import { useEffect, useState } from 'preact/hooks';
import { Access } from '../access';
import { ApiError, enc, post } from '../api';
import { make, Meanings, planOf, type Proposal } from '../change';
import { ConfigView } from '../config';
import { fieldError, otherError, refOptions } from '../forms';
import { t } from '../i18n';
import { href } from '../router';
import { may } from '../session';
import { connections, groups, useKept } from '../store';
import type { Plan, Shown } from '../types';
import { Button, ButtonLink, Card, Check, ErrorBox, Form, Input, Note, Page, Select } from '../ui/basic';

const shownFields = ['name', 'access', 'exit', 'groups', 'expires'];

const days = ['', '1', '7', '30', '365'];

export function DeviceForm(p: { onMade: (name: string, shown: Shown | null) => void; simple?: boolean }) {
  const g = useKept(groups).data ?? [];
  const c = useKept(connections).data ?? [];
  const [name, setName] = useState('');
  const [access, setAccess] = useState<string[]>(['internet']);
  const [member, setMember] = useState<string[]>([]);
  const [exit, setExit] = useState('');
  const [life, setLife] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [plan, setPlan] = useState<Plan | null>(null);

  const body: Record<string, unknown> = { name: name.trim(), access };
  if (member.length) body.groups = member;
  if (exit) body.exit = exit;
  if (life) body.expires = new Date(Date.now() + Number(life) * 86400000).toISOString().replace(/\.\d+Z/, 'Z');
  const proposal: Proposal = { title: '', method: 'POST', path: '/api/peers', body, done: t('device.added', { name: name.trim() }) };
  const text = JSON.stringify(body);
  useEffect(() => {
    setPlan(null);
    if (!/^[A-Za-z0-9._-]{1,63}$/.test(name.trim())) return;
    let gone = false;
    const timer = setTimeout(() => {
      planOf(proposal).then(
        (next) => {
          if (!gone) (setPlan(next), setError(null));
        },
        (e) => {
          if (!gone) setError(e);
        },
      );
    }, 350);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text]);

  const submit = async () => {
    setError(null);
    if (!name.trim()) return setError(new ApiError(t('name.wanted'), 422, 'VALUE', '', [{ field: 'name', rule: t('name.wanted') }]));
    try {
      await make(proposal);
    } catch (e) {
      setError(e);
      return;
    }
    if (!may('secrets')) return p.onMade(name.trim(), null);
    try {
      p.onMade(name.trim(), (await post<Shown>(`/api/peers/${enc(name.trim())}/config`, { qr: 'svg' })).data);
    } catch (e) {
      setError(e); // it is there, but could not be shown: its page can do so later
    }
  };
  return (
    <Form onSubmit={submit} class="stack">
      <ErrorBox error={otherError(error, shownFields)} />
      <Input label={t('device.name')} help={t('device.name.help')} error={fieldError(error, 'name')} value={name} onValue={setName} maxLength={63} autoCapitalize="off" autoComplete="off" spellcheck={false} required autofocus />
      <fieldset class="group">
        <legend>{t('device.may')}</legend>
        <Access value={access} onValue={setAccess} error={fieldError(error, 'access')} />
        {!p.simple && g.length > 0 && (
          <div class="checks" role="group" aria-label={t('nav.groups')}>
            {g.map((x) => (
              <Check key={x.name} label={t('grant.ingroup', { name: x.name })} on={member.includes(x.name)} onCheck={(on) => setMember(on ? [...member, x.name] : member.filter((m) => m !== x.name))} />
            ))}
          </div>
        )}
      </fieldset>
      {!p.simple && (
        <div class="two">
          {c.length > 0 && <Select label={t('device.exit')} help={t('device.exit.help')} error={fieldError(error, 'exit')} value={exit} onValue={setExit} options={refOptions({ ref: 'connection', choices: ['direct'] }, c.map((x) => x.name), t('exit.asgroup'))} />}
          <Select label={t('device.life')} error={fieldError(error, 'expires')} value={life} onValue={setLife} options={days.map((d) => ({ value: d, label: d ? t('n.days', { n: Number(d) }) : t('device.forever') }))} />
        </div>
      )}
      <div class="preview" aria-live="polite">
        {plan && (
          <>
            <h2>{t('plan.willmean')}</h2>
            {plan.meaning.length ? <Meanings plan={plan} /> : <p class="calm">{t('device.nothing')}</p>}
          </>
        )}
      </div>
      <div class="actions">
        <Button type="submit" look="main" icon="qr">
          {t(may('secrets') ? 'device.make' : 'device.makeonly')}
        </Button>
      </div>
    </Form>
  );
}

export function AddDevice() {
  const [made, setMade] = useState<{ name: string; shown: Shown | null } | null>(null);
  return (
    <Page title={made ? t('device.ready', { name: made.name }) : t('devices.add')} back={{ to: '#/devices', label: t('nav.devices') }}>
      {!made ? (
        <Card>
          <DeviceForm onMade={(name, shown) => {
            setMade({ name, shown });
            requestAnimationFrame(() => document.querySelector<HTMLElement>('main h1')?.focus());
          }} />
        </Card>
      ) : (
        <Card>
          {made.shown ? <ConfigView name={made.name} shown={made.shown} /> : <Note>{t('device.asksecret')}</Note>}
          <div class="actions">
            <ButtonLink to={href('devices', made.name)} look="main">
              {t('device.open', { name: made.name })}
            </ButtonLink>
            <Button icon="plus" onClick={() => setMade(null)}>
              {t('device.another')}
            </Button>
          </div>
        </Card>
      )}
    </Page>
  );
}
