// A way out from a provider's file, dropped or pasted; or by hand, for those that have no file.
import { useRef, useState } from 'preact/hooks';
import { ApiError } from '../api';
import { useChange } from '../change';
import { difference, fieldError, otherError, SchemaForm, useFields, type Values } from '../forms';
import { fieldsOfType } from './exit';
import { t } from '../i18n';
import { go, href } from '../router';
import { connections, useKept } from '../store';
import { Button, Card, Check, ErrorBox, Field, Form, Input, Note, Page, Said, Segments, Select } from '../ui/basic';
import { Icon } from '../ui/icon';
import { Order } from '../ui/order';
import { announce } from '../ui/toast';
import { typeWord } from '../words';

interface Told {
  login?: boolean;
  warnings?: { message: string; hint?: string | null; line?: number }[];
}

const cleanName = (file: string): string => file.replace(/\.(conf|ovpn|txt)$/i, '').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 32);

function Import() {
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<Record<string, string>>({});
  const [over, setOver] = useState(false);
  const { error, setError, change } = useChange(connections);
  const [told, setTold] = useState<Told | null>(null);
  const [made, setMade] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const take = async (list: FileList | null) => {
    const beside: Record<string, string> = { ...files };
    for (const f of list ?? []) {
      if (f.size > 4 << 20) {
        setError(new ApiError(t('import.big', { name: f.name }), 413, ''));
        continue;
      }
      const content = await f.text();
      if (/\.(conf|ovpn)$/i.test(f.name) || (!text && /^\s*\[Interface\]/m.test(content))) {
        setText(content);
        if (!name) setName(cleanName(f.name));
        announce(t('import.taken', { name: f.name }));
      } else beside[f.name] = content;
    }
    setFiles(beside);
  };
  const submit = () => {
    setTold(null);
    const body: Record<string, unknown> = { name: name.trim(), text };
    if (Object.keys(files).length) body.files = files;
    return change({ title: t('import.title', { name: name.trim() }), method: 'POST', path: '/api/connectivity/import', body, done: t('exit.added', { name: name.trim() }) }, (done) => {
      const said = (done.data.told ?? done.data) as Told;
      if (said.login || said.warnings?.length) {
        setTold(said);
        setMade(name.trim());
      } else go(href('exits', name.trim()));
    });
  };
  if (told)
    return (
      <Card title={t('import.done')}>
        {told.warnings?.map((w) => (
          <Note tone="warn" key={w.message}>
            <Said text={w.message} /> <Said text={w.hint ?? ''} />
          </Note>
        ))}
        {told.login && <Note tone="warn">{t('import.login')}</Note>}
        <div class="actions">
          <a class="button main" href={href('exits', made)}>
            {t('device.open', { name: made })}
          </a>
        </div>
      </Card>
    );
  return (
    <Form onSubmit={submit} class="stack">
      <ErrorBox error={error} />
      <div
        class={`drop${over ? ' over' : ''}${text ? ' full' : ''}`}
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          void take(e.dataTransfer?.files ?? null);
        }}
      >
        <Icon name={text ? 'check' : 'download'} size={34} />
        <p class="title">{t(text ? 'import.have' : 'import.drop')}</p>
        <p class="help">{t('import.kinds')}</p>
        <input ref={input} type="file" class="hidden" id="import-file" multiple accept=".conf,.ovpn,.txt,.crt,.key,.pem" tabIndex={-1} aria-label={t('import.choose')} onChange={(e) => void take(e.currentTarget.files)} />
        <Button icon="search" onClick={() => input.current?.click()}>
          {t('import.choose')}
        </Button>
        {Object.keys(files).length > 0 && <p class="help">{t('import.beside', { files: Object.keys(files).join(', ') })}</p>}
      </div>
      <Field label={t('import.paste')} error={fieldError(error, 'text')}>
        {(a) => <textarea {...a} rows={text ? 8 : 4} class="mono" spellcheck={false} autoCapitalize="off" autoComplete="off" value={text} onInput={(e) => setText(e.currentTarget.value)} />}
      </Field>
      <Input label={t('exit.name')} help={t('exit.name.help')} error={fieldError(error, 'name')} value={name} onValue={setName} autoCapitalize="off" autoComplete="off" spellcheck={false} required />
      <div class="actions">
        <Button type="submit" look="main" disabled={!text.trim() || !name.trim()}>
          {t('review')}
        </Button>
      </div>
    </Form>
  );
}

const byHand = ['group', 'block', 'tor', 'ssh', 'proxy', 'wireguard'];

function Hand() {
  const all = useFields('connection');
  const others = useKept(connections).data ?? [];
  const [type, setType] = useState('group');
  const [name, setName] = useState('');
  const [members, setMembers] = useState<string[]>([]);
  const [values, setValues] = useState<Values>({});
  const { error, change } = useChange(connections);
  const fields = fieldsOfType(all, type);
  const submit = () => {
    const body: Record<string, unknown> = { name: name.trim(), type, ...difference(fields, {}, values) };
    if (type === 'group') body.members = members;
    return change({ title: t('exits.add'), method: 'POST', path: '/api/connectivity/connections', body, done: t('exit.added', { name: name.trim() }) }, () => go(href('exits', name.trim())));
  };
  return (
    <Form onSubmit={submit} class="stack">
      <ErrorBox error={otherError(error, ['name', ...fields.map((f) => f.name)])} />
      <Select label={t('exit.type')} value={type} onValue={(v) => (setType(v), setValues({}))} options={byHand.map((x) => ({ value: x, label: typeWord(x) }))} />
      <Input label={t('exit.name')} error={fieldError(error, 'name')} value={name} onValue={setName} autoCapitalize="off" autoComplete="off" spellcheck={false} required />
      {type === 'group' && (
        <fieldset class="group">
          <legend>{t('members.title')}</legend>
          <p class="help">{t('members.text')}</p>
          {others.map((o) => (
            <Check key={o.name} label={o.name} on={members.includes(o.name)} onCheck={(on) => setMembers(on ? [...members, o.name] : members.filter((m) => m !== o.name))} />
          ))}
          {members.length > 1 && <Order label={t('members.title')} names={members} onOrder={setMembers} />}
          {fieldError(error, 'members') && <p class="error">{fieldError(error, 'members')}</p>}
        </fieldset>
      )}
      <SchemaForm kind="connection" fields={fields} values={values} onValues={setValues} error={error} />
      <div class="actions">
        <Button type="submit" look="main">
          {t('review')}
        </Button>
      </div>
    </Form>
  );
}

export function AddExit() {
  const [how, setHow] = useState<'file' | 'hand'>('file');
  return (
    <Page title={t('exits.add')} back={{ to: '#/exits', label: t('nav.exits') }} lead={t('import.lead')}>
      <Segments label={t('import.how')} value={how} onValue={setHow} options={[{ value: 'file', label: t('import.file') }, { value: 'hand', label: t('import.hand') }]} />
      <Card>{how === 'file' ? <Import /> : <Hand />}</Card>
    </Page>
  );
}
