/** A sentence by its number (FNV-1a, folded to 24 bits): what is only to be found again need not be carried whole. */
export function short(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return `#${(((h >>> 24) ^ h) & 0xffffff).toString(36)}`;
}

/** Keys of words that are put together where they are used, and words without a dot, keep their names in what is built; others
 * are numbers there (vite.config.ts). */
export const named = (key: string): boolean =>
  !key.includes('.') || /^(event|check|field|kind|type|help|role|scope|meter|logs\.level|way|cert\.is|setup\.(step|title|done)|grant\.(internet|lan|peers))\b/.test(key);
