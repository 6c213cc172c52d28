-- Photos of an event; the files lie in the data folder, by the digest of the original.
CREATE TABLE photo (
    issue_id  bigint NOT NULL,
    seq       int NOT NULL,
    place     int NOT NULL,                      -- in the order given
    sha256    bytea NOT NULL,
    format    text NOT NULL,
    width     int NOT NULL,
    height    int NOT NULL,
    bytes     int NOT NULL,                      -- of the original
    taken     text NOT NULL,                     -- as the camera says, '' unknown
    lon       double precision,                  -- as the camera says
    lat       double precision,
    stored_at timestamptz NOT NULL,
    PRIMARY KEY (issue_id, seq, place)
);
CREATE INDEX photo_sha256 ON photo (sha256);
