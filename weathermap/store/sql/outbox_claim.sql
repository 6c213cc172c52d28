-- Take what is due, a few of each channel, so that one that hangs does not hold up the others. Who took it has it for the
-- lease; if nothing came of it by then (a killed worker) it is due again.
WITH ranked AS (
    SELECT notice_id, channel_id, recipient, next_at, row_number() OVER (PARTITION BY channel_id ORDER BY next_at, notice_id) AS rank
    FROM outbox
    WHERE sent_at IS NULL AND dead_at IS NULL AND next_at <= :now
),
due AS (
    SELECT o.notice_id, o.channel_id, o.recipient
    FROM ranked AS r
    JOIN outbox AS o USING (notice_id, channel_id, recipient)
    WHERE r.rank <= :each AND o.sent_at IS NULL AND o.dead_at IS NULL AND o.next_at <= :now
    ORDER BY r.next_at
    LIMIT :most
    FOR UPDATE OF o SKIP LOCKED
)
UPDATE outbox AS o
SET attempts = o.attempts + 1, next_at = CAST(:now AS timestamptz) + :lease_s * interval '1 second'
FROM due
WHERE (o.notice_id, o.channel_id, o.recipient) = (due.notice_id, due.channel_id, due.recipient)
RETURNING o.notice_id, o.channel_id, o.recipient, o.attempts
