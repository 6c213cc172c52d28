-- Views of the reports page that somebody saved under a name.
CREATE TABLE report_view (
    view_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id int NOT NULL REFERENCES account ON DELETE CASCADE,
    name       text NOT NULL,
    query      text NOT NULL,                    -- of the address
    saved_at   timestamptz NOT NULL,
    UNIQUE (account_id, name)
);

-- What is to be made again and again. The worker makes a job of it when its instant has come.
CREATE TABLE schedule (
    schedule_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id     smallint NOT NULL REFERENCES city,
    account_id  int NOT NULL REFERENCES account ON DELETE CASCADE,  -- who gets the file, with whose rights
    kind        text NOT NULL,
    title       text NOT NULL,
    asked       jsonb NOT NULL,
    rhythm      text NOT NULL,                   -- daily, mon … sun, or the day of the month
    clock       time NOT NULL,                   -- in the city's time
    next_at     timestamptz NOT NULL,
    created_at  timestamptz NOT NULL
);

-- What is made in the background. Who works on a job holds an advisory lock on it for as long as he lives.
CREATE TABLE job (
    job_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    city_id     smallint NOT NULL REFERENCES city,
    account_id  int NOT NULL REFERENCES account ON DELETE CASCADE,
    kind        text NOT NULL,
    title       text NOT NULL,
    asked       jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    cancel      boolean NOT NULL DEFAULT false,  -- asked for
    attempts    int NOT NULL DEFAULT 0,
    done        bigint NOT NULL DEFAULT 0,
    total       bigint,                          -- NULL: not known yet
    said        text NOT NULL DEFAULT '',        -- what came of it, or what went wrong
    remedy      text NOT NULL DEFAULT '',
    result      jsonb NOT NULL DEFAULT '{}',
    file        text NOT NULL DEFAULT '',        -- in the data folder's exports/
    name        text NOT NULL DEFAULT '',        -- under which it is downloaded
    mimetype    text NOT NULL DEFAULT '',
    bytes       bigint,
    created_at  timestamptz NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz,
    expires_at  timestamptz,
    schedule_id int REFERENCES schedule ON DELETE SET NULL,
    due_at      timestamptz,
    UNIQUE (schedule_id, due_at)                 -- however many workers look
);
CREATE INDEX job_open ON job (job_id) WHERE state IN ('waiting', 'running');
CREATE INDEX job_account ON job (account_id, job_id DESC);
CREATE INDEX job_kept ON job (expires_at) WHERE file <> '';
