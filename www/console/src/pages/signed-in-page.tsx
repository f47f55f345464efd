import { useEffect } from "react";
import { Heading } from "../ui/heading.tsx";
import { paths } from "../util/paths.ts";
import { tellSignIn } from "../util/sign-in.ts";

/** Where the tab ends that was opened to sign in: Access lets nobody get here who is not. */
export default function SignedInPage() {
  useEffect(tellSignIn, []);
  return (
    <>
      <Heading>You are signed in</Heading>
      <p>
        You can close this tab and go back to the one that you came from. Or go on here, to the{" "}
        <a href={paths.queue()}>queue</a>.
      </p>
    </>
  );
}
