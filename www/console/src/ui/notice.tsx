import type { ReactNode } from "react";
import { useWayOut } from "../util/focus.ts";
import type { Tone } from "./badge.tsx";
import { Icon, type IconName } from "./icon.tsx";

interface NoticeProps {
  tone: Tone;
  icon: IconName;
  title: string;
  children?: ReactNode;
  /** `alert` interrupts a screen reader, `status` waits for it to finish; without it the notice is plain text. */
  role?: "alert" | "status";
}

/** A message that stands where its subject would have been, and goes when that comes. */
export function Notice({ tone, icon, title, children, role }: NoticeProps) {
  const self = useWayOut();
  return (
    <div ref={self} className={`notice tone-${tone}`} role={role}>
      <Icon name={icon} />
      <div>
        <p className="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}
