-- Photos from the street that somebody looked at and needs for nothing: out of the way, kept all the same.
ALTER TABLE shot ADD COLUMN aside_at timestamptz;
-- When a citizen's words were erased, with the number and name left beside them; the report itself stays.
ALTER TABLE snap ADD COLUMN erased_at timestamptz;
