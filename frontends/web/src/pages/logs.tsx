import { useEffect, useRef, useState } from 'preact/hooks';
import { call, enc, get } from '../api';
import { t } from '../i18n';
import { route, setQuery } from '../router';
import { may } from '../session';
import { Button, ErrorBox, Loading, Page, saveFile, Select, tell } from '../ui/basic';
import { Icon } from '../ui/icon';

const services = ['', 'agent', 'wg', 'dns', 'exit', 'nft', 'route', 'front', 'ntp', 'certs', 'acme', 'domains', 'backup', 'alert', 'audit', 'engine'];
const most = 2000;

interface Answer {
  lines: string[];
  before: string | null;
}

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
  const [sought, setSought] = useState('');
  const [least, setLeast] = useState('');
  const [since, setSince] = useState('');
  const [lines, setLines] = useState<string[] | null>(null);
  const [before, setBefore] = useState<string | null>(null);
  const [follow, setFollow] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const box = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  const chosen = Object.entries({ service, q: sought, level: least }).map(([k, v]) => (v ? `&${k}=${enc(v)}` : '')).join('');
  const page = `/api/logs?lines=300${chosen}${since && `&since=${since}`}`;
  useEffect(() => {
    const later = setTimeout(() => setSought(seek), 300);
    return () => clearTimeout(later);
  }, [seek]);
  useEffect(() => {
    setQuery('service', service);
    setLines(null);
    setError(null);
    let source: EventSource | null = null;
    let gone = false;
    get<Answer>(page).then(
      (r) => {
        if (gone) return;
        setLines(r.data.lines);
        setBefore(r.data.before);
        if (!follow) return;
        source = new EventSource(`/api/logs/follow?${chosen.slice(1)}`);
        source.addEventListener('log', (e) => {
          const line = JSON.parse((e as MessageEvent<string>).data) as string;
          setLines((have) => [...(have ?? []), line].slice(-most));
        });
      },
      (e) => !gone && setError(e),
    );
    return () => {
      gone = true;
      source?.close();
    };
  }, [page, follow]);
  const older = () => {
    stick.current = false;
    return get<Answer>(`${page}&before=${before ?? ''}`).then((r) => {
      setLines((have) => [...r.data.lines, ...(have ?? [])]);
      setBefore(r.data.before);
    }, tell);
  };
  useEffect(() => {
    const el = box.current;
    if (el && stick.current) el.scrollTop = el.scrollHeight;
  }, [lines]);
  const shown = lines ?? [];
  return (
    <Page title={t('nav.logs')} wide lead={t('logs.lead')}>
      <div class="toolbar">
        <div class="seek">
          <Icon name="search" size={18} />
          <input type="search" aria-label={t('logs.search')} placeholder={t('logs.search')} value={seek} onInput={(e) => setSeek(e.currentTarget.value)} />
        </div>
        <Select label={t('logs.of')} value={service} onValue={setService} options={services.map((s) => ({ value: s, label: s || t('show.all') }))} />
        <Select label={t('logs.least')} value={least} onValue={setLeast} options={['', 'warning', 'error'].map((s) => ({ value: s, label: s || t('show.all') }))} />
        <Select label={t('logs.since')} value={since} onValue={setSince} options={['', '1h', '24h', '7d'].map((s) => ({ value: s, label: s || t('show.all') }))} />
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
          {before && <Button onClick={() => void older()}>{t('logs.older')}</Button>}
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
