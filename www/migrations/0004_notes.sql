-- What a reviewer left beside a verdict, encrypted: the key is in no table. A row goes with its verdict, and with its case.
CREATE TABLE notes (
  case_id TEXT PRIMARY KEY NOT NULL,
  sealed TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- By whatever hand a case goes: that of a Worker from before there were notes, or an operator's.
CREATE TRIGGER notes_go AFTER DELETE ON cases
BEGIN
  DELETE FROM notes WHERE case_id = OLD.id;
END;
