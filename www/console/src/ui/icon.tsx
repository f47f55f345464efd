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
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  left: "M10 4 6 8l4 4",
  right: "m6 4 4 4-4 4",
  up: "m4 10 4-4 4 4",
  down: "m4 6 4 4 4-4",
  fit: "M2.5 6V2.5H6m4 0h3.5V6m0 4v3.5H10m-4 0H2.5V10",
  "turn-right": "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  "turn-left": "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  undo: "M6 3 3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
  "eye-off":
    "M2 2l12 12M6.3 3.8A6 6 0 0 1 8 3.5C12 3.5 14.5 8 14.5 8a12 12 0 0 1-2 2.5M4 5A12 12 0 0 0 1.5 8S4 12.5 8 12.5a6 6 0 0 0 2.7-.7",
  light:
    "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 1.5v1.5m0 10v1.5M1.5 8H3m10 0h1.5M3.4 3.4l1 1m7.2 7.2 1 1m0-9.2-1 1m-7.2 7.2-1 1",
  contrast: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5h4.5M8 8h6M8 11h4.5",
  people:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5a4.5 4.5 0 0 1 9 0M10.5 2.8a2.5 2.5 0 0 1 0 4.4m1.5 2.3a4.5 4.5 0 0 1 2.5 4",
  beside: "M2 3.5h5v9H2v-9Zm7 0h5v9H9v-9Z",
  single: "M2 3h12v10H2V3Z",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
