-- Each day's root over the heads of the issues that changed since the root before (weathermap/issue/roots.py). Appended,
-- never changed: the role that the program works as may not (weathermap/store/roles.py).
CREATE TABLE event_root (
    city_id smallint NOT NULL REFERENCES city,
    root_no int NOT NULL,                        -- 1, 2, … in each city
    day     date NOT NULL,                       -- city-local; what is sealed on it
    leaves  int NOT NULL,
    tree    bytea NOT NULL,                      -- Merkle tree hash (RFC 6962) over the leaves, by issue_id
    hash    bytea NOT NULL,                      -- seals this root and all before it
    made_at timestamptz NOT NULL,
    PRIMARY KEY (city_id, root_no),
    UNIQUE (city_id, day)
);

CREATE TABLE event_leaf (                        -- the head of an issue's chain as a root sealed it
    city_id  smallint NOT NULL,
    root_no  int NOT NULL,
    issue_id bigint NOT NULL,
    seq      int NOT NULL,
    hash     bytea NOT NULL,
    PRIMARY KEY (city_id, root_no, issue_id),
    FOREIGN KEY (city_id, root_no) REFERENCES event_root
);
CREATE INDEX event_leaf_issue ON event_leaf (issue_id, seq);

-- What only the owner of the tables may do, for the role that the program works as.
CREATE FUNCTION attach_load(load_no bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent text;
    part   text;
    key    text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['issue', 'issue_event'] LOOP
        part := 'public.' || quote_ident(parent || '_load_' || load_no);
        key := quote_ident(parent || '_pkey_load_' || load_no);
        EXECUTE 'ALTER TABLE ' || part || ' OWNER TO ' || quote_ident(current_user);
        EXECUTE 'ALTER TABLE ' || part || ' ADD CONSTRAINT ' || key || ' PRIMARY KEY USING INDEX ' || key;
        EXECUTE 'ALTER TABLE public.' || parent || ' ATTACH PARTITION ' || part
            || ' FOR VALUES FROM (' || (load_no << 40) || ') TO (' || ((load_no + 1) << 40) || ')';
        EXECUTE 'ALTER TABLE ' || part || ' DROP CONSTRAINT ' || quote_ident(parent || '_load_' || load_no || '_ids')
            || ', RESET (autovacuum_enabled)';
    END LOOP;
END $$;
CREATE FUNCTION renew_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ BEGIN ANALYZE; END $$;
REVOKE EXECUTE ON FUNCTION attach_load(bigint), renew_statistics() FROM PUBLIC;
