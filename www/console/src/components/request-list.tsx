import { type FormEvent, useState } from "react";
import { SAMPLES, STRANGERS } from "../../../demo/samples.mjs";
import { Button } from "../ui/button.tsx";
import { Link } from "../ui/link.tsx";
import { navigate } from "../util/location.ts";
import { paths } from "../util/paths.ts";

/** The sandbox's requests, and a way to any other by its id. */
export function RequestList({ current }: { current?: string | undefined }) {
  const [id, setId] = useState("");
  const open = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== "") navigate(paths.request({ id: id.trim() }));
  };
  return (
    <nav className="requests" aria-label="Requests">
      <form className="open-request" onSubmit={open}>
        <label htmlFor="request-id">Request id</label>
        <div className="joined">
          <input
            id="request-id"
            value={id}
            onChange={(event) => setId(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
          <Button type="submit">Open</Button>
        </div>
      </form>
      {[...SAMPLES, STRANGERS].map(({ title, samples }) => (
        <section key={title}>
          <h2 className="overline">{title}</h2>
          <ul>
            {samples.map((sample) => (
              <li key={sample.id}>
                <Link href={paths.request(sample)} aria-current={sample.id === current ? "page" : undefined}>
                  <span className="request-shows">{sample.shows}</span>
                  <span className="mono fine">{sample.id}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
