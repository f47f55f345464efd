import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Confirmation } from "../../ui/confirmation.tsx";
import { useShortcut } from "../../util/shortcuts.ts";
import { ShortcutTable } from "../shortcut-table.tsx";

/** What `?` opens. */
export function ShortcutList() {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  useShortcut("list", () => setOpen(true));
  if (!open) return null;
  return (
    <Confirmation
      title="Keyboard shortcuts"
      onCancel={close}
      actions={(primary) => (
        <Button ref={primary} onClick={close}>
          Close
        </Button>
      )}
    >
      <ShortcutTable />
    </Confirmation>
  );
}
