import { defineConfig } from 'vite';
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

// Everything is a file of its own with a hash in its name: the page's policy allows neither inline scripts nor data: URLs.
export default defineConfig({
  base: '/',
  plugins: [numbered],
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
