-- What administrators changed: appended, never changed (weathermap/store/roles.py).
CREATE TABLE admin_change (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    account_id   int NOT NULL,
    login        text NOT NULL,
    city_id      smallint,                       -- NULL: administrators' accounts, which belong to no city
    subject      text NOT NULL,                  -- a table of the pack (units, duties …), or account
    target       text NOT NULL,                  -- code or login
    before       text,                           -- JSON of the row; NULL: there was none
    after        text,                           -- JSON; NULL: there is none any more
    valid_from   date NOT NULL,                  -- city-local
    pack_version int                             -- that the change made; NULL: accounts
);
CREATE INDEX admin_change_target ON admin_change (subject, target);
CREATE INDEX admin_change_at ON admin_change (at);
