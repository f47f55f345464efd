import type { Where } from "passdesk";
import { type FormEvent, useId, useState } from "react";
import { useLocation } from "wouter";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { PER_PAGE_CHOICES, paths, type Search } from "../../util/paths.ts";

const FIELDS: Record<string, string> = {
  type: "Type",
  attestee: "About (attestee)",
  attestor: "Vouched for by (attestor)",
  attestee_signed_at: "Signed by the user",
  attestor_signed_at: "Signed by the verifier",
  created_at: "Created",
  updated_at: "Updated",
  public_data: "Public data",
  uuid: "UUID",
};

const OPERATORS: Record<NonNullable<Where["op"]>, string> = {
  eq: "is",
  gt: "is after",
  gte: "is at or after",
  lt: "is before",
  lte: "is at or before",
};

const EXAMPLES: Record<string, string> = {
  type: "phone_number",
  attestee: "johnsmith",
  attestor: "twilio",
  public_data: "USA",
};

/** The filter: a field, how to compare it, and with what. */
export function AttestationSearch({ search }: { search: Search }) {
  const [, navigate] = useLocation();
  const [field, setField] = useState(search.where?.field ?? "");
  const [op, setOp] = useState<NonNullable<Where["op"]>>(search.where?.op ?? "eq");
  const [value, setValue] = useState(search.where?.value ?? "");
  const [perPage, setPerPage] = useState(search.perPage);
  const id = useId();
  const ids = { field: `${id}field`, op: `${id}op`, value: `${id}value`, perPage: `${id}per-page` };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const where = field === "" ? undefined : { field, op, value: value.trim() };
    navigate(paths.attestations({ ...(where && { where }), page: 1, perPage }));
  };

  return (
    <search aria-label="Attestations">
      <form className="attestation-search" onSubmit={submit}>
        <Field id={ids.field} label="Field">
          <select id={ids.field} value={field} onChange={(event) => setField(event.target.value)}>
            <option value="">Any</option>
            {Object.entries(withOwn(FIELDS, field)).map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field id={ids.op} label="Operator">
          <select
            id={ids.op}
            value={op}
            disabled={field === ""}
            onChange={(event) => setOp(event.target.value as NonNullable<Where["op"]>)}
          >
            {Object.entries(OPERATORS).map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field id={ids.value} label="Value" grows>
          <input
            id={ids.value}
            value={value}
            disabled={field === ""}
            required={field !== ""}
            placeholder={field === "" ? "" : (EXAMPLES[field] ?? (field.endsWith("_at") ? "2019-05-07T12:00:00" : ""))}
            onChange={(event) => setValue(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        </Field>
        <Field id={ids.perPage} label="Per page">
          <select id={ids.perPage} value={perPage} onChange={(event) => setPerPage(Number(event.target.value))}>
            {PER_PAGE_CHOICES.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </select>
        </Field>
        <Button type="submit" kind="main">
          Search
        </Button>
      </form>
    </search>
  );
}

/** The known fields, and the one that a hand-written URL names besides. */
function withOwn(fields: Record<string, string>, own: string): Record<string, string> {
  return own === "" || Object.hasOwn(fields, own) ? fields : { ...fields, [own]: own };
}
