// What time it is here, who says so, and whether devices are told it.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { useChange } from '../change';
import { difference, otherError, SchemaForm, useFields, valuesOf, type Values } from '../forms';
import { t } from '../i18n';
import { may } from '../session';
import { cell, useKept } from '../store';
import { Button, Card, ErrorBox, Facts, Form, Loading, Note, Page } from '../ui/basic';

interface Clock {
  now: string;
  wished: boolean;
  serving: boolean;
  name: string | null;
  addresses: string[];
  follows: boolean;
  reference: string | null;
  stratum: number;
  offset_us: number;
  error_us: number;
  servers: string[];
  sets_clock: boolean;
  kept: boolean | null;
  wrong: boolean;
}

const mine = ['ntp', 'ntp_servers', 'ntp_clock'];
const seconds = (us: number): string => `${(Math.abs(us) / 1e6).toFixed(us > 1e6 || us < -1e6 ? 1 : 4)} s`;

function keeper(c: Clock): string {
  if (c.sets_clock) return t('clock.kept.cell');
  return c.kept === null ? '–' : c.kept ? t('clock.kept.machine') : t('clock.kept.nobody');
}

function State({ c }: { c: Clock }) {
  return (
    <>
      {c.wrong && <Note tone="bad">{t('clock.wrong')}</Note>}
      {c.wished && !c.serving && <Note tone="warn">{t('clock.silent')}</Note>}
      <Facts
        rows={[
          [t('clock.now'), <time dateTime={c.now}>{new Date(c.now).toLocaleString()}</time>],
          [t('clock.server'), c.wished ? <code class="wrap">{[c.name, ...c.addresses].filter(Boolean).join(', ')}</code> : t('clock.off')],
          [t('clock.follows'), c.follows ? (c.reference ?? '–') : t('clock.itself')],
          [t('clock.offset'), c.follows ? `${seconds(c.offset_us)} (± ${seconds(c.error_us)})` : '–'],
          [t('clock.kept'), keeper(c)],
        ]}
      />
    </>
  );
}

export function Time() {
  const kept = useKept(cell);
  const fields = useFields('cell').filter((f) => mine.includes(f.name));
  const [clock, setClock] = useState<Clock | null>(null);
  const [values, setValues] = useState<Values>({});
  const [failed, setFailed] = useState<unknown>(null);
  const { error, change } = useChange(cell);
  const look = async () => {
    setFailed(null);
    try {
      setClock((await get<Clock>('/api/ntp')).data);
    } catch (e) {
      setFailed(e);
    }
  };
  useEffect(() => {
    if (kept.data) setValues(valuesOf(fields, kept.data));
    void look();
  }, [kept.data, fields.length]);
  const body = kept.data ? difference(fields, kept.data, values) : {};
  const submit = () => change({ title: t('clock.change'), method: 'PATCH', path: '/api/cell', body });
  return (
    <Page title={t('nav.time')} lead={t('clock.lead')} actions={<Button icon="refresh" onClick={look}>{t('doctor.again')}</Button>}>
      <Card title={t('clock.state')}>
        <ErrorBox error={failed} retry={look} />
        {!clock && !failed && <Loading />}
        {clock && <State c={clock} />}
      </Card>
      {kept.data && fields.length > 0 && (
        <Card title={t('clock.wish')}>
          <Form onSubmit={submit} class="stack">
            <ErrorBox error={otherError(error, mine)} />
            <SchemaForm kind="cell" fields={fields} values={values} onValues={setValues} error={error} />
            {may('admin') && (
              <div class="actions">
                <Button type="submit" look="main" disabled={!Object.keys(body).length}>
                  {t('review')}
                </Button>
              </div>
            )}
          </Form>
        </Card>
      )}
    </Page>
  );
}
