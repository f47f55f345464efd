import type { ComponentProps } from "react";

interface ButtonProps extends ComponentProps<"button"> {
  kind?: "plain" | "main" | "pass" | "fail";
  /** Filled rather than outlined: for the one button that goes through with it. */
  solid?: boolean;
  /** Why it cannot be used now, as the id of the element that says so. It stays reachable, so that the reason can be read. */
  refusedBy?: string | undefined;
}

export function Button({
  kind = "plain",
  solid = kind === "main",
  refusedBy,
  onClick,
  className = "",
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      {...(refusedBy !== undefined && { "aria-disabled": true, "aria-describedby": refusedBy })}
      className={`button button-${kind}${solid ? " solid" : ""} ${className}`.trim()}
      onClick={refusedBy === undefined ? onClick : undefined}
    />
  );
}
