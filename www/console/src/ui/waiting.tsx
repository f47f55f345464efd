/** Shown while something is on its way. It appears after a moment only, so that quick answers do not flicker. */
export function Waiting({ what }: { what: string }) {
  return (
    <p className="waiting" role="status">
      <span className="spinner" aria-hidden="true" />
      {what}
    </p>
  );
}
