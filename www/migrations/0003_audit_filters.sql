-- What the audit is narrowed to. Both indexes end in the row's number by themselves, which is the order that is asked for.
CREATE INDEX audit_actor ON audit (actor);
CREATE INDEX audit_action ON audit (action);
