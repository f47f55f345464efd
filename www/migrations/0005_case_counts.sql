-- How many cases there are of each kind, for the metrics: D1 bills the rows that a count reads, and a scrape comes every few
-- seconds. Kept by triggers, so that whoever writes a case, a restored copy included, cannot forget it.
CREATE TABLE case_counts (
  phase TEXT NOT NULL,
  delivery TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (phase, delivery)
) STRICT, WITHOUT ROWID;

INSERT INTO case_counts (phase, delivery, count) SELECT phase, delivery, count(*) FROM cases GROUP BY phase, delivery;

CREATE TRIGGER cases_come AFTER INSERT ON cases
BEGIN
  INSERT INTO case_counts (phase, delivery, count) VALUES (NEW.phase, NEW.delivery, 1)
    ON CONFLICT (phase, delivery) DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER cases_go AFTER DELETE ON cases
BEGIN
  UPDATE case_counts SET count = count - 1 WHERE phase = OLD.phase AND delivery = OLD.delivery;
END;

CREATE TRIGGER cases_turn AFTER UPDATE OF phase, delivery ON cases
WHEN NEW.phase IS NOT OLD.phase OR NEW.delivery IS NOT OLD.delivery
BEGIN
  INSERT INTO case_counts (phase, delivery, count) VALUES (OLD.phase, OLD.delivery, -1), (NEW.phase, NEW.delivery, 1)
    ON CONFLICT (phase, delivery) DO UPDATE SET count = count + excluded.count;
END;

-- The oldest verdict in each state of its delivery, found without a look at the others.
CREATE INDEX cases_decided ON cases (delivery, json_extract(state, '$.decision.at')) WHERE phase = 'decided';
