// Drawn on a 16 by 16 grid with one stroke, so that they sit together. Always beside words, hence hidden from readers.

const SHAPES = {
  pass: "m3.5 8.5 3 3 6-7",
  fail: "m4 4 8 8m0-8-8 8",
  warn: "M8 2.5 14 13H2L8 2.5Zm0 4v3m0 1.8v.2",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-7v4m0-6.2V5",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-9v3l2 1.5",
  image: "M2.5 3h11v10h-11V3Zm0 8 3-3.5 2.5 2.5L10.5 7l3 3.5M6 5.8v.2",
  file: "M4 2h5l3 3v9H4V2Zm5 0v3h3",
  back: "M9.5 3.5 5 8l4.5 4.5",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
