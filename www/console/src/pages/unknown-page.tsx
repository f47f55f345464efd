import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";
import { paths } from "../util/paths.ts";

export function UnknownPage() {
  return (
    <>
      <Heading>No such page</Heading>
      <p>
        Nothing is at this address. Go to the <Link href={paths.requests()}>requests</Link> or the{" "}
        <Link href={paths.attestations()}>attestations</Link>.
      </p>
    </>
  );
}
