/** A sentence by its number (FNV-1a): what is only to be found again need not be carried whole. */
export function short(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return `#${(h >>> 0).toString(36)}`;
}
