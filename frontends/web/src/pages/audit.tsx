// The journal as evidence: every row, verified, taken along.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { num, when } from '../format';
import { t } from '../i18n';
import { foreign } from '../library';
import { may } from '../session';
import type { Row } from '../types';
import { Badge, Button, Card, Copy, ErrorBox, Facts, Loading, Note, Page, Words, saveFile, useAttempt } from '../ui/basic';

interface Verified {
  ok: boolean;
  rows: number;
  root: string;
  heads: number;
  signed: number;
  key: string;
  bad: { row: number; what: string } | null;
}
interface Signed {
  size: number;
  rows: number;
  note: string;
  key: string;
}

const portion = 100;

export function Audit() {
  const [result, setResult] = useState<Verified | null>(null);
  const [signed, setSigned] = useState<Signed | null>(null);
  const [rows, setRows] = useState<Row[] | null>(null);
  const [more, setMore] = useState(false);
  const { error, attempt } = useAttempt();
  const [failed, setFailed] = useState<unknown>(null);
  const load = async (before = 0) => {
    try {
      const { data } = await get<Row[]>(`/api/audit?max=${portion}&limit=${portion}${before ? `&before=${before}` : ''}`);
      setRows(before ? [...(rows ?? []), ...data] : data);
      setMore(data.length >= portion);
    } catch (e) {
      setFailed(e);
    }
  };
  useEffect(() => void load(), []);
  const verify = () =>
    attempt(async () => {
      setResult((await get<Verified>('/api/audit/verify', { timeout: 120000 })).data);
    });
  const head = () =>
    attempt(async () => {
      setSigned((await get<Signed>('/api/audit/head')).data);
    });
  const take = async (format: string, ending: string) => {
    const { data } = await get<string>(`/api/audit/export?format=${format}`, { text: true, timeout: 120000 });
    saveFile(`audit.${ending}`, data);
  };
  return (
    <Page title={t('nav.audit')} lead={t('audit.lead')} wide back={{ to: '#/history', label: t('nav.history') }}>
      <div class="grid">
        <Card title={t('audit.verify')} actions={<Button look="main" icon="audit" onClick={verify}>{t('audit.verify.do')}</Button>}>
          <p class="help">{t('audit.verify.text')}</p>
          <div aria-live="polite">
            <ErrorBox error={error} />
            {result && (
              <Note tone={result.ok ? 'good' : 'bad'}>
                <p>
                  <strong>{result.ok ? t('audit.good', { n: result.rows }) : t('audit.bad', { row: result.bad?.row ?? 0 })}</strong>
                </p>
                {result.bad && <p>{result.bad.what}</p>}
                <Facts
                  rows={[
                    [t('audit.signed'), num(result.signed)],
                    [t('audit.root'), <code class="wrap">{result.root}</code>],
                    [t('audit.key'), <code class="wrap">{result.key}</code>],
                  ]}
                />
              </Note>
            )}
          </div>
        </Card>
        <Card title={t('audit.take')}>
          <p class="help">{t('audit.take.text')}</p>
          <div class="actions">
            {may('admin') && (
              <>
            <Button icon="download" onClick={() => take('csv', 'csv')}>
              CSV
            </Button>
            <Button icon="download" onClick={() => take('jsonl', 'jsonl')}>
              JSON
            </Button>
            <Button icon="download" onClick={() => take('bundle', 'txt')}>
              {t('audit.bundle')}
            </Button>
              </>
            )}
            <Button icon="key" onClick={head}>
              {t('audit.head')}
            </Button>
          </div>
          {signed && (
            <>
              <p class="help">{t('audit.head.text')}</p>
              <pre tabIndex={0}>{signed.note}</pre>
              <Copy text={`${signed.key}\n\n${signed.note}`} />
            </>
          )}
        </Card>
      </div>
      <Card title={t('audit.rows')}>
        <ErrorBox error={failed} />
        {!rows && !failed && <Loading />}
        {rows && (
          <div class="scroll" tabIndex={0} role="group" aria-label={t('audit.rows')}>
            <table class="rows" role="table">
              <thead role="rowgroup">
                <tr role="row">
                  <th role="columnheader" scope="col">#</th>
                  <th role="columnheader" scope="col">{t('audit.when')}</th>
                  <th role="columnheader" scope="col">{t('audit.who')}</th>
                  <th role="columnheader" scope="col">{t('audit.what')}</th>
                </tr>
              </thead>
              <tbody role="rowgroup">
                {rows.map((r) => (
                  <tr role="row" key={r.seq}>
                    <td role="cell">{r.seq}</td>
                    <td role="cell" class="nowrap">{when(r.time)}</td>
                    <td role="cell" class="nowrap">
                      {r.actor} <Badge>{r.way}</Badge>
                    </td>
                    <td role="cell"><Words text={foreign(r.text)} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {more && (
          <div class="center">
            <Button onClick={() => load(rows?.[rows.length - 1]?.seq)}>{t('history.more')}</Button>
          </div>
        )}
      </Card>
    </Page>
  );
}
