import type { Where } from "passdesk";
import { type FormEvent, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useSessionEnded } from "../../api/session.ts";
import { Button } from "../../ui/button.tsx";
import { ExactInput } from "../../ui/exact-input.tsx";
import { Field } from "../../ui/field.tsx";
import { useMistake } from "../../ui/mistake.tsx";
import { useFocusKept } from "../../util/focus.ts";
import { isImpersonal, PER_PAGE_CHOICES, paths, type Search } from "../../util/paths.ts";
import { useShortcut } from "../../util/shortcuts.ts";
import { holdValue } from "./held-value.ts";

type Operator = NonNullable<Where["op"]>;

/** The fields that globaliD's text names; any other can be asked for too. */
const KNOWN: Readonly<Record<string, string>> = {
  type: "What is vouched for",
  attestee: "About whom",
  attestor: "By whom",
  attestee_signed_at: "Signed by the user",
  attestor_signed_at: "Signed by the verifier",
  created_at: "Created",
  updated_at: "Updated",
  public_data: "Public data",
  uuid: "The attestation's own id",
  attestee_uuid: "The id of whom it is about",
  app_uuid: "The id of the app",
  tracking_id: "The id of the request",
};

const EXAMPLES: Readonly<Record<string, string>> = {
  type: "phone_number",
  attestee: "johnsmith",
  attestor: "twilio",
  public_data: "USA",
};

const OPERATORS: Readonly<Record<Operator, string>> = {
  eq: "is",
  gt: "is greater than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
};

const OPERATORS_OF_TIME: typeof OPERATORS = {
  eq: "is",
  gt: "is after",
  gte: "is at or after",
  lt: "is before",
  lte: "is at or before",
};

const isTime = (field: string) => field.endsWith("_at");

/** As the package takes a field (`Where` in src/attestation.rs): one that ends like an operator would be read as another. */
const FIELD = /^[A-Za-z0-9_]{1,64}$/;
const OPERATOR_AT_END = /(?:gte|gt|lte|lt)$/;

interface AttestationSearchProps {
  search: Search;
  /** A search for what was searched for already asks again. */
  onSearch: () => void;
}

/** The filter: a field, how to compare it, and with what. */
export function AttestationSearch({ search, onSearch }: AttestationSearchProps) {
  const [, navigate] = useLocation();
  const [field, setField] = useState(search.where?.field ?? "");
  const mistake = useMistake<"field" | "value">();
  const bare = useSessionEnded() && !isImpersonal(field.trim());
  const form = useRef<HTMLFormElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const id = useId();
  const ids = { field: `${id}field`, op: `${id}op`, value: `${id}value`, perPage: `${id}per-page` };
  const fieldsId = `${id}fields`;

  useFocusKept(form);
  useShortcut("search", () => first.current?.focus());

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const entries = new FormData(form);
    const value = String(entries.get("value") ?? "").trim();
    const name = field.trim();
    const found = mistakeIn(name, value);
    mistake.say(found, form);
    if (found) return;
    const where = name === "" ? undefined : { field: name, op: entries.get("op") as Operator, value };
    if (where && !isImpersonal(name)) holdValue(name, value);
    onSearch();
    navigate(paths.attestations({ ...(where && { where }), page: 1, perPage: Number(entries.get("perPage")) }));
  };

  const operators = isTime(field) ? OPERATORS_OF_TIME : OPERATORS;
  return (
    <search aria-label="Attestations">
      <form ref={form} className="attestation-search" onSubmit={submit} noValidate>
        <Field id={ids.field} label="Field" grows>
          <ExactInput
            ref={first}
            id={ids.field}
            name="field"
            list={fieldsId}
            value={field}
            placeholder="Any"
            onChange={(event) => setField(event.target.value)}
            {...mistake.marked("field")}
          />
          <datalist id={fieldsId}>
            {Object.entries(KNOWN).map(([name, what]) => (
              <option key={name} value={name}>
                {what}
              </option>
            ))}
          </datalist>
        </Field>
        <Field id={ids.op} label="Operator">
          <select id={ids.op} name="op" defaultValue={search.where?.op ?? "eq"} disabled={field === ""}>
            {Object.entries(operators).map(([op, says]) => (
              <option key={op} value={op}>
                {says}
              </option>
            ))}
          </select>
        </Field>
        <Field id={ids.value} label="Value" grows>
          <ExactInput
            // Another field, so that what was written in it goes.
            key={bare ? "bare" : "written"}
            id={ids.value}
            name="value"
            defaultValue={search.where?.value ?? ""}
            disabled={field === ""}
            placeholder={EXAMPLES[field] ?? (isTime(field) ? "2019-05-07T12:00:00" : "")}
            {...mistake.marked("value")}
          />
        </Field>
        <Field id={ids.perPage} label="Per page">
          <select id={ids.perPage} name="perPage" defaultValue={search.perPage}>
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
        {mistake.words}
      </form>
    </search>
  );
}

function mistakeIn(field: string, value: string) {
  if (field === "") return undefined;
  if (!FIELD.test(field)) {
    return { at: "field" as const, says: "A field's name has letters, digits and _ only, 64 at most." };
  }
  if (OPERATOR_AT_END.test(field)) {
    return {
      at: "field" as const,
      says: "A field's name cannot end in gt, gte, lt or lte. Choose the operator beside it.",
    };
  }
  return value === "" ? { at: "value" as const, says: "Enter what the field is compared with." } : undefined;
}
