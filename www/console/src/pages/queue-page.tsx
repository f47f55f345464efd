import { useInfiniteQuery } from "@tanstack/react-query";
import { cases } from "../api/desk.ts";
import { FailureNotice } from "../components/failure-notice.tsx";
import { Heading } from "../ui/heading.tsx";
import { Link } from "../ui/link.tsx";
import { Waiting } from "../ui/waiting.tsx";
import { paths } from "../util/paths.ts";

/** What waits for a verdict, the oldest first. */
export default function QueuePage() {
  const { data, error, refetch } = useInfiniteQuery({
    queryKey: ["cases", {}],
    queryFn: ({ pageParam, signal }) => cases({}, { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
  });
  return (
    <>
      <Heading>Queue</Heading>
      {!data && error && <FailureNotice error={error} onRepeat={() => refetch()} />}
      {!data && !error && <Waiting what="Reading the queue" />}
      <ul>
        {data?.pages
          .flatMap((page) => page.cases)
          .map(({ id }) => (
            <li key={id}>
              <Link href={paths.case({ id })}>{id}</Link>
            </li>
          ))}
      </ul>
    </>
  );
}
