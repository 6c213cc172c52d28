-- What people in charge asked for until an instant, and what had come of it by then. An order is settled by the next
-- check that passes, or by a void; it was done in its term when the feedback that passed came by then: the checker's
-- waiting time is never on the unit's clock. An order on a unit is settled by who gave it, and was done when the unit
-- answered. Those that still run come by term, all else newest first, by keyset.
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
of_units AS (
    SELECT o.order_id, g.at, o.move, g.actor, g.note AS text, term.until, answer.at AS answered_at, o.unit_id, o.place,
           CASE WHEN last.move = 'close' THEN last.at END AS passed_at,
           CASE
               WHEN last.move = 'withdraw' THEN 'void'
               WHEN last.move = 'close' THEN CASE WHEN COALESCE(answer.at, last.at) <= term.until THEN 'in_term' ELSE 'late' END
               WHEN last.move = 'answer' THEN 'to_check'
               WHEN term.until < instant(:at_us) THEN 'overdue'
               ELSE 'open'
           END AS outcome
    FROM unit_order AS o
    JOIN unit_order_event AS g ON g.order_id = o.order_id AND g.seq = 1
    CROSS JOIN LATERAL (
        SELECT x.move, x.at FROM unit_order_event AS x
        WHERE x.order_id = o.order_id AND x.at < instant(:at_us + 1000000) ORDER BY x.seq DESC LIMIT 1
    ) AS last
    CROSS JOIN LATERAL (
        SELECT x.until FROM unit_order_event AS x
        WHERE x.order_id = o.order_id AND x.until IS NOT NULL AND x.at < instant(:at_us + 1000000) ORDER BY x.seq DESC LIMIT 1
    ) AS term
    LEFT JOIN LATERAL (
        SELECT x.at FROM unit_order_event AS x
        WHERE x.order_id = o.order_id AND x.move = 'answer' AND x.at < instant(:at_us + 1000000) ORDER BY x.seq DESC LIMIT 1
    ) AS answer ON true
    WHERE o.city_id = :city_id AND o.move = ANY (CAST(:kinds AS text[]))
      AND g.at >= instant(:from_us) AND g.at < instant(:at_us + 1000000)
),
-- an order on a unit stands among those on issues under its own id, below zero
chosen AS (
    SELECT j.issue_id, j.seq, j.at, j.move, j.actor, j.text, j.until, j.fed_back_at, j.passed_at, j.outcome, CAST(NULL AS bigint) AS order_id,
           i.number, i.category_id, i.area_id, i.unit_id, i.address, i.geom,
           CASE WHEN :urgent THEN COALESCE(micros(j.until), 9000000000000000) ELSE -micros(j.at) END AS key
    FROM judged AS j
    JOIN issue AS i USING (issue_id)
    WHERE j.outcome = ANY (CAST(:outcomes AS text[]))
      AND (CAST(:area_id AS int) IS NULL OR i.places @> ARRAY[CAST(:area_id AS int)])
      AND (CAST(:unit_id AS int) IS NULL OR i.unit_id = :unit_id)
    UNION ALL
    SELECT -o.order_id, 1, o.at, o.move, o.actor, o.text, o.until, o.answered_at, o.passed_at, o.outcome, o.order_id,
           NULL, NULL, p.area_id, o.unit_id, '', NULL,
           CASE WHEN :urgent THEN micros(o.until) ELSE -micros(o.at) END
    FROM of_units AS o
    LEFT JOIN LATERAL (
        SELECT a.area_id FROM area AS a
        WHERE a.city_id = :city_id AND a.level = split_part(o.place, ':', 1) AND a.code = split_part(o.place, ':', 2)
        ORDER BY a.version DESC LIMIT 1
    ) AS p ON true
    WHERE o.outcome = ANY (CAST(:outcomes AS text[]))
      AND (CAST(:unit_id AS int) IS NULL OR o.unit_id = :unit_id)
      -- it is about its area, about the one that the unit governs, and always about the city
      AND (CAST(:area_id AS int) IS NULL OR EXISTS (
          SELECT FROM area AS a LEFT JOIN unit AS u ON u.unit_id = o.unit_id
          WHERE a.area_id = :area_id AND (cardinality(a.path) = 1 OR a.level || ':' || a.code = o.place OR a.code = u.area)))
)
