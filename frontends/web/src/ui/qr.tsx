// The server draws the code; here only its shape is taken over, never its markup.
import { useMemo } from 'preact/hooks';
import { t } from '../i18n';

export function Qr({ svg, label }: { svg: string; label: string }) {
  const parts = useMemo(() => {
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    if (root.nodeName !== 'svg') return null;
    const shapes = [...root.querySelectorAll('path')].map((p) => ({
      d: p.getAttribute('d') ?? '',
      fill: p.getAttribute('fill') ?? '#000',
    }));
    return { box: root.getAttribute('viewBox') ?? '0 0 1 1', shapes };
  }, [svg]);
  if (!parts) return <p>{t('qr.none')}</p>;
  return (
    <div class="qr">
      <svg viewBox={parts.box} shape-rendering="crispEdges" role="img" aria-label={label}>
        {parts.shapes.map((s) => (
          <path key={s.fill} d={s.d} fill={s.fill} />
        ))}
      </svg>
    </div>
  );
}
