/** Line icons on a grid of 20, in the colour of the text around them. */
const PATHS = {
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  copy: "M7.5 7.5V4.5h8v8h-3M4.5 7.5h8v8h-8z",
  share: "M10 12V3.5M6.8 6.5L10 3.5l3.2 3M5 9.5H4v7h12v-7h-1",
  pause: "M7 5v10M13 5v10",
  play: "M6.5 4.5l9 5.5-9 5.5z",
  sun: "M10 6.8a3.2 3.2 0 100 6.4 3.2 3.2 0 000-6.4zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
  moon: "M15.8 12.3A6.5 6.5 0 017.7 4.2a6.5 6.5 0 108.1 8.1z",
  system: "M3 4.5h14v9H3zM7.5 16.5h5M10 13.5v3",
  leave: "M8 4H4v12h4M8 10h8.5M13.5 7l3 3-3 3",
  back: "M12.5 4.5L7 10l5.5 5.5",
  close: "M5 5l10 10M15 5L5 15",
  chat: "M3.5 16.5l1-3.4a6.7 6.7 0 112.5 2.4zM7.5 8.5c.3 2 2 3.7 4 4",
  forward: "M7.5 4.5L13 10l-5.5 5.5",
  download: "M10 3.5v9M6.5 9.2L10 12.7l3.5-3.5M4 16.5h12",
  upload: "M10 12.7v-9M6.5 7L10 3.5 13.5 7M4 16.5h12",
  undo: "M7 4.5L3.5 8 7 11.5M3.5 8h8.2a4 4 0 010 8H8.5",
  return: "M15.9 11.5a6 6 0 11-1.5-5.6M15 2.8v3.4h-3.4",
  balance: "M10 3.5v13M6.5 16.5h7M4 6.5h12M4 6.5l-2 5h4zM16 6.5l-2 5h4z",
  print: "M6 7.5v-4h8v4M6 14H3.5V7.5h13V14H14M6 11.5h8v5H6z",
  statement: "M5 2.8h7l3 3v11.4H5zM7.5 9h5M7.5 12h5",
  plus: "M10 4.5v11M4.5 10h11",
  warning: "M10 3.5l7 12.5H3zM10 8.5v3.5M10 14v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
