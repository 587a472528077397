import { defineConfig } from 'vite';
import { en } from './src/en';
import { short } from './src/short';

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

/** What a catalog has, key by key, as it is written. */
const words = (code: string) => new Map([...code.matchAll(/^  (?:'([^']+)'|(\w+)):\s+(.*),$/gm)].map((m) => [m[1] ?? m[2] ?? '', m[3] ?? '']));

/** A second language is built as words alone, in the order of the first one's keys: these are there already. */
const ordered = {
  name: 'ordered',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    const part = /catalog\/(\w+)\.de\.ts$/.exec(id)?.[1];
    if (!part) return undefined;
    const mine = words(code);
    const keys = Object.keys(en).filter((k) => mine.has(k));
    if (!keys.length || keys.length !== mine.size || keys.length !== code.match(/^  .*,$/gm)?.length) throw new Error(`${id} cannot be read line by line`);
    return `import { ${part} as en } from './${part}.en';\nconst words = [${keys.map((k) => mine.get(k)).join(',')}];\nexport const ${part} = Object.fromEntries(Object.keys(en).map((key, i) => [key, words[i]]));\n`;
  },
};

// Everything is a file of its own with a hash in its name: the page's policy allows neither inline scripts nor data: URLs.
export default defineConfig({
  base: '/',
  plugins: [numbered, ordered],
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
