import { ago, num, rate } from '../format';
import { t } from '../i18n';
import { busy, exitStates, head, line, online, peerBeat, peerStates, totals } from '../live';
import { doctor, FindingList, findingsOf, useFindings } from '../findings';
import { href } from '../router';
import { may } from '../session';
import { cell, connections, resource, useKept } from '../store';
import type { Row } from '../types';
import { Badge, ButtonLink, Card, Dot, Empty, Loading, Note, Page, Time, useNow, Words } from '../ui/basic';
import { Traffic } from '../ui/graph';
import { Icon } from '../ui/icon';
import { exitState, exitTone, rowWords, typeWord } from '../words';

const recent = resource<Row[]>('/api/history?max=6&limit=6', ['peer', 'group', 'connection', 'cell', 'assertion', 'user', 'token', 'record', 'domain', 'service', 'certificate']);

interface Verdict {
  tone: 'good' | 'warn' | 'bad' | 'idle';
  title: string;
  text: string;
}

function verdict(): Verdict {
  const h = head.value;
  if (!h) return { tone: 'idle', title: t(line.value === 'lost' ? 'home.lost' : 'home.looking'), text: '' };
  if (!h.agent) return { tone: 'bad', title: t('home.noagent'), text: t('home.noagent.text') };
  const found = findingsOf(doctor.state.value.data);
  const errors = found.filter((f) => f.level === 'error').length;
  const down = exitStates.value.filter((e) => e.enabled && e.state === 'down' && e.users > 0);
  if (down.length) {
    const n = down.reduce((sum, e) => sum + e.users, 0);
    return { tone: 'bad', title: t('home.exitdown', { name: down.map((e) => e.name).join(', '), n: down.length }), text: t('home.exitdown.text', { n }) };
  }
  if (!h.ready) return { tone: 'warn', title: t('home.notready'), text: t('home.notready.text') };
  if (errors) return { tone: 'bad', title: t('home.errors', { n: errors }), text: t('home.errors.text') };
  const warnings = found.filter((f) => f.level === 'warning').length;
  if (warnings) return { tone: 'warn', title: t('home.warnings', { n: warnings }), text: t('home.warnings.text') };
  return { tone: 'good', title: t('home.good'), text: t('home.good.text') };
}

function Who() {
  peerBeat.value;
  const now = useNow(10000);
  const on = [...peerStates.values()].filter((p) => online(p, now));
  const rates = new Map(busy.value.map((b) => [b.name, b]));
  on.sort((a, b) => {
    const x = rates.get(a.name);
    const y = rates.get(b.name);
    return (y ? y.rx + y.tx : 0) - (x ? x.rx + x.tx : 0) || (b.handshake ?? '').localeCompare(a.handshake ?? '');
  });
  const h = head.value;
  return (
    <Card title={t('home.who')} actions={<ButtonLink small look="quiet" to="#/devices">{t('home.all')}</ButtonLink>}>
      {!h ? (
        <Loading />
      ) : h.counts.peers === 0 ? (
        <Empty icon="phone" title={t('devices.none')} action={may('write') ? <ButtonLink look="main" icon="plus" to="#/add-device">{t('devices.first')}</ButtonLink> : undefined}>
          {t('devices.none.text')}
        </Empty>
      ) : on.length === 0 ? (
        <Empty icon="devices" title={t('home.nobody')}>
          {t('home.nobody.text', { n: h.counts.peers })}
        </Empty>
      ) : (
        <ul class="lines">
          {on.slice(0, 8).map((p) => {
            const r = rates.get(p.name);
            return (
              <li key={p.name}>
                <a href={href('devices', p.name)}>
                  <Dot tone="good" />
                  <span class="name">{p.name}</span>
                  <span class="note">{p.leaves?.exit ? t('home.by', { exit: p.leaves.exit }) : ''}</span>
                  <span class="end">{r ? `↓ ${rate(r.tx)} ↑ ${rate(r.rx)}` : ago(p.handshake, now)}</span>
                </a>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

function Ways() {
  const states = exitStates.value;
  const kept = useKept(connections);
  return (
    <Card title={t('nav.exits')} actions={<ButtonLink small look="quiet" to="#/exits">{t('home.all')}</ButtonLink>}>
      {states.length === 0 ? (
        kept.data && (
          <Empty icon="exit" title={t('exits.none')} action={may('write') ? <ButtonLink icon="plus" to="#/add-exit">{t('exits.add')}</ButtonLink> : undefined}>
            {t('exits.none.text')}
          </Empty>
        )
      ) : (
        <ul class="lines">
          {states.slice(0, 8).map((e) => (
            <li key={e.name}>
              <a href={href('exits', e.name)}>
                <Dot tone={exitTone(e)} />
                <span class="name">{e.name}</span>
                <span class="note">{typeWord(e.type)}</span>
                <span class="end">
                  {e.users > 0 && <span class="users">{t('n.devices', { n: e.users })}</span>}
                  <Badge tone={exitTone(e)}>{exitState(e)}</Badge>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Recent() {
  const kept = useKept(recent);
  return (
    <Card title={t('home.recent')} class="span" actions={<ButtonLink small look="quiet" to="#/history">{t('home.all')}</ButtonLink>}>
      {!kept.data ? (
        <Loading />
      ) : (
        <ul class="lines recent">
          {kept.data.slice(0, 6).map((r) => (
            <li key={r.seq}>
              <a href={`#/history?rev=${r.revision}`}>
                <span class="text"><Words text={rowWords(r)} /></span>
                <span class="end">
                  {r.actor} · <Time at={r.time} />
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function Overview() {
  const v = verdict();
  const h = head.value;
  const found = useFindings();
  const zone = useKept(cell).data;
  const worth = found.filter((f) => f.level !== 'info');
  const facts: [string, string][] = h
    ? [
        [t('home.on'), `${num(h.counts.online)} / ${num(h.counts.peers)}`],
        [t('home.down'), rate(totals.value.at(-1)?.tx ?? 0)],
        [t('home.up'), rate(totals.value.at(-1)?.rx ?? 0)],
      ]
    : [];
  return (
    <Page title={t('nav.overview')} wide actions={may('write') ? <ButtonLink look="main" icon="plus" to="#/add-device">{t('devices.add')}</ButtonLink> : undefined}>
      {zone?.query_log === true && <Note tone="warn">{t('querylog.on')}</Note>}
      <section class={`verdict ${v.tone}`} aria-label={t('home.verdict')}>
        <span class="sign">
          <Icon name={v.tone === 'good' ? 'check' : v.tone === 'idle' ? 'clock' : v.tone} size={30} />
        </span>
        <div>
          <p class="title">{v.title}</p>
          {v.text && <p>{v.text}</p>}
        </div>
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      {worth.length > 0 && (
        <Card title={t('home.attention')} class="attention">
          <FindingList findings={worth} />
        </Card>
      )}
      <div class="grid">
        <Card title={t('home.traffic')} class="span">
          <Traffic samples={totals.value} label={t('home.traffic.all')} />
        </Card>
        <Who />
        <Ways />
        <Recent />
      </div>
    </Page>
  );
}
