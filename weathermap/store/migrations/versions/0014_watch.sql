-- Steps of a city's ladder that were noticed on an issue: each once for a deadline, however many look, and one proposal at
-- a time.
CREATE TABLE ladder_step (
    city_id    smallint NOT NULL REFERENCES city,
    issue_id   bigint NOT NULL,
    deadline   timestamptz NOT NULL,
    step       text NOT NULL,                    -- code of the pack's ladder
    move       text NOT NULL,
    noticed_at timestamptz NOT NULL,
    reworked   int NOT NULL,                     -- failed checks by then
    state      text NOT NULL CHECK (state IN ('sent', 'passed', 'open', 'taken', 'dismissed', 'settled')),
    decided_at timestamptz,
    decided_by int REFERENCES person,
    note       text NOT NULL DEFAULT '',         -- why it was dismissed
    PRIMARY KEY (issue_id, deadline, step)
);
CREATE UNIQUE INDEX ladder_step_open ON ladder_step (issue_id) WHERE state = 'open';
CREATE INDEX ladder_step_waiting ON ladder_step (city_id, noticed_at) WHERE state = 'open';

-- What somebody should know, written with what happened. To whom: weathermap/notice/kinds.py.
CREATE TABLE notice (
    notice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id   smallint NOT NULL,
    kind      text NOT NULL,
    at        timestamptz NOT NULL,
    issue_id  bigint,                            -- the issue and its event …
    seq       int NOT NULL,
    order_id  bigint,                            -- … or the order on a unit and its event
    unit_id   int,
    actor     bigint NOT NULL,                   -- person_id, who need not be told; 0: the program
    step      text NOT NULL DEFAULT '',          -- of the ladder, of a proposal
    spread    boolean NOT NULL DEFAULT false     -- handed to the outbox
);
CREATE INDEX notice_unit ON notice (unit_id, notice_id);
CREATE INDEX notice_kind ON notice (city_id, kind, notice_id);
CREATE INDEX notice_unspread ON notice (notice_id) WHERE NOT spread;

CREATE TABLE notice_read (
    account_id int NOT NULL REFERENCES account ON DELETE CASCADE,
    notice_id  bigint NOT NULL,
    PRIMARY KEY (account_id, notice_id)
);

-- Where notices go outside. What is secret of it (token, signing key, password) stands in the environment alone.
CREATE TABLE channel (
    channel_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id    smallint NOT NULL REFERENCES city,
    code       text NOT NULL,
    service    text NOT NULL CHECK (service IN ('email', 'wecom', 'dingtalk', 'feishu', 'webhook')),
    url        text NOT NULL,                    -- smtp://HOST:PORT, or where the service listens, without its token
    sender     text NOT NULL DEFAULT '',         -- of e-mail
    recipients text[] NOT NULL DEFAULT '{}',     -- of e-mail
    kinds      text[] NOT NULL DEFAULT '{}',     -- of notices; none: all
    unit_id    int REFERENCES unit,              -- only what concerns this unit; NULL: all
    enabled    boolean NOT NULL DEFAULT true,
    since      timestamptz NOT NULL,
    UNIQUE (city_id, code)
);
CREATE TABLE outbox (                            -- a notice to one recipient of a channel: recorded once, sent until answered
    notice_id  bigint NOT NULL REFERENCES notice,
    channel_id int NOT NULL REFERENCES channel ON DELETE CASCADE,
    recipient  text NOT NULL,                    -- an e-mail address; '' for all else
    attempts   int NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL,
    sent_at    timestamptz,
    dead_at    timestamptz,                      -- given up: waits for `weathermap outbox retry`
    error      text NOT NULL DEFAULT '',
    PRIMARY KEY (notice_id, channel_id, recipient)
);
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;

-- Orders and public listings that a commander gives a unit, itself or for its town; the events say what came of them.
CREATE TABLE unit_order (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id  smallint NOT NULL REFERENCES city,
    move     text NOT NULL CHECK (move IN ('order', 'list_publicly')),
    unit_id  int NOT NULL REFERENCES unit,       -- who answers
    place    text NOT NULL,                      -- LEVEL:CODE of the area that it is about; '': the unit
    seq      int NOT NULL                        -- of the last event
);
CREATE INDEX unit_order_city ON unit_order (city_id, order_id);
CREATE TABLE unit_order_event (
    order_id bigint NOT NULL REFERENCES unit_order,
    seq      int NOT NULL,
    at       timestamptz NOT NULL,
    move     text NOT NULL CHECK (move IN ('give', 'answer', 'return', 'close', 'withdraw')),
    actor    int NOT NULL REFERENCES person,
    note     text NOT NULL,
    until    timestamptz,
    PRIMARY KEY (order_id, seq)
);

-- A reminder that nobody in person gave is no change of an issue: `last_at` is of the last event that is none.
UPDATE issue AS i
SET last_at = told.at
FROM (
    SELECT e.issue_id, max(e.at) FILTER (WHERE e.move <> 'relocate' AND NOT (e.move = 'urge' AND e.actor = 0)) AS at
    FROM issue_event AS e
    WHERE e.issue_id IN (SELECT issue_id FROM issue_event WHERE city_id IN (SELECT city_id FROM city) AND move = 'urge' AND actor = 0)
    GROUP BY e.issue_id
) AS told
WHERE told.issue_id = i.issue_id AND told.at <> i.last_at;
