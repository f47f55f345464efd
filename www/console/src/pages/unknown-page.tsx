import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";
import { paths } from "../util/paths.ts";

export function UnknownPage() {
  return (
    <div className="trouble">
      <Heading>No such page</Heading>
      <p>
        Nothing is at this address. <Link href={paths.start()}>Go to the start</Link>.
      </p>
    </div>
  );
}
