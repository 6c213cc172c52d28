-- What was known when: everything is known at its own instant but for what came later, which is kept here beside.

ALTER TABLE city ADD COLUMN live_since timestamptz;  -- its first report was stored: from then on a wall showed it
UPDATE city SET live_since = now() WHERE EXISTS (SELECT FROM issue WHERE issue.city_id = city.city_id);

CREATE TABLE event_late (                        -- events of a live city recorded later than they happened
    city_id     smallint NOT NULL,
    issue_id    bigint NOT NULL,
    seq         int NOT NULL,
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,            -- whole seconds
    PRIMARY KEY (issue_id, seq)
);
CREATE INDEX event_late_recorded ON event_late (city_id, recorded_at);

CREATE TABLE tally_late (                        -- deltas that came later than their instant; never folded
    city_id     smallint NOT NULL,
    at          timestamptz NOT NULL,            -- whole seconds
    recorded_at timestamptz NOT NULL,            -- whole seconds
    subjects    int[] NOT NULL,
    measure     smallint NOT NULL,
    n           int NOT NULL
);
CREATE INDEX tally_late_recorded ON tally_late (city_id, recorded_at);
