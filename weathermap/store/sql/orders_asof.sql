-- What people in charge asked for until an instant, and what had come of it by then. An order is settled by the next
-- check that passes, or by a void; it was done in its term when the feedback that passed came by then: the checker's
-- waiting time is never on the unit's clock. Those that still run come by term, all else newest first, by keyset.
WITH given AS (
    SELECT e.issue_id, e.seq, e.at, e.move, e.actor, CAST(e.data AS jsonb) ->> 'note' AS text,
           CAST(CAST(e.data AS jsonb) ->> 'until' AS timestamptz) AS until
    FROM issue_event AS e
    WHERE e.city_id = :city_id AND e.move IN ('urge', 'order', 'list_publicly') AND e.move = ANY (CAST(:kinds AS text[]))
      AND e.at >= instant(:from_us) AND e.at < instant(:at_us + 1000000)
),
judged AS (
    SELECT g.*, answer.at AS fed_back_at, CASE WHEN settled.move = 'check_pass' THEN settled.at END AS passed_at,
           CASE
               WHEN settled.move IN ('void', 'merge', 'split') THEN 'void'
               WHEN settled.move = 'check_pass' THEN CASE WHEN g.until IS NULL OR answer.at <= g.until THEN 'in_term' ELSE 'late' END
               WHEN answer.move = 'feed_back' THEN 'to_check'
               WHEN g.until < instant(:at_us) THEN 'overdue'
               ELSE 'open'
           END AS outcome
    FROM given AS g
    LEFT JOIN LATERAL (
        SELECT x.seq, x.move, x.at
        FROM issue_event AS x
        WHERE x.issue_id = g.issue_id AND x.seq > g.seq AND x.move IN ('check_pass', 'void', 'merge', 'split') AND x.at < instant(:at_us + 1000000)
        ORDER BY x.seq
        LIMIT 1
    ) AS settled ON true
    LEFT JOIN LATERAL (
        SELECT x.move, x.at
        FROM issue_event AS x
        WHERE x.issue_id = g.issue_id AND x.seq < COALESCE(settled.seq, 2147483647) AND x.at < instant(:at_us + 1000000)
          AND x.move IN ('feed_back', 'check_fail', 'reopen')
        ORDER BY x.seq DESC
        LIMIT 1
    ) AS answer ON true
),
chosen AS (
    SELECT j.*, i.number, i.category_id, i.area_id, i.unit_id, i.address, i.geom,
           CASE WHEN :urgent THEN COALESCE(micros(j.until), 9000000000000000) ELSE -micros(j.at) END AS key
    FROM judged AS j
    JOIN issue AS i USING (issue_id)
    WHERE j.outcome = ANY (CAST(:outcomes AS text[]))
      AND (CAST(:area_id AS int) IS NULL OR i.places @> ARRAY[CAST(:area_id AS int)])
      AND (CAST(:unit_id AS int) IS NULL OR i.unit_id = :unit_id)
)
