-- What a reviewer left beside a verdict, encrypted: the key is in no table. A row goes with its verdict, and with its case.
CREATE TABLE notes (
  case_id TEXT PRIMARY KEY NOT NULL,
  sealed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
