import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { t } from '../i18n';
import { head } from '../live';
import { may } from '../session';
import { cell, useKept } from '../store';
import { Button, Card, Copy, ErrorBox, Facts, Form, Loading, Note, Page, saveFile } from '../ui/basic';
import { Appearance } from './account';

/** Those that most people never touch come under a fold; whatever the library adds later comes there too. */
const first = ['name', 'endpoint', 'exit', 'upstreams', 'note'];

export function Settings() {
  const kept = useKept(cell);
  const fields = useFields('cell').filter((f) => !f.system);
  const [values, setValues] = useState<Values>({});
  const { error, change } = useChange(cell);
  useEffect(() => {
    if (kept.data) setValues(valuesOf(fields, kept.data));
  }, [kept.data, fields.length]);
  const body = kept.data ? difference(fields, kept.data, values) : {};
  const dirty = Object.keys(body).length > 0;
  const canWrite = may('admin');
  const submit = () => change({ title: t('settings.change'), method: 'PATCH', path: '/api/cell', body });
  const take = async () => {
    const format = may('admin') ? 'yaml' : 'json';
    saveFile(`cell.${format}`, (await get<string>(`/api/export?format=${format}`, { text: true })).data);
  };
  const h = head.value;
  return (
    <Page title={t('nav.settings')}>
      <ErrorBox error={kept.error} retry={() => cell.load()} />
      {!kept.data || !fields.length ? (
        <Loading />
      ) : (
        <Card title={t('settings.cell')}>
          {!canWrite && <Note>{t('settings.adminonly')}</Note>}
          <Form onSubmit={submit} class="stack">
            <ErrorBox error={otherError(error, fields.map((f) => f.name))} />
            <SchemaForm kind="cell" fields={fields.filter((f) => first.includes(f.name))} values={values} onValues={setValues} error={error} />
            <details class="fold">
              <summary>{t('settings.more')}</summary>
              <div class="stack">
                <SchemaForm kind="cell" fields={fields.filter((f) => !first.includes(f.name))} values={values} onValues={setValues} error={error} />
              </div>
            </details>
            {canWrite && (
              <div class="actions sticky">
                {dirty && (
                  <Button look="quiet" onClick={() => kept.data && setValues(valuesOf(fields, kept.data))}>
                    {t('settings.discard')}
                  </Button>
                )}
                <Button type="submit" look="main" disabled={!dirty}>
                  {t('review')}
                </Button>
              </div>
            )}
          </Form>
        </Card>
      )}
      <Card title={t('settings.take')}>
        <p class="help">{t('settings.take.text')}</p>
        <div class="actions">
          <Button icon="download" onClick={take}>
            {t('download')}
          </Button>
        </div>
      </Card>
      {h && (
        <Card title={t('settings.facts')}>
          <Facts
            rows={[
              [t('settings.version'), h.agent?.version ?? '–'],
              [t('settings.revision'), `${h.revision}${h.applied !== h.revision ? ` (${t('settings.applied', { n: h.applied ?? 0 })})` : ''}`],
              ['WireGuard', h.wg ?? '–'],
              [t('field.public_key'), <><code class="wrap">{h.public_key}</code> <Copy text={h.public_key} /></>],
            ]}
          />
        </Card>
      )}
      <Appearance />
    </Page>
  );
}
