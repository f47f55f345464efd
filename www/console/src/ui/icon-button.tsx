import { Icon, type IconName } from "./icon.tsx";

interface IconButtonProps {
  icon: IconName;
  label: string;
  /** It would do nothing now. It stays reachable, so that the focus does not fall off it. */
  off?: boolean;
  onClick: () => void;
}

/** A button that a sign is enough for, where many stand in a row; its name is read out, and shown on hovering. */
export function IconButton({ icon, label, off = false, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-disabled={off || undefined}
      onClick={off ? undefined : onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
