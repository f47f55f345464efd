import { useRef } from "react";
import { probe, useConnectionLost } from "../../api/connection.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useFocusLedOn } from "../../util/focus.ts";

/** Says that what is on the screen may be old, for as long as the desk cannot be reached. */
export function ConnectionBanner() {
  const lost = useConnectionLost();
  const self = useRef<HTMLDivElement>(null);
  const ledOn = useFocusLedOn(self, () => document.querySelector("main"));
  return (
    <div ref={self} role="status" className="connection" {...ledOn}>
      {lost && (
        <div className="connection-banner">
          <Icon name="warn" />
          <p>
            <strong>The connection to the desk is lost.</strong> What you see may be old. The page tries again by
            itself.
          </p>
          <Button onClick={probe}>Try now</Button>
        </div>
      )}
    </div>
  );
}
