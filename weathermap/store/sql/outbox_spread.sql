-- Hand new notices to the channels that want them: each once, in the transaction that marks them.
WITH fresh AS MATERIALIZED (
    SELECT notice_id, city_id, kind, at, unit_id FROM notice WHERE NOT spread ORDER BY notice_id LIMIT :most FOR UPDATE SKIP LOCKED
),
waiting AS (
    INSERT INTO outbox (notice_id, channel_id, recipient, next_at)
    SELECT f.notice_id, c.channel_id, r.recipient, :now
    FROM fresh AS f
    JOIN channel AS c ON c.city_id = f.city_id AND c.enabled AND f.at >= c.since
        AND (c.kinds = '{}' OR f.kind = ANY (c.kinds)) AND (c.unit_id IS NULL OR c.unit_id = f.unit_id)
    CROSS JOIN LATERAL unnest(CASE WHEN c.service = 'email' THEN c.recipients ELSE ARRAY[''] END) AS r (recipient)
    ON CONFLICT DO NOTHING
)
UPDATE notice AS n SET spread = true FROM fresh AS f WHERE n.notice_id = f.notice_id
