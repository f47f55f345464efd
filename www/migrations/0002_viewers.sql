-- Who has a case open just now, so that two reviewers in one case know of each other. Each row goes soon by itself.
CREATE TABLE viewers (
  case_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (case_id, actor)
) STRICT, WITHOUT ROWID;

CREATE INDEX viewers_until ON viewers (until);
