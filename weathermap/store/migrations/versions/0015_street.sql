-- Who keeps visiting a point, and the daily group that an inspector walks with.
ALTER TABLE point ADD COLUMN person_id int;
ALTER TABLE person ADD COLUMN patrol text NOT NULL DEFAULT '';

-- Citizens' rounds: who went, and how the round was followed up; what they saw are visits.
CREATE TABLE round (
    round_id  int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id   smallint NOT NULL REFERENCES city,
    key       text NOT NULL,                     -- the form's own: sent twice, stored once
    name      text NOT NULL,
    held_on   date NOT NULL,
    person_id int,                               -- who led it
    follow_up text NOT NULL DEFAULT '',
    UNIQUE (city_id, key)
);
CREATE TABLE round_member (
    round_id int NOT NULL REFERENCES round,
    place    int NOT NULL,                       -- in the order given
    name     text NOT NULL,
    kind     text NOT NULL,
    PRIMARY KEY (round_id, place)
);
CREATE TABLE round_point (
    round_id int NOT NULL REFERENCES round,
    point_id int NOT NULL REFERENCES point,
    PRIMARY KEY (round_id, point_id)
);

-- A visit's official time is that of its receipt; what the phone or the visitor says stands beside it.
ALTER TABLE visit ADD COLUMN told_start timestamptz;
ALTER TABLE visit ADD COLUMN told_end timestamptz;
ALTER TABLE visit ADD COLUMN note text NOT NULL DEFAULT '';
ALTER TABLE visit ADD COLUMN digest bytea;       -- of what was sent: the same again is the same visit
ALTER TABLE visit ADD COLUMN round_id int REFERENCES round;

CREATE TABLE observation (
    visit_id bigint NOT NULL REFERENCES visit,
    standard text NOT NULL,                      -- code
    edition  text NOT NULL,                      -- of the standards that it was made by
    result   text NOT NULL CHECK (result IN ('pass', 'fail', 'na')),
    note     text NOT NULL DEFAULT '',
    issue_id bigint,                             -- that the fail made, or found open already
    PRIMARY KEY (visit_id, standard)
);
CREATE INDEX observation_issue ON observation (issue_id) WHERE issue_id IS NOT NULL;

-- Photos shot on the way, each under the id that the phone gave it; sorted into visits and issues then or later.
CREATE TABLE shot (
    city_id     smallint NOT NULL REFERENCES city,
    key         text NOT NULL,
    account_id  int NOT NULL,
    sha256      bytea NOT NULL,
    format      text NOT NULL,
    width       int NOT NULL,
    height      int NOT NULL,
    bytes       int NOT NULL,
    taken       text NOT NULL,                   -- as the camera says, '' unknown
    lon         double precision,                -- as the camera says, else the phone
    lat         double precision,
    told_at     timestamptz,                     -- as the phone says
    received_at timestamptz NOT NULL,
    visit_id    bigint REFERENCES visit,
    standard    text,                            -- of that visit's observation; null: of the whole visit
    issue_id    bigint,
    PRIMARY KEY (city_id, key)
);
CREATE INDEX shot_visit ON shot (visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX shot_loose ON shot (account_id) WHERE visit_id IS NULL AND issue_id IS NULL;
