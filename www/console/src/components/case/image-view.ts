// How an image is looked at: how large, which part of it, which way up, and in what light. Pure: sizes in, numbers out.

export interface ImageView {
  /** 1 is as large as fits. */
  zoom: number;
  /** How far its middle is from the frame's, in CSS pixels. */
  x: number;
  y: number;
  /** Quarter turns to the right; never reduced, so that a turn is always drawn the short way round. */
  turns: number;
  /** Per cent of what came. */
  brightness: number;
  contrast: number;
}

export interface Size {
  width: number;
  height: number;
}

export const AS_IT_CAME: ImageView = { zoom: 1, x: 0, y: 0, turns: 0, brightness: 100, contrast: 100 };

/** What the buttons and keys do. */
export type ImageAct =
  | { type: "zoom"; by: number; at?: { x: number; y: number } }
  | { type: "move"; x: number; y: number }
  | { type: "turn"; by: 1 | -1 }
  | { type: "light"; brightness?: number; contrast?: number }
  | { type: "fit" }
  | { type: "reset" };

export const ZOOM_STEP = 1.25;
const ZOOM_LEAST = 1;
const ZOOM_MOST = 12;
export const LIGHT_STEP = 10;
export const LIGHT_LEAST = 30;
export const LIGHT_MOST = 250;

const between = (least: number, value: number, most: number) => Math.min(Math.max(value, least), most);

/** By how much an image is drawn smaller (or larger) so that all of it is in the frame, the way it is turned. */
export function fitScale(image: Size, frame: Size, turns: number): number {
  const lies = turns % 2 !== 0;
  const [width, height] = lies ? [image.height, image.width] : [image.width, image.height];
  if (width === 0 || height === 0) return 1;
  return Math.min(frame.width / width, frame.height / height);
}

export function act(view: ImageView, what: ImageAct, image: Size, frame: Size): ImageView {
  switch (what.type) {
    case "zoom": {
      const zoom = between(ZOOM_LEAST, view.zoom * what.by, ZOOM_MOST);
      // What is under the pointer stays there.
      const { x, y } = what.at ?? { x: 0, y: 0 };
      const grown = zoom / view.zoom;
      return within({ ...view, zoom, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown }, image, frame);
    }
    case "move":
      return within({ ...view, x: view.x + what.x, y: view.y + what.y }, image, frame);
    case "turn":
      return within({ ...view, turns: view.turns + what.by, x: 0, y: 0 }, image, frame);
    case "light":
      return {
        ...view,
        brightness: between(LIGHT_LEAST, what.brightness ?? view.brightness, LIGHT_MOST),
        contrast: between(LIGHT_LEAST, what.contrast ?? view.contrast, LIGHT_MOST),
      };
    case "fit":
      return { ...view, zoom: 1, x: 0, y: 0 };
    case "reset":
      return AS_IT_CAME;
  }
}

/** Keeps the image from being moved out of its frame. */
export function within(view: ImageView, image: Size, frame: Size): ImageView {
  const scale = fitScale(image, frame, view.turns) * view.zoom;
  const lies = view.turns % 2 !== 0;
  const [width, height] = lies ? [image.height, image.width] : [image.width, image.height];
  const mostX = Math.max(0, (width * scale - frame.width) / 2);
  const mostY = Math.max(0, (height * scale - frame.height) / 2);
  return { ...view, x: between(-mostX, view.x, mostX), y: between(-mostY, view.y, mostY) };
}
