import { useState } from 'preact/hooks';
import { Access } from '../access';
import { enc } from '../api';
import { useChange } from '../change';
import { fieldError, otherError, refOptions } from '../forms';
import { t } from '../i18n';
import { go, href, route } from '../router';
import { may } from '../session';
import { connections, groups, peers, useKept } from '../store';
import { Button, Card, Choice, Empty, ErrorBox, Form, Input, Loading, Page } from '../ui/basic';
import { Icon } from '../ui/icon';
import { grantWord } from '../words';

function Add({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [access, setAccess] = useState<string[]>([]);
  const [note, setNote] = useState('');
  const { error, change } = useChange(groups);
  const submit = () => {
    const body = { name: name.trim(), ...(access.length ? { access } : {}), ...(note.trim() ? { note: note.trim() } : {}) };
    return change({ title: t('groups.add'), method: 'POST', path: '/api/groups', body, done: t('group.added', { name: name.trim() }) }, onClose);
  };
  return (
    <Card title={t('groups.add')}>
      <Form onSubmit={submit} class="stack">
        <ErrorBox error={otherError(error, ['name', 'access', 'note'])} />
        <Input label={t('group.name')} value={name} onValue={setName} error={fieldError(error, 'name')} autoCapitalize="off" autoComplete="off" spellcheck={false} required autofocus />
        <Input label={t('field.note')} value={note} onValue={setNote} error={fieldError(error, 'note')} />
        <Access value={access} onValue={setAccess} error={fieldError(error, 'access')} />
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

export function Groups() {
  const kept = useKept(groups);
  const d = useKept(peers).data ?? [];
  const [adding, setAdding] = useState(false);
  const count = new Map<string, number>();
  for (const p of d) for (const g of p.groups ?? []) count.set(g, (count.get(g) ?? 0) + 1);
  return (
    <Page title={t('nav.groups')} lead={t('groups.lead')} actions={may('write') && !adding ? <Button look="main" icon="plus" onClick={() => setAdding(true)}>{t('groups.add')}</Button> : undefined}>
      <ErrorBox error={kept.error} retry={() => groups.load()} />
      {adding && <Add onClose={() => setAdding(false)} />}
      {!kept.data && !kept.error && <Loading />}
      {kept.data?.length === 0 && !adding && (
        <Empty icon="groups" title={t('groups.none')}>
          {t('groups.none.text')}
        </Empty>
      )}
      {!!kept.data?.length && (
        <ul class="tiles">
          {kept.data.map((g) => (
            <li key={g.name}>
              <a class="tile" href={href('groups', g.name)}>
                <span class="title">
                  <Icon name="groups" /> {g.name}
                </span>
                <span class="text">{(g.access ?? []).map(grantWord).join(' · ') || t('grant.nothing')}</span>
                <span class="foot">
                  {t('n.devices', { n: count.get(g.name) ?? 0 })}
                  {g.exit && <> · {t('home.by', { exit: g.exit })}</>}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

export function GroupPage() {
  const name = route.value.parts[1] ?? '';
  const kept = useKept(groups);
  const c = useKept(connections).data ?? [];
  const d = useKept(peers).data ?? [];
  const { error, change } = useChange(groups);
  const membership = useChange(peers);
  const [seek, setSeek] = useState('');
  const [newName, setNewName] = useState<string | null>(null);
  const g = kept.data?.find((x) => x.name === name);
  const canWrite = may('write');
  if (!g)
    return (
      <Page title={name} back={{ to: '#/groups', label: t('nav.groups') }}>
        {kept.data ? <Empty icon="search" title={t('lost.text')} /> : <Loading />}
      </Page>
    );
  const path = `/api/groups/${enc(name)}`;
  const patch = (body: Record<string, unknown>) => change({ title: t('group.change', { name }), method: 'PATCH', path, body }, () => typeof body.name === 'string' && go(href('groups', body.name), true));
  const member = (device: string, join: boolean) => {
    const p = d.find((x) => x.name === device);
    const next = join ? [...(p?.groups ?? []), name] : (p?.groups ?? []).filter((x) => x !== name);
    return membership.change({ title: t(join ? 'group.join' : 'group.leave', { name, device }), method: 'PATCH', path: `/api/peers/${enc(device)}`, body: { groups: next.length ? next : null } });
  };
  const remove = () => change({ title: t('group.remove', { name }), method: 'DELETE', path, save: t('remove'), danger: true, done: t('group.removed', { name }) }, () => go('#/groups'));
  const members = d.filter((p) => p.groups?.includes(name));
  const others = seek ? d.filter((p) => !p.groups?.includes(name) && p.name.toLowerCase().includes(seek.toLowerCase())).slice(0, 12) : [];
  return (
    <Page
      title={name}
      lead={g.note ?? undefined}
      back={{ to: '#/groups', label: t('nav.groups') }}
      wide
      actions={
        canWrite ? (
          <>
            <Button icon="settings" onClick={() => setNewName(newName === null ? name : null)} expanded={newName !== null}>
              {t('rename')}
            </Button>
            <Button icon="trash" look="danger" onClick={remove}>
              {t('remove')}
            </Button>
          </>
        ) : undefined
      }
    >
      <ErrorBox error={membership.error ?? otherError(error, ['name', 'access'])} />
      {newName !== null && (
        <Card>
          <Form onSubmit={() => patch({ name: newName.trim() })} class="stack">
            <Input label={t('group.name')} value={newName} onValue={setNewName} error={fieldError(error, 'name')} autoCapitalize="off" />
            <div class="actions">
              <Button type="submit" look="main">
                {t('review')}
              </Button>
            </div>
          </Form>
        </Card>
      )}
      <div class="grid">
        <Card title={t('group.may')}>
          <Access value={g.access} disabled={!canWrite} onValue={(access) => patch({ access: access.length ? access : null })} error={fieldError(error, 'access')} />
          <Choice label={t('group.exit')} help={t('group.exit.help')} value={g.exit ?? ''} disabled={!canWrite} onSave={(v) => patch({ exit: v || null })} options={refOptions({ ref: 'connection', choices: ['direct'] }, c.map((x) => x.name), t('exit.ascell'))} />
        </Card>
        <Card title={t('group.members', { n: members.length })}>
          {canWrite && <Input label={t('group.find')} type="search" value={seek} onValue={setSeek} autoComplete="off" />}
          {others.length > 0 && (
            <ul class="lines">
              {others.map((p) => (
                <li key={p.name} class="with">
                  <span class="name">{p.name}</span>
                  <Button small icon="plus" onClick={() => member(p.name, true)} label={t('group.join', { name, device: p.name })}>
                    {t('add')}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          {members.length === 0 && <p class="help">{t('group.empty')}</p>}
          <ul class="lines">
            {members.slice(0, 200).map((p) => (
              <li key={p.name} class="with">
                <a href={href('devices', p.name)}>{p.name}</a>
                {canWrite && <Button small look="quiet" icon="close" label={t('group.leave', { name, device: p.name })} onClick={() => member(p.name, false)} />}
              </li>
            ))}
          </ul>
          {members.length > 200 && <p class="help">{t('change.more', { n: members.length - 200 })}</p>}
        </Card>
      </div>
    </Page>
  );
}
