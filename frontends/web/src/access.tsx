// Rights as switches, and free rules beside them.
import { useState } from 'preact/hooks';
import { t } from './i18n';
import { Button, Field, Switch } from './ui/basic';
import { Icon } from './ui/icon';
import { grantLooksRight, grantWord, joinAccess, plainGrants, splitAccess } from './words';

export function Access(p: { value: string[] | null; onValue: (v: string[]) => void; error?: string; disabled?: boolean; shared?: string[] }) {
  const { plain, rules } = splitAccess(p.value);
  const [draft, setDraft] = useState('');
  const [wrong, setWrong] = useState('');
  const add = () => {
    const rule = draft.trim();
    if (!rule) return;
    if (!grantLooksRight(rule)) return setWrong(t('grant.wrong'));
    setWrong('');
    setDraft('');
    if (!rules.includes(rule)) p.onValue(joinAccess(plain, [...rules, rule]));
  };
  return (
    <div class="access">
      {plainGrants.map((g) => (
        <Switch
          key={g}
          label={t(`grant.${g}`)}
          help={p.shared?.includes(g) && !plain.has(g) ? t('grant.bygroup') : t(`grant.${g}.help`)}
          on={plain.has(g)}
          disabled={p.disabled}
          onSwitch={(on) => {
            const next = new Set(plain);
            if (on) next.add(g);
            else next.delete(g);
            p.onValue(joinAccess(next, rules));
          }}
        />
      ))}
      {rules.length > 0 && (
        <ul class="rules">
          {rules.map((r) => (
            <li key={r}>
              <Icon name="rule" size={17} />
              <span>
                {grantWord(r)} {grantWord(r) !== r && <code>{r}</code>}
              </span>
              {!p.disabled && <Button small look="quiet" icon="close" label={t('grant.drop', { rule: r })} onClick={() => p.onValue(joinAccess(plain, rules.filter((x) => x !== r)))} />}
            </li>
          ))}
        </ul>
      )}
      {!p.disabled && (
        <Field label={t('grant.add')} help={t('grant.add.help')} error={wrong || p.error}>
          {(a) => (
            <div class="joined">
              <input {...a} value={draft} autoCapitalize="off" spellcheck={false} placeholder="192.168.1.10:tcp/445" onInput={(e) => setDraft(e.currentTarget.value)} onKeyDown={(e) => {
                if (e.key !== 'Enter') return;
                e.preventDefault();
                add();
              }} />
              <Button small icon="plus" onClick={add}>
                {t('add')}
              </Button>
            </div>
          )}
        </Field>
      )}
    </div>
  );
}
