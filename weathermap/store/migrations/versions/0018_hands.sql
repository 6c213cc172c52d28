-- Issues merged into others or split into parts stand aside as void ones do, and are found from the other end.
DROP INDEX issue_aside;
CREATE INDEX issue_aside ON issue (city_id, state) WHERE state IN ('reported', 'rejected', 'void', 'merged', 'split');
CREATE INDEX issue_event_merged ON issue_event (city_id, (CAST(data AS jsonb) ->> 'into')) WHERE move = 'merge';
CREATE INDEX issue_event_returned ON issue_event (issue_id) WHERE move = 'resume';

-- How a category's feedback is checked: '' by photo (a share is visited all the same) or 'visit'.
ALTER TABLE category ADD COLUMN check_by text NOT NULL DEFAULT '';

-- A task that a unit passed on to whom has no account, by a link (二次派遣). Personal text stands here alone; events hold
-- salted digests of it.
CREATE TABLE task_link (
    issue_id     bigint NOT NULL,
    seq          int NOT NULL,                   -- of the event that passed it on
    city_id      smallint NOT NULL REFERENCES city,
    token        bytea NOT NULL UNIQUE,          -- SHA-256 of what the link holds
    unit_id      int NOT NULL REFERENCES unit,   -- that goes on answering for it
    salt         bytea NOT NULL,
    to_whom      text NOT NULL,
    until        timestamptz NOT NULL,
    given_at     timestamptz NOT NULL,
    opened_at    timestamptz,                    -- for the first time
    taken_back_at timestamptz,
    answer       text NOT NULL DEFAULT '',       -- '' | done | cannot
    answer_seq   int,                            -- of the event of the last answer
    answered_at  timestamptz,
    words        text NOT NULL DEFAULT '',       -- of the answer
    returned     text NOT NULL DEFAULT '',       -- why the unit sent the last answer back
    PRIMARY KEY (issue_id, seq)
);
