CREATE EXTENSION IF NOT EXISTS postgis;

-- Microseconds since 1970Z, exact: to_timestamp takes a double and is not.
CREATE FUNCTION instant(us bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN timestamptz '1970-01-01 00:00+00' + us * interval '1 microsecond';
CREATE FUNCTION micros(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CAST(extract(epoch FROM at) * 1000000 AS bigint);

-- A city, its dated packs and boundary versions ------------------------------------------------------------------
CREATE TABLE city (
    city_id      smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code         text NOT NULL UNIQUE,
    name         text NOT NULL,
    name_en      text NOT NULL,
    timezone     text NOT NULL,
    period_start timestamptz,                    -- start of the reporting period; NULL: the first notified issue
    demo         jsonb                           -- {seed, from, to} when the ledger is the demo's
);

CREATE TABLE boundary_version (
    city_id    smallint NOT NULL REFERENCES city,
    version    int NOT NULL,
    valid_from timestamptz NOT NULL,
    sha256     text NOT NULL,
    PRIMARY KEY (city_id, version)
);

CREATE TABLE pack_version (
    city_id          smallint NOT NULL REFERENCES city,
    pack_version     int NOT NULL,
    boundary_version int NOT NULL,
    sha256           text NOT NULL,
    config           jsonb NOT NULL,             -- city.toml
    archive          bytea NOT NULL,             -- the pack's files as a zip: what was loaded can be read again
    loaded_at        timestamptz NOT NULL,
    PRIMARY KEY (city_id, pack_version),
    FOREIGN KEY (city_id, boundary_version) REFERENCES boundary_version
);

-- Areas and units take their ids from one sequence: both are subjects of tallies ------------------------------------
CREATE SEQUENCE subject_id_seq AS int;

CREATE TABLE area (
    area_id        int PRIMARY KEY DEFAULT nextval('subject_id_seq'),
    city_id        smallint NOT NULL REFERENCES city,
    version        int NOT NULL,
    level          text NOT NULL,
    code           text NOT NULL,
    name           text NOT NULL,
    name_en        text NOT NULL,
    parent_id      int REFERENCES area,
    path           int[] NOT NULL,               -- area ids from the city down to this one; an overlay: itself
    geom           geometry(MultiPolygon, 4326) NOT NULL,
    label          geometry(Point, 4326) NOT NULL,
    label_width_m  real NOT NULL,
    label_height_m real NOT NULL,
    area_m2        double precision NOT NULL,    -- geodesic
    UNIQUE (city_id, version, level, code),
    FOREIGN KEY (city_id, version) REFERENCES boundary_version
);
CREATE INDEX area_geom ON area USING gist (geom);
CREATE INDEX area_parent ON area (parent_id);

CREATE TABLE unit (
    unit_id int PRIMARY KEY DEFAULT nextval('subject_id_seq'),
    city_id smallint NOT NULL REFERENCES city,
    code    text NOT NULL,
    name    text NOT NULL,
    name_en text NOT NULL,
    kind    text NOT NULL,
    area    text NOT NULL,                       -- code of the area it governs, '' when none
    parent  text NOT NULL,
    retired boolean NOT NULL DEFAULT false,
    UNIQUE (city_id, code)
);

CREATE TABLE person (
    person_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id   smallint NOT NULL REFERENCES city,
    code      text NOT NULL,
    name      text NOT NULL,
    unit_id   int REFERENCES unit,
    role      text NOT NULL,
    title     text NOT NULL,
    retired   boolean NOT NULL DEFAULT false,
    UNIQUE (city_id, code)
);

CREATE TABLE category (
    category_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id     smallint NOT NULL REFERENCES city,
    code        text NOT NULL,
    name        text NOT NULL,
    name_en     text NOT NULL,
    kind        text NOT NULL,
    special     text NOT NULL,
    red_line    boolean NOT NULL,
    retired     boolean NOT NULL DEFAULT false,
    UNIQUE (city_id, code)
);

CREATE TABLE source (
    source_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id   smallint NOT NULL REFERENCES city,
    code      text NOT NULL,
    name      text NOT NULL,
    name_en   text NOT NULL,
    kind      text NOT NULL,
    error_m   real NOT NULL,
    retired   boolean NOT NULL DEFAULT false,
    UNIQUE (city_id, code)
);

CREATE TABLE point (
    point_id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id     smallint NOT NULL REFERENCES city,
    code        text NOT NULL,
    kind        text NOT NULL,
    name        text NOT NULL,
    name_en     text NOT NULL,
    unit_id     int REFERENCES unit,
    area_id     int REFERENCES area,             -- finest level, current boundary version
    places      int[] NOT NULL,                  -- all areas that hold it: chain and overlays
    geom        geometry(Point, 4326) NOT NULL,
    address     text NOT NULL,
    declared_on date,
    retired     boolean NOT NULL DEFAULT false,
    UNIQUE (city_id, code)
);
CREATE INDEX point_geom ON point USING gist (geom);

-- Issues: the events are the truth, `issue` is their current state ---------------------------------------------------
CREATE SEQUENCE issue_id_seq;
CREATE TABLE issue (
    issue_id         bigint NOT NULL,
    city_id          smallint NOT NULL,
    number           text NOT NULL,
    source_id        int NOT NULL,
    category_id      int NOT NULL,
    state            text NOT NULL,
    seq              int NOT NULL,               -- of the last event: the version for compare-and-swap
    hash             bytea NOT NULL,             -- of the last event: the chain's head
    last_at          timestamptz NOT NULL,       -- of the last event
    reported_at      timestamptz NOT NULL,
    notified_at      timestamptz,
    deadline         timestamptz,
    long_at          timestamptz,                -- becomes long overdue
    red_at           timestamptz,                -- red-line category: becomes thunder
    fed_back_at      timestamptz,                -- of the valid feedback
    rectified_at     timestamptz,
    suspended_at     timestamptz,
    extended         boolean NOT NULL,
    unit_id          int,
    person_id        int,
    area_id          int,                        -- finest level, current boundary version; NULL: unlocated
    places           int[] NOT NULL,             -- all areas that hold it: the chain from the city down, and overlays
    point_id         int,
    geom             geometry(Point, 4326),
    position         text NOT NULL,              -- located | missing | default | swapped | outside
    address          text NOT NULL,
    flag             text NOT NULL,              -- '' | closed_early
    review           boolean NOT NULL,
    receipt          jsonb NOT NULL,
    PRIMARY KEY (issue_id)
) PARTITION BY RANGE (issue_id);
CREATE TABLE issue_live PARTITION OF issue FOR VALUES FROM (0) TO (1099511627776);
CREATE INDEX issue_number ON issue (number);
CREATE INDEX issue_places ON issue USING gin (places);
CREATE INDEX issue_unit ON issue (unit_id, issue_id);
CREATE INDEX issue_open ON issue (city_id, issue_id) WHERE rectified_at IS NULL;
CREATE INDEX issue_last ON issue (city_id, last_at);
CREATE INDEX issue_notified ON issue (city_id, notified_at);

CREATE TABLE issue_key (
    city_id    smallint NOT NULL,
    source_id  int NOT NULL,
    source_key text NOT NULL,
    issue_id   bigint NOT NULL,
    PRIMARY KEY (city_id, source_id, source_key)
);

CREATE TABLE issue_number_day (
    city_id smallint NOT NULL REFERENCES city,
    day     date NOT NULL,                       -- city-local intake day
    last    int NOT NULL,
    PRIMARY KEY (city_id, day)
);

CREATE TABLE issue_event (
    issue_id bigint NOT NULL,
    seq      int NOT NULL,
    city_id  smallint NOT NULL,
    at       timestamptz NOT NULL,
    move     text NOT NULL,
    actor    bigint NOT NULL,                    -- person_id; 0: the program or the source
    data     text NOT NULL,                      -- JSON, kept as its exact text
    hash     bytea NOT NULL,
    PRIMARY KEY (issue_id, seq)
) PARTITION BY RANGE (issue_id);
CREATE TABLE issue_event_live PARTITION OF issue_event FOR VALUES FROM (0) TO (1099511627776);
CREATE INDEX issue_event_at ON issue_event USING brin (at);

CREATE TABLE issue_published (                   -- the area that the source itself named, kept beside ours
    issue_id bigint NOT NULL,
    level    text NOT NULL,
    code     text NOT NULL,
    PRIMARY KEY (issue_id, level)
);

CREATE TABLE load (
    load_id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id    smallint NOT NULL REFERENCES city,
    name       text NOT NULL,
    sha256     text NOT NULL,
    loaded_at  timestamptz NOT NULL,
    read       int NOT NULL,
    stored     int NOT NULL,
    rejected   int NOT NULL,
    duplicates int NOT NULL,
    CHECK (read = stored + rejected + duplicates)
);

CREATE TABLE quarantine (
    load_id int NOT NULL REFERENCES load,
    line    int NOT NULL,
    field   text NOT NULL,
    reason  text NOT NULL,
    "row"   text NOT NULL
);
CREATE INDEX quarantine_load ON quarantine (load_id, line);

-- Visits ---------------------------------------------------------------------------------------------------------------
CREATE TABLE visit (
    visit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id    smallint NOT NULL REFERENCES city,
    key        text NOT NULL,
    kind       text NOT NULL,
    point_id   int NOT NULL REFERENCES point,
    person_id  int,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    UNIQUE (city_id, key)
);
CREATE INDEX visit_point ON visit (point_id, started_at);

-- Tallies: writers append deltas, a folder merges them into prefix sums ----------------------------------------------
CREATE TABLE tally_subject (
    subject_id int PRIMARY KEY,                  -- an area_id or a unit_id
    city_id    smallint NOT NULL,
    bucket_s   int NOT NULL                      -- seconds a bucket: 3600 or 86400
);

CREATE TABLE tally_delta (
    city_id  smallint NOT NULL,
    at       timestamptz NOT NULL,               -- whole seconds; may lie ahead
    subjects int[] NOT NULL,                     -- every area and unit that it counts for
    measure  smallint NOT NULL,
    n        int NOT NULL
);
CREATE INDEX tally_delta_at ON tally_delta (at);

CREATE TABLE tally_prefix (
    subject_id   int NOT NULL,
    bucket       int NOT NULL,                   -- seconds since 1970Z ÷ bucket_s; sums up to the end of the bucket
    notified     int NOT NULL,
    rectified    int NOT NULL,
    due          int NOT NULL,
    on_time      int NOT NULL,
    late         int NOT NULL,
    long_overdue int NOT NULL,
    red_overdue  int NOT NULL,
    suspended    int NOT NULL,
    extended     int NOT NULL,
    failed       int NOT NULL,
    reopened     int NOT NULL,
    declared     int NOT NULL,
    covered      int NOT NULL,
    visits       int NOT NULL,
    detail       bytea NOT NULL,                 -- int4 each: second in the bucket × 64 + measure × 2 + (1 if −1)
    PRIMARY KEY (subject_id, bucket)
);
ALTER TABLE tally_prefix ALTER COLUMN detail SET STORAGE MAIN;

CREATE TABLE fold_log (
    fold_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id   smallint NOT NULL,
    folded_at timestamptz NOT NULL,
    subjects  int[] NOT NULL                     -- whose numbers changed
);
