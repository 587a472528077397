import { bytes, ms } from '../format';
import { t } from '../i18n';
import { exitStates } from '../live';
import { href } from '../router';
import { may } from '../session';
import { cell, connections, useKept } from '../store';
import { Badge, ButtonLink, Empty, ErrorBox, Loading, Note, Page, Said } from '../ui/basic';
import { Icon } from '../ui/icon';
import { exitState, exitTone, typeWord } from '../words';

export function Exits() {
  const kept = useKept(connections);
  const usual = useKept(cell).data?.exit as string | null | undefined;
  const states = new Map(exitStates.value.map((e) => [e.name, e]));
  return (
    <Page title={t('nav.exits')} wide lead={t('exits.lead')} actions={may('write') ? <ButtonLink look="main" icon="plus" to="#/add-exit">{t('exits.add')}</ButtonLink> : undefined}>
      <ErrorBox error={kept.error} retry={() => connections.load()} />
      {!kept.data && !kept.error && <Loading />}
      {kept.data?.length === 0 && (
        <Empty icon="exit" title={t('exits.none')} action={may('write') ? <ButtonLink look="main" icon="plus" to="#/add-exit">{t('exits.add')}</ButtonLink> : undefined}>
          {t('exits.none.text')}
        </Empty>
      )}
      {!!kept.data?.length && (
        <>
          <Note>{usual && usual !== 'direct' ? t('exits.usual', { name: usual }) : t('exits.usual.direct')}</Note>
          <ul class="tiles">
            {kept.data.map((c) => {
              const s = states.get(c.name);
              return (
                <li key={c.name}>
                  <a class={`tile ${exitTone(s)}`} href={href('exits', c.name)}>
                    <span class="title">
                      <Icon name={c.type === 'group' ? 'groups' : c.type === 'block' ? 'bad' : 'exit'} /> {c.name}
                      <Badge tone={exitTone(s)}>{exitState(s)}</Badge>
                    </span>
                    <span class="text">
                      {typeWord(c.type)}
                      {c.type === 'group' ? ` · ${(c.members ?? []).join(' → ')}` : s?.remote ? ` · ${s.remote}` : c.endpoint ? ` · ${c.endpoint}` : ''}
                    </span>
                    {s?.error && <span class="text bad"><Said text={s.error.message} /></span>}
                    <span class="foot">
                      {t('n.devices', { n: s?.users ?? 0 })}
                      {s?.latency_us ? <> · {ms(s.latency_us)}</> : null}
                      {s?.active && <> · {t('exit.active', { name: s.active })}</>}
                      {s && s.rx + s.tx > 0 ? <> · ↓ {bytes(s.rx)} ↑ {bytes(s.tx)}</> : null}
                    </span>
                  </a>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Page>
  );
}
