-- Who reported, sealed with a key that is not in the store (weathermap/people/secret_keys.py).
CREATE TABLE reporter (
    reporter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id     smallint NOT NULL REFERENCES city,
    mark        bytea NOT NULL,                  -- HMAC-SHA256 of the telephone number: found by it, not read from it
    sealed      bytea NOT NULL,                  -- Fernet of {"phone", "name"}
    created_at  timestamptz NOT NULL,
    UNIQUE (city_id, mark)
);

CREATE TABLE issue_reporter (                    -- deleted on lawful erasure; no event names a reporter
    issue_id    bigint PRIMARY KEY,
    reporter_id bigint NOT NULL REFERENCES reporter ON DELETE CASCADE
);
CREATE INDEX issue_reporter_of ON issue_reporter (reporter_id);
