-- Accounts: persons, or screens, who sign in. Names of roles: weathermap/people/roles.py.
CREATE TABLE account (
    account_id   int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login        text NOT NULL UNIQUE CHECK (login = lower(login)),
    name         text NOT NULL,
    city_id      smallint REFERENCES city,       -- NULL: administrators, who belong to no city
    roles        text[] NOT NULL,
    unit_id      int REFERENCES unit,            -- for which it acts
    person_id    int REFERENCES person,          -- who makes the moves
    password     text,                           -- Argon2id; NULL: not set yet
    failed       int NOT NULL DEFAULT 0,         -- wrong passwords in a row
    locked_until timestamptz,
    disabled     boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL,
    CHECK (cardinality(roles) > 0),
    -- system, security and audit stand apart
    CHECK (cardinality(roles) = 1 OR NOT roles && ARRAY['system_admin', 'security_admin', 'audit_admin'])
);

CREATE TABLE session (
    token      bytea PRIMARY KEY,                -- SHA-256 of what the cookie holds
    account_id int NOT NULL REFERENCES account ON DELETE CASCADE,
    csrf       text NOT NULL,
    begun_at   timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
);
CREATE INDEX session_account ON session (account_id);

CREATE TABLE invitation (                        -- a link, good once, to set a password
    token      bytea PRIMARY KEY,                -- SHA-256 of what the link holds
    account_id int NOT NULL REFERENCES account ON DELETE CASCADE,
    until      timestamptz NOT NULL
);

CREATE TABLE access_log (
    access_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    account_id int,                              -- NULL: nobody was signed in
    login      text NOT NULL,
    what       text NOT NULL,
    target     text NOT NULL,
    address    text NOT NULL                     -- of the client
);
CREATE INDEX access_log_at ON access_log USING brin (at);

-- Who checks never handled what is checked, nor is of the unit that did: held here, whatever a program says.
CREATE TABLE issue_check (
    issue_id     bigint NOT NULL,
    seq          int NOT NULL,                   -- of the check's event
    checker      int NOT NULL REFERENCES person,
    checker_unit int REFERENCES unit,
    handler      bigint NOT NULL,                -- person_id of the feedback; 0: the source or the program
    handler_unit int REFERENCES unit,
    PRIMARY KEY (issue_id, seq),
    CHECK (checker <> handler),
    CHECK (checker_unit IS NULL OR handler_unit IS NULL OR checker_unit <> handler_unit)
);
