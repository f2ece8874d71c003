-- Searches of what many incidents have, in order: the full text also says how severe each is and whether it is live (L1, or O1 when
-- it is over), and the same of each 4,096 numbers (L1N0, L1N1, ..). Typed words are made small, so that nobody types these.
ALTER TABLE incident DROP COLUMN search;
ALTER TABLE incident ADD COLUMN search tsvector GENERATED ALWAYS AS (
  to_tsvector('simple', title || ' ' || description)
  || array_to_tsvector(ARRAY[
    CASE WHEN live THEN 'L' ELSE 'O' END || severity_rank::TEXT,
    CASE WHEN live THEN 'L' ELSE 'O' END || severity_rank::TEXT || 'N' || (number / 4096)::TEXT
  ])
) STORED;
CREATE INDEX incident_search ON incident USING gin (search);
