import { Component, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Heading } from "../../ui/heading.tsx";

/** Where a screen breaks, or its file does not come, the frame around it stays and says so. */
export class PageGuard extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <div className="trouble">
        <Heading>This page did not load</Heading>
        <p>
          A part of it is missing: the connection may have failed, or the console was renewed meanwhile. What the desk
          took is safe.
        </p>
        <Button kind="main" onClick={() => window.location.reload()}>
          Load it anew
        </Button>
      </div>
    );
  }
}
