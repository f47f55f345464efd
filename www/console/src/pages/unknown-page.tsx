import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";

export function UnknownPage() {
  return (
    <div className="trouble">
      <Heading>No such page</Heading>
      <p>
        Nothing is at this address. <Link href="/">Go to the start</Link>.
      </p>
    </div>
  );
}
