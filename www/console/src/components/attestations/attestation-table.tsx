import type { Attestation } from "passdesk";
import { minute, spaced } from "../../util/words.ts";

/** One page of attestations. On a narrow screen it scrolls sideways by itself, by key too. */
export function AttestationTable({ attestations }: { attestations: Attestation[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key (WCAG 2.2, 2.1.1)
    <section className="table-frame" aria-label="Attestations found" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">About</th>
            <th scope="col">Vouched for by</th>
            <th scope="col">Signed by the user</th>
            <th scope="col">Public data</th>
          </tr>
        </thead>
        <tbody>
          {attestations.map((attestation) => (
            <tr key={attestation.uuid}>
              <td>{spaced(attestation.type ?? "")}</td>
              <td className="mono">{attestation.attestee}</td>
              <td className="mono">{attestation.attestor}</td>
              <td className="mono">{minute(attestation.attestee_signed_at)}</td>
              <td>{attestation.public_data}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
