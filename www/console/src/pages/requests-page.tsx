import { Heading } from "../ui/heading.tsx";

/** The first screen: nothing is open yet. */
export function RequestsPage() {
  return (
    <div className="welcome">
      <Heading>Requests</Heading>
      <p>
        Open one to see its evidence beside the data that was read from it, what the policy finds, and to pass or fail
        it.
      </p>
      <p className="muted">
        Everything here comes from the sandbox: the people are invented and the documents are drawn specimens. The
        sandbox remembers your verdicts until the demo ends.
      </p>
    </div>
  );
}
