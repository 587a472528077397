import { defineConfig } from 'vite';
import { de } from './src/de';
import { en } from './src/en';
import { named, short } from './src/short';

/** English sentences without places stand in the built catalog by their number: the page finds them so, and is a third smaller. */
const numbered = {
  name: 'numbered',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (!id.endsWith('/library.de.ts')) return undefined;
    const seen = new Map<string, string>();
    return code.replace(/^  (['"])((?:(?!\1)[^\\{]|\\.)+)\1:/gm, (_all, _quote, raw: string) => {
      const text = raw.replace(/\\(.)/g, '$1');
      const key = short(text);
      if (seen.has(key)) throw new Error(`two sentences have the number ${key}: ${text}; ${seen.get(key)}`);
      seen.set(key, text);
      return `  '${key}':`;
    });
  },
};

const keys = Object.keys(en) as (keyof typeof en)[];
const order = [...keys.filter((k) => !named(k)), ...keys.filter(named)];
const numberOf = new Map<string, number>(order.filter((k) => !named(k)).map((k, i) => [k, i + 1]));
const list = (from: Record<string, string>) => JSON.stringify(order.map((k) => from[k]));

/** Built, a catalog is words alone. The key of a word is its number in the list; only those that are put together at run time have
 * their names, at the end of it. */
const counted = {
  name: 'counted',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    if (id.endsWith('/src/en.ts'))
      return `const names = ${JSON.stringify(order.filter(named))};\nexport const en = Object.fromEntries(${list(en)}.map((word, i) => [names[i - ${numberOf.size}] ?? i + 1, word]));\n`;
    if (id.endsWith('/src/de.ts')) return `import { en } from './en';\nconst words = ${list(de)};\nexport const de = Object.fromEntries(Object.keys(en).map((key, i) => [key, words[i]]));\n`;
    return /\/src\/.*\.tsx?$/.test(id) ? code.replace(/'([\w.]+)'/g, (all, key: string) => String(numberOf.get(key) ?? all)) : undefined;
  },
};

// Everything is a file of its own with a hash in its name: the page's policy allows neither inline scripts nor data: URLs.
export default defineConfig({
  base: '/',
  plugins: [numbered, counted],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
});
