import type { ReactNode } from "react";

/** A control under its label. */
export function Field({
  id,
  label,
  grows,
  children,
}: {
  id: string;
  label: string;
  grows?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={grows ? "field grows" : "field"}>
      <label htmlFor={id}>{label}</label>
      {children}
    </div>
  );
}
