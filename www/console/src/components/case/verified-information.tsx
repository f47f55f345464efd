import type { VerifiedInformation as Information } from "passdesk";
import { spaced } from "../../util/words.ts";

/** The fields that Civic's text names, in the order in which a reviewer compares them with the document. */
const LABELS: Record<string, string> = {
  name: "Name",
  dateOfBirth: "Date of birth",
  documentType: "Document type",
  documentNumber: "Document number",
  issueCountry: "Issuing country",
  dateOfExpiry: "Date of expiry",
  email: "E-mail",
  address: "Wallet address",
  accountId: "Account",
};

/** Written in fixed-width letters, since each character counts. */
const EXACT = new Set(["dateOfBirth", "documentNumber", "dateOfExpiry", "address", "accountId"]);

export function fieldLabel(field: string): string {
  const name = field.replace(/^verifiedInformation\./, "");
  return Object.hasOwn(LABELS, name) ? (LABELS[name] ?? name) : spaced(name);
}

/** The data beside the image. Fields that nobody has seen before come last, as they are. */
export function VerifiedInformation({ information }: { information: Information }) {
  const known = Object.keys(LABELS).filter((field) => Object.hasOwn(information, field));
  const others = Object.keys(information).filter((field) => !Object.hasOwn(LABELS, field));
  if (known.length + others.length === 0) return <p className="muted">Civic sent no data with this request.</p>;
  return (
    <dl className="information">
      {[...known, ...others].map((field) => (
        <div key={field}>
          <dt>{fieldLabel(field)}</dt>
          <dd className={EXACT.has(field) ? "mono" : undefined}>{shown(information[field])}</dd>
        </div>
      ))}
    </dl>
  );
}

function shown(value: unknown) {
  if (value === null || value === undefined || value === "") return <span className="muted">not given</span>;
  return typeof value === "string" ? value : JSON.stringify(value);
}
