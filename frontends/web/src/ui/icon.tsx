// One stroke, one size, one colour: the text's. Drawn here, fetched from nowhere.
const paths = {
  home: 'M4 11 12 4l8 7M6 9.500V20h12V9.500M10 20v-6h4v6',
  devices: 'M4 5h11v9H4zM2 18h13M17 9h5v11h-5zM19 17.500h1',
  groups: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.500a3.200 3.200 0 0 1 0 6M18 14.500c2 .8 3.200 2.600 3.500 5.500',
  exit: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3.500 9.500h17M3.500 14.500h17M12 3c-5 5.500-5 12.500 0 18M12 3c5 5.500 5 12.500 0 18',
  rule: 'M12 3 4.500 6v5.500c0 4.500 3 8 7.500 9.500 4.500-1.500 7.500-5 7.500-9.500V6zM9 12l2.200 2.200L15.500 10',
  services: 'M4 4.500h16v6H4zM4 13.500h16v6H4zM7.500 7.500h.01M7.500 16.500h.01M11 7.500h6M11 16.500h6',
  names: 'M3.500 12.500V4h8.500l8.500 8.500-8.500 8.500zM8 8.500h.01',
  domains: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3v18M8 16l-2 2M16 8l2-2',
  history: 'M4 12a8 8 0 1 0 2.500-5.800M4 4v4h4M12 8v4.500l3 2',
  doctor: 'M3 12h4l2.500-6 4 12 2.500-6h5',
  logs: 'M5 4h14v16H5zM8.500 8.500h7M8.500 12h7M8.500 15.500h4',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5',
  people: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.7-4.200 3.500-6.500 7.500-6.500s6.800 2.300 7.500 6.500',
  audit: 'M7 3h7l4 4v14H7zM14 3v4h4M10 14.500l1.800 1.800 3.200-3.600',
  lock: 'M5.500 11h13v9.500h-13zM8.500 11V7.500a3.500 3.500 0 0 1 7 0V11M12 14.500v2.500',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  plus: 'M12 5v14M5 12h14',
  check: 'M5 12.500 10 17.500 19.500 7',
  close: 'M6 6l12 12M18 6 6 18',
  warn: 'M12 4 2.800 20h18.400zM12 10v4.500M12 17.300h.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.500M12 7.700h.01',
  bad: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9 9l6 6M15 9l-6 6',
  down: 'M12 4.500v14M6 13l6 6 6-6',
  up: 'M12 19.500v-14M6 11l6-6 6 6',
  left: 'M19 12H5M11 6l-6 6 6 6',
  right: 'M9 5l7 7-7 7',
  chevron: 'M6 9l6 6 6-6',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.500 16.500 21 21',
  copy: 'M9 9h11v11H9zM5.500 15H4V4h11v1.500',
  download: 'M12 4v11M7 10.500l5 5 5-5M4 20h16',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500H14zM18 18h2v2h-2zM18 14h2M14 18v2',
  key: 'M8 19a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM11.500 11.500 20 3M16.500 6.500l3 3',
  link: 'M10 14a4.500 4.500 0 0 0 6.500.4l3-3A4.600 4.600 0 0 0 13 5l-1.500 1.500M14 10a4.500 4.500 0 0 0-6.500-.4l-3 3A4.600 4.600 0 0 0 11 19l1.500-1.500',
  trash: 'M4 7h16M9.500 7V4h5v3M6.500 7l1 13h9l1-13',
  undo: 'M8 5 4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11H9',
  drag: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  logout: 'M14 4H5v16h9M10 12h11M17.500 8.500 21 12l-3.500 3.500',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  play: 'M7 4.500v15l12-7.500z',
  pause: 'M8 5v14M16 5v14',
  refresh: 'M20 12a8 8 0 1 1-2.500-5.800M20 4v4h-4',
  phone: 'M8 3h8v18H8zM11.500 18h1',
  shield: 'M12 3 4.500 6v5.500c0 4.500 3 8 7.500 9.500 4.500-1.500 7.500-5 7.500-9.500V6z',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.500V12l3 2.500',
  bell: 'M6 17v-6.500a6 6 0 0 1 12 0V17l1.500 1.500h-15zM10 21.500h4',
  cell: 'M12 3 20 7.500v9L12 21l-8-4.500v-9zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const thick = name === 'more' || name === 'drag';
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width={thick ? 2.6 : 1.7} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
