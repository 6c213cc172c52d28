-- A large load fills partitions of its own, which nobody sees before it is complete. These rows are its work list; they
-- go when it is. A number is never given twice: the ids of load n are those from n·2^40 on.
CREATE TABLE large_load (
    load_no      int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id      smallint NOT NULL REFERENCES city,
    sha256       text NOT NULL,                  -- of the ledger and of all that decides how it is read
    pack_version int NOT NULL,                   -- the pack that it is decided by
    begun        bigint NOT NULL,                -- µs since 1970Z: when its issues become known
    was_live     boolean NOT NULL,               -- a wall could show the city before
    UNIQUE (city_id, sha256)
);
CREATE TABLE large_chunk (                       -- what is stored of it, chunk by chunk
    load_no int NOT NULL REFERENCES large_load ON DELETE CASCADE,
    chunk   int NOT NULL,
    issues  int NOT NULL,
    said    jsonb NOT NULL,                      -- what the chunk adds to the report
    PRIMARY KEY (load_no, chunk)
);
