-- A service has trouble: what else waits for it need not try before `until`.
UPDATE outbox AS o
SET next_at = :until
FROM (
    SELECT notice_id, channel_id, recipient
    FROM outbox
    WHERE channel_id = :channel_id AND sent_at IS NULL AND dead_at IS NULL AND next_at < :until
    FOR UPDATE SKIP LOCKED
) AS w
WHERE (o.notice_id, o.channel_id, o.recipient) = (w.notice_id, w.channel_id, w.recipient)
