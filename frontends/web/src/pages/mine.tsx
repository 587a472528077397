// The page of a person with devices and no say over the cell.
import { useEffect, useState } from 'preact/hooks';
import { call, enc, get, post } from '../api';
import { ConfigView } from '../config';
import { ago, bytes } from '../format';
import { t } from '../i18n';
import { me } from '../session';
import type { Shown } from '../types';
import { Badge, Button, Card, Choice, Dot, Empty, ErrorBox, Facts, Loading, Note, Page, tell, useNow } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { say } from '../ui/toast';

interface Own {
  name: string;
  address4?: string;
  address6?: string;
  enabled?: boolean;
  active?: boolean;
  handshake?: string | null;
  rx?: number;
  tx?: number;
  exit?: string | null;
  expires?: string | null;
  config_shown?: string | null;
  shown?: boolean;
  key_mode?: string;
  leaves?: { text: string; exit: string | null; closed: boolean } | null;
}
interface Dash {
  exits?: (string | { name: string; state?: string })[];
  devices?: Own[];
}

function DeviceCard({ d, exits, reload }: { d: Own; exits: string[]; reload: () => void }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [ask, setAsk] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const now = useNow(10000);
  const on = !!d.handshake && now - new Date(d.handshake).getTime() < 180000;
  const spent = (!!d.config_shown || !!d.shown) && d.key_mode !== 'kept';
  const path = `/api/peer/devices/${enc(d.name)}`;
  const show = async () => {
    setError(null);
    setAsk(false);
    try {
      setShown((await post<Shown>(`${path}/config`, { qr: 'svg' })).data);
      reload();
    } catch (e) {
      setError(e);
    }
  };
  const choose = async (exit: string) => {
    try {
      await call('PUT', `${path}/exit`, { exit: exit || null });
      say(t('mine.exit.done'), { tone: 'good' });
      reload();
    } catch (e) {
      tell(e);
    }
  };
  return (
    <Card
      title={
        <span class="status">
          <Dot tone={on ? 'good' : 'idle'} /> {d.name}
        </span>
      }
      actions={d.leaves?.closed ? <Badge tone="bad">{t('leaves.closed')}</Badge> : <Badge tone={on ? 'good' : 'idle'}>{on ? t('device.on') : d.handshake ? ago(d.handshake, now) : t('device.never')}</Badge>}
    >
      <Facts
        rows={[
          ['IPv4', <code>{d.address4}</code>],
          ['IPv6', <code>{d.address6}</code>],
          [t('device.got'), bytes(d.tx ?? 0)],
          [t('device.sent'), bytes(d.rx ?? 0)],
          ...(d.leaves?.text ? ([[t('device.exit'), d.leaves.text]] as [string, string][]) : []),
        ]}
      />
      {exits.length > 0 && <Choice label={t('device.exit')} help={t('mine.exit.help')} value={d.exit ?? ''} onSave={choose} action={t('save')} options={[{ value: '', label: t('exit.asgroup') }, ...exits.map((x) => ({ value: x, label: x === 'direct' ? t('exit.direct') : x }))]} />}
      <ErrorBox error={error} />
      {shown ? (
        <ConfigView name={d.name} shown={shown} kept={d.key_mode === 'kept'} />
      ) : spent ? (
        <p class="help">{t('mine.spent')}</p>
      ) : (
        <div class="actions">
          <Button look="main" icon="qr" onClick={() => setAsk(true)}>
            {t('config.show')}
          </Button>
        </div>
      )}
      {ask && (
        <Dialog title={t('config.show')} onClose={() => setAsk(false)} actions={<><Button look="quiet" onClick={() => setAsk(false)}>{t('cancel')}</Button><Button look="main" icon="qr" onClick={show}>{t('config.shownow')}</Button></>}>
          <Note tone="warn" icon="key">
            <strong>{t('config.once')}</strong> {t('config.once.ask')}
          </Note>
        </Dialog>
      )}
    </Card>
  );
}

export function Mine() {
  const [dash, setDash] = useState<Dash | null>(null);
  const [devices, setDevices] = useState<Own[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    try {
      const [a, b] = await Promise.all([get<Dash>('/api/peer/dashboard', { quiet: true }), get<Own[]>('/api/peer/devices', { quiet: true })]);
      setDash(a.data);
      setDevices(b.data);
      setError(null);
    } catch (e) {
      setError(e);
    }
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => document.visibilityState === 'visible' && void load(), 10000);
    return () => clearInterval(timer);
  }, []);
  const exits = (dash?.exits ?? []).map((e) => (typeof e === 'string' ? e : e.name));
  return (
    <Page title={t('mine.title', { name: me.value?.username ?? '' })} lead={t('mine.lead')}>
      <ErrorBox error={error} retry={load} />
      {!devices && !error && <Loading />}
      {devices?.length === 0 && (
        <Empty icon="phone" title={t('mine.none')}>
          {t('mine.none.text')}
        </Empty>
      )}
      {devices?.map((d) => (
        <DeviceCard key={d.name} d={d} exits={exits} reload={load} />
      ))}
    </Page>
  );
}
