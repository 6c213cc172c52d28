-- Bulletins: their facts are read once, at one instant, and never again; every form is made from them.
CREATE TABLE bulletin (
    bulletin_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id      smallint NOT NULL REFERENCES city,
    kind         text NOT NULL,
    head         jsonb NOT NULL,                 -- title, number, recipients, signer, signed_on, matter
    facts        jsonb NOT NULL,
    picture      text NOT NULL,                  -- the map, SVG
    units        text[] NOT NULL,                -- codes of those named, who see their part before it goes out
    at           timestamptz NOT NULL,           -- the instant of the facts
    state        text NOT NULL CHECK (state IN ('draft', 'shown', 'published', 'withdrawn')),
    created_by   int NOT NULL REFERENCES account,
    created_at   timestamptz NOT NULL,
    shown_at     timestamptz,
    open_until   timestamptz,                    -- objections are taken until then
    published_at timestamptz,
    published_by int REFERENCES account
);
CREATE INDEX bulletin_city ON bulletin (city_id, bulletin_id DESC);

CREATE TABLE bulletin_objection (
    objection_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bulletin_id  bigint NOT NULL REFERENCES bulletin,
    unit_id      int NOT NULL REFERENCES unit,
    account_id   int NOT NULL REFERENCES account,
    at           timestamptz NOT NULL,
    said         text NOT NULL,
    answer       text NOT NULL DEFAULT '',
    answered_by  int REFERENCES account,
    answered_at  timestamptz
);
CREATE INDEX bulletin_objection_of ON bulletin_objection (bulletin_id, objection_id);
