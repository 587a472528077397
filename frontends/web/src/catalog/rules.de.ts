import type { In } from '.';
import type { rules as en } from './rules.en';

export const rules: In<typeof en> = {
  'rules.lead': 'Was nie sein darf, oder immer. Eine Änderung, die eine Zusage bricht, wird abgelehnt.',
  'rules.add': 'Zusage hinzufügen',
  'rules.none': 'Noch keine Zusagen',
  'rules.none.text': 'Zum Beispiel: die Geräte der Kinder kommen nie ins Internet außer über den gefilterten Ausgang.',
  'rule.how': 'Nie oder immer',
  'rule.how.never': 'Nie',
  'rule.how.always': 'Immer',
  'rule.from': 'Wer',
  'rule.to': 'Was',
  'rule.other': 'eine Adresse …',
  'rule.via': 'Auf welchem Weg',
  'rule.anyway': 'auf jedem',
  'rule.name': 'Kurzer Name',
  'rule.peers': 'alle Geräte',
  'rule.group': 'Geräte der Gruppe {name}',
  'rule.never': 'Nie: {who} → {to}',
  'rule.always': 'Immer: {who} → {to}',
  'rule.never.via': 'Nie: {who} → {to}, {via}',
  'rule.always.via': 'Immer: {who} → {to}, {via}',
  'rule.added': 'Die Zusage gilt von jetzt an.',
  'rule.change': 'Zusage {name} ändern',
  'rule.remove': 'Zusage {name} entfernen',
  'rule.enabled': 'Gilt',

  'broken.title': 'Diese Seite ist kaputt',
  'broken.text': 'Das ist unser Fehler, nicht deiner. Es wurde dadurch nichts geändert.',
  'broken.detail': 'Was kaputt ging',
};
