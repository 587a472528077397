import { useEffect, useRef, useState } from 'preact/hooks';
import { call, enc, get } from '../api';
import { t } from '../i18n';
import { route, setQuery } from '../router';
import { may } from '../session';
import { Button, ErrorBox, Loading, Page, saveFile, Select, tell } from '../ui/basic';
import { Icon } from '../ui/icon';

const services = ['', 'agent', 'wg', 'dns', 'exit'];
const most = 2000;

const asLines = (data: unknown): string[] => {
  if (typeof data === 'string') return data.split('\n').filter(Boolean);
  if (Array.isArray(data)) return data.map(String);
  const d = data as { lines?: string[]; text?: string; logs?: string[] };
  return d.lines ?? d.logs ?? (d.text ?? '').split('\n').filter(Boolean);
};

const level = (line: string): string => (/ (ERROR|CRITICAL) /.test(line) ? 'bad' : / WARN(ING)? /.test(line) ? 'warn' : '');

interface Levels {
  python: { root: string; services: Record<string, string> };
}
/** By what names the API knows an area. */
const areas: Record<string, string> = { wg: 'wireguard', dns: 'network' };
const levels = ['ERROR', 'WARNING', 'INFO', 'DEBUG'];

/** How much the agent writes down, of all or of one area. */
function HowMuch({ service }: { service: string }) {
  const [all, setAll] = useState<Levels | null>(null);
  useEffect(() => void get<Levels>('/api/logs/verbosity', { quiet: true }).then((r) => setAll(r.data), () => {}), []);
  if (!all) return null;
  const area = areas[service] ?? service;
  const save = (level: string) =>
    call<Levels>('PUT', '/api/logs/verbosity', { python: service ? { services: { [area]: level } } : { root: level } }).then((r) => setAll(r.data), tell);
  return (
    <Select
      label={t('logs.level')}
      value={(service ? all.python.services[area] : all.python.root) ?? 'INFO'}
      onValue={(v) => void save(v)}
      options={levels.map((l) => ({ value: l, label: t(`logs.level.${l}` as 'logs.level.INFO') }))}
    />
  );
}

export function Logs() {
  const [service, setService] = useState(route.value.query.get('service') ?? '');
  const [seek, setSeek] = useState('');
  const [lines, setLines] = useState<string[] | null>(null);
  const [follow, setFollow] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const box = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  useEffect(() => {
    setQuery('service', service);
    setLines(null);
    setError(null);
    let source: EventSource | null = null;
    let gone = false;
    get<unknown>(`/api/logs?lines=300${service ? `&service=${enc(service)}` : ''}`).then(
      (r) => {
        if (gone) return;
        setLines(asLines(r.data));
        if (!follow) return;
        source = new EventSource(`/api/logs/follow${service ? `?service=${enc(service)}` : ''}`);
        const take = (e: Event) => {
          const text = (e as MessageEvent<string>).data;
          let more = [text];
          if (text.startsWith('{') || text.startsWith('[') || text.startsWith('"'))
            try {
              const d = JSON.parse(text) as unknown;
              more = typeof d === 'string' ? [d] : Array.isArray(d) ? d.map(String) : [String((d as { line?: string; text?: string }).line ?? (d as { text?: string }).text ?? text)];
            } catch {
              /* a line that only looks like JSON */
            }
          setLines((have) => [...(have ?? []), ...more].slice(-most));
        };
        source.onmessage = take;
        source.addEventListener('log', take);
      },
      (e) => !gone && setError(e),
    );
    return () => {
      gone = true;
      source?.close();
    };
  }, [service, follow]);
  useEffect(() => {
    const el = box.current;
    if (el && stick.current) el.scrollTop = el.scrollHeight;
  }, [lines]);
  const shown = (lines ?? []).filter((l) => !seek || l.toLowerCase().includes(seek.toLowerCase()));
  return (
    <Page title={t('nav.logs')} wide lead={t('logs.lead')}>
      <div class="toolbar">
        <div class="seek">
          <Icon name="search" size={18} />
          <input type="search" aria-label={t('logs.search')} placeholder={t('logs.search')} value={seek} onInput={(e) => setSeek(e.currentTarget.value)} />
        </div>
        <Select label={t('logs.of')} value={service} onValue={setService} options={services.map((s) => ({ value: s, label: s || t('show.all') }))} />
        {may('admin') && <HowMuch service={service} />}
        <Button icon={follow ? 'pause' : 'play'} pressed={follow} onClick={() => setFollow(!follow)}>
          {t('logs.follow')}
        </Button>
        <Button icon="download" onClick={() => saveFile('pic.log', shown.join('\n') + '\n')}>
          {t('logs.save')}
        </Button>
      </div>
      <ErrorBox error={error} />
      {!lines && !error && <Loading />}
      {lines && (
        <div
          class="console"
          ref={box}
          tabIndex={0}
          role="log"
          lang="en"
          aria-live="off"
          aria-label={t('nav.logs')}
          onScroll={(e) => {
            const el = e.currentTarget;
            stick.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40;
          }}
        >
          {shown.length === 0 && <p>{t('logs.none')}</p>}
          {shown.map((l, i) => (
            <div key={i} class={level(l)}>
              {l}
            </div>
          ))}
        </div>
      )}
    </Page>
  );
}
