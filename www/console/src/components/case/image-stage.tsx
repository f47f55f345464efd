import { type PointerEvent as Pointer, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { AS_IT_CAME, act, fitScale, type ImageAct, type ImageView, type Size, within } from "./image-view.ts";

interface ImageStageProps {
  url: string;
  title: string;
  view: ImageView;
  onView: (change: (view: ImageView) => ImageView) => void;
  /** Given the way to act on this image, for as long as it is drawn. */
  onReady: (perform: ((what: ImageAct) => void) | undefined) => void;
  onFocus: () => void;
  onBlur: () => void;
  /** The bytes are no image that this browser knows. */
  onUnreadable: () => void;
}

const NOTHING: Size = { width: 0, height: 0 };
/** A wheel's step, as browsers report it, is about a hundred. */
const WHEEL = 0.0022;

/**
 * An image in a frame. Keys and buttons do all there is to do with it; the pointer can drag it, a wheel with Ctrl and two
 * fingers zoom it (WCAG 2.2, 2.5.1 and 2.5.7).
 */
export function ImageStage({ url, title, view, onView, onReady, onFocus, onBlur, onUnreadable }: ImageStageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const [frame, setFrame] = useState(NOTHING);
  const [image, setImage] = useState(NOTHING);
  const drawn = image.width > 0;

  const perform = (what: ImageAct) => onView((now) => act(now, what, image, frame));
  const latest = useEffectEvent(perform);
  const ready = useEffectEvent(onReady);

  useEffect(() => {
    if (!drawn) return;
    ready((what) => latest(what));
    return () => ready(undefined);
  }, [drawn]);

  const resized = useEffectEvent((size: Size) => {
    setFrame(size);
    // Before it is drawn there is nothing to keep it within.
    if (drawn) onView((now) => (now === AS_IT_CAME ? now : within(now, image, size)));
  });
  useLayoutEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const measure = () => resized({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // React listens to wheels passively, where a page cannot keep the browser from zooming all of itself.
  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest({ type: "zoom", by: Math.exp(-event.deltaY * WHEEL), at: fromMiddle(element, event) });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const onPointerDown = (event: Pointer<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  const onPointerMove = (event: Pointer<HTMLDivElement>) => {
    const last = pointers.current.get(event.pointerId);
    if (last === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([pointer]) => pointer !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (other === undefined) return perform({ type: "move", x: now.x - last.x, y: now.y - last.y });
    const before = Math.hypot(last.x - other.x, last.y - other.y);
    const middle = { clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 };
    if (before === 0) return;
    const by = Math.hypot(now.x - other.x, now.y - other.y) / before;
    perform({ type: "zoom", by, at: fromMiddle(event.currentTarget, middle) });
  };
  const onPointerGone = (event: Pointer<HTMLDivElement>) => pointers.current.delete(event.pointerId);

  const { x, y, zoom, turns, brightness, contrast } = view;
  const scale = fitScale(image, frame, turns) * zoom;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups controls of a form
    <div
      ref={stage}
      className={zoom > 1 ? "stage stage-movable" : "stage"}
      role="group"
      aria-label={`${title}, arrow keys move it`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys act on it
      tabIndex={0}
      onFocus={onFocus}
      onBlur={onBlur}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerGone}
      onPointerCancel={onPointerGone}
    >
      <img
        src={url}
        alt={title}
        draggable={false}
        style={{
          transform: `translate(-50%, -50%) translate(${x}px, ${y}px) rotate(${turns * 90}deg) scale(${scale})`,
          filter:
            brightness === 100 && contrast === 100 ? undefined : `brightness(${brightness}%) contrast(${contrast}%)`,
        }}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setImage({ width, height })}
        onError={onUnreadable}
      />
    </div>
  );
}

/** Where something is, from the middle of the frame. */
function fromMiddle(element: Element, { clientX, clientY }: { clientX: number; clientY: number }) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
}
