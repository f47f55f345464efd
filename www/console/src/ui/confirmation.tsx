import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface ConfirmationProps {
  title: string;
  children: ReactNode;
  /** Given the buttons to show; `primary` goes on the one that has the focus first. */
  actions: (primary: React.RefObject<HTMLButtonElement | null>) => ReactNode;
  /** Escape, or the browser's own way to close it. Without it the dialog stays until its owner takes it away. */
  onCancel?: () => void;
}

/** A modal question. The browser's own dialog keeps the focus inside, closes on Escape and gives the focus back. */
export function Confirmation({ title, children, actions, onCancel }: ConfirmationProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const primary = useRef<HTMLButtonElement>(null);
  const titleId = useId();

  // In the layout phase, since a dialog gives the focus back only if it is closed before it is taken away.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    primary.current?.focus();
    // The browser has looked for something to focus by itself, and may have gone to the end of a long text for it.
    shown?.scrollTo(0, 0);
    return () => shown?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="confirmation"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault(); // it goes when its owner says so
        onCancel?.();
      }}
      // A browser closes a dialog at the second Escape, whatever the first one was told.
      onClose={() => {
        if (onCancel) return onCancel();
        dialog.current?.showModal();
        primary.current?.focus();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
      <div className="actions">{actions(primary)}</div>
    </dialog>
  );
}
