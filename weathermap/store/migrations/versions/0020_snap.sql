-- What a citizen sent (随手拍): one row a ticket. Words stand here and not in the event, which holds their salted digest.
CREATE TABLE snap (
    snap_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id     smallint NOT NULL REFERENCES city,
    client      uuid NOT NULL,                   -- made by the page that sent it: sent twice, kept once
    issue_id    bigint NOT NULL,
    seq         int NOT NULL,                    -- of the event that it became
    follows     boolean NOT NULL,                -- "this is it": somebody had reported it before
    words       text NOT NULL,
    salt        bytea NOT NULL,
    place_from  text NOT NULL CHECK (place_from IN ('photo', 'phone', 'pin', 'none')),
    suspect     text NOT NULL CHECK (suspect IN ('', 'trap', 'haste', 'links')),  -- why the office should look at it first
    refused     jsonb NOT NULL,                  -- photos that were not kept: [name, reason], reasons of weathermap/evidence/photos.py
    spam        boolean NOT NULL DEFAULT false,
    reporter_id bigint REFERENCES reporter ON DELETE SET NULL,
    code        text,                            -- Argon2id of the word that finds it again, with the telephone
    sent_at     timestamptz NOT NULL,
    UNIQUE (city_id, client)
);
CREATE INDEX snap_issue ON snap (issue_id, seq);
CREATE INDEX snap_reporter ON snap (reporter_id) WHERE reporter_id IS NOT NULL;

CREATE TABLE snap_link (
    token   bytea PRIMARY KEY,                   -- SHA-256 of the 128 random bits that the link holds
    snap_id bigint NOT NULL REFERENCES snap ON DELETE CASCADE,
    made_at timestamptz NOT NULL
);

CREATE TABLE snap_answer (                       -- "was it really fixed?"
    snap_id bigint NOT NULL REFERENCES snap ON DELETE CASCADE,
    issue_id bigint NOT NULL,                    -- the ticket's, or the one that it was merged into
    seq     int NOT NULL,                        -- of the event that it became
    fixed   boolean NOT NULL,
    words   text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (snap_id, issue_id, seq)
);
CREATE INDEX snap_answer_issue ON snap_answer (issue_id, seq);

-- What is asked of somebody else is found without reading all events: citizens' requests too.
DROP INDEX issue_event_requested;
CREATE INDEX issue_event_requested ON issue_event (city_id, at)
    WHERE move IN ('hand_back', 'ask_extension', 'ask_suspension', 'escalate', 'ask_reopen');
