import { probe, useConnectionLost } from "../../api/connection.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";

/** Says that what is on the screen may be old, for as long as the desk cannot be reached. */
export function ConnectionBanner() {
  const lost = useConnectionLost();
  return (
    <div role="status" className="connection">
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
