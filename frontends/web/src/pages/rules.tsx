// What must never be, or always: held by the cell at every change.
import { useState } from 'preact/hooks';
import { enc } from '../api';
import { useChange } from '../change';
import { fieldError, otherError } from '../forms';
import { t } from '../i18n';
import { may } from '../session';
import { assertions, connections, groups, peers, useKept } from '../store';
import type { Assertion } from '../types';
import { Button, Card, Empty, ErrorBox, Form, Input, Loading, Page, Segments, Select, Switch } from '../ui/basic';
import { Icon } from '../ui/icon';
import { grantWord } from '../words';

export function ruleWords(rule: string): string {
  const m = /^(never|always)\s+(\S+)\s*->\s*(\S+)(?:\s+via\s+(\S+))?$/.exec(rule.trim());
  if (!m) return rule;
  const [, how, from = '', to = '', via] = m;
  const who = from === 'peers' ? t('rule.peers') : from.startsWith('group:') ? t('rule.group', { name: from.slice(6) }) : from.replace(/^peer:/, '');
  const args = { who, to: grantWord(to), via: via === 'direct' ? t('exit.direct') : t('home.by', { exit: via ?? '' }) };
  return t(via ? (how === 'never' ? 'rule.never.via' : 'rule.always.via') : how === 'never' ? 'rule.never' : 'rule.always', args);
}

function Add({ onClose }: { onClose: () => void }) {
  const g = useKept(groups).data ?? [];
  const d = useKept(peers).data ?? [];
  const c = useKept(connections).data ?? [];
  const [name, setName] = useState('');
  const [how, setHow] = useState<'never' | 'always'>('never');
  const [from, setFrom] = useState('peers');
  const [to, setTo] = useState('lan');
  const [free, setFree] = useState('');
  const [via, setVia] = useState('');
  const { error, change } = useChange(assertions);
  const goal = to === 'other' ? free.trim() : to;
  const hasWay = to === 'internet' || to === 'other'; // to devices and the home network there is no way but one
  const rule = `${how} ${from} -> ${goal}${via && hasWay ? ` via ${via}` : ''}`;
  const submit = () => change({ title: t('rules.add'), method: 'POST', path: '/api/assertions', body: { name: name.trim(), rule }, intro: <p class="big">{ruleWords(rule)}</p>, done: t('rule.added') }, onClose);
  return (
    <Card title={t('rules.add')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, ['name', 'rule'])} />
        <Segments label={t('rule.how')} value={how} onValue={setHow} options={[{ value: 'never', label: t('rule.how.never') }, { value: 'always', label: t('rule.how.always') }]} />
        <div class="two">
          <Select label={t('rule.from')} value={from} onValue={setFrom} options={[{ value: 'peers', label: t('rule.peers') }, ...g.map((x) => ({ value: `group:${x.name}`, label: t('rule.group', { name: x.name }) })), ...d.slice(0, 500).map((x) => ({ value: x.name, label: x.name }))]} />
          <Select label={t('rule.to')} value={to} onValue={setTo} options={[...['internet', 'lan', 'peers'].map((x) => ({ value: x, label: grantWord(x) })), ...g.map((x) => ({ value: `group:${x.name}`, label: grantWord(`group:${x.name}`) })), { value: 'other', label: t('rule.other') }]} />
        </div>
        {to === 'other' && <Input label={t('grant.add')} help={t('grant.add.help')} value={free} onValue={setFree} placeholder="192.168.1.10:tcp/445" />}
        {hasWay && <Select label={t('rule.via')} value={via} onValue={setVia} options={[{ value: '', label: t('rule.anyway') }, { value: 'direct', label: t('exit.direct') }, ...c.map((x) => ({ value: x.name, label: x.name }))]} />}
        <Input label={t('rule.name')} error={fieldError(error, 'name')} value={name} onValue={setName} autoCapitalize="off" autoComplete="off" required />
        <p class="big" aria-live="polite">
          {ruleWords(rule)}
        </p>
        {fieldError(error, 'rule') && <p class="error">{fieldError(error, 'rule')}</p>}
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

export function Rules() {
  const kept = useKept(assertions);
  const [adding, setAdding] = useState(false);
  const { error, change } = useChange(assertions);
  const canWrite = may('write');
  const about = (a: Assertion) => ({ path: `/api/assertions/${enc(a.name)}`, intro: <p class="big">{ruleWords(a.rule)}</p> });
  const enable = (a: Assertion, enabled: boolean) => change({ ...about(a), title: t('rule.change', { name: a.name }), method: 'PATCH', body: { enabled } });
  const remove = (a: Assertion) => change({ ...about(a), title: t('rule.remove', { name: a.name }), method: 'DELETE', danger: true, save: t('remove') });
  return (
    <Page title={t('nav.rules')} lead={t('rules.lead')} actions={canWrite && !adding ? <Button look="main" icon="plus" onClick={() => setAdding(true)}>{t('rules.add')}</Button> : undefined}>
      <ErrorBox error={error ?? kept.error} />
      {adding && <Add onClose={() => setAdding(false)} />}
      {!kept.data && !kept.error && <Loading />}
      {kept.data?.length === 0 && !adding && (
        <Empty icon="rule" title={t('rules.none')}>
          {t('rules.none.text')}
        </Empty>
      )}
      <ul class="stack plain">
        {kept.data?.map((a) => (
          <li key={a.name} class="card rule">
            <Icon name="rule" size={26} />
            <div class="grow">
              <p class="big">{ruleWords(a.rule)}</p>
              <p class="help">
                {a.name} · <code>{a.rule}</code>
                {a.note && <> · {a.note}</>}
              </p>
              <Switch label={t('rule.enabled')} on={a.enabled} disabled={!canWrite} onSwitch={(on) => enable(a, on)} />
            </div>
            {canWrite && <Button small look="quiet" icon="trash" label={t('rule.remove', { name: a.name })} onClick={() => remove(a)} />}
          </li>
        ))}
      </ul>
    </Page>
  );
}
