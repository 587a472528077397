// A new password with a meter that says what would make it better.
import { Password } from '../ui/basic';
import { t, type Key } from '../i18n';
import { strength } from '../words';

export function NewPassword(p: { label: string; value: string; onValue: (v: string) => void; names?: string[]; error?: string }) {
  const s = strength(p.value, p.names);
  const word = t(`meter.${s}` as Key);
  return (
    <div class="newpassword">
      <Password label={p.label} value={p.value} onValue={p.onValue} help={t('password.help')} error={p.error} fresh name="new-password" />
      <div class={`meter s${s}`} aria-live="polite">
        <meter min={0} max={4} low={2} high={3} optimum={4} value={p.value ? s : 0} aria-label={t('meter.label')} />
        <span>{p.value ? word : ''}</span>
      </div>
    </div>
  );
}
