-- Issues in their unit's hands that have come to a step of the ladder which was not taken for their deadline, with each
-- such step; locked in id order, those that somebody else holds are left for the next look.
WITH step AS MATERIALIZED (
    SELECT *
    FROM unnest(
        CAST(:place AS int[]), CAST(:code AS text[]), CAST(:move AS text[]), CAST(:reminder AS boolean[]), CAST(:overdue_s AS double precision[]),
        CAST(:red_line AS boolean[]), CAST(:reworked AS double precision[]), CAST(:pause_s AS double precision[])
    ) AS s (place, code, move, reminder, overdue_s, red_line, reworked, pause_s)
),
come AS MATERIALIZED (
    SELECT i.issue_id, i.deadline, s.place, dense_rank() OVER (ORDER BY i.issue_id) AS rank, f.failed
    FROM issue AS i
    JOIN category AS c USING (category_id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS failed FROM issue_event AS e WHERE e.issue_id = i.issue_id AND e.move = 'check_fail'
    ) AS f
    JOIN step AS s ON (NOT s.red_line OR c.red_line)
        AND (s.overdue_s IS NULL OR i.deadline + s.overdue_s * interval '1 second' <= :now)
        AND (s.reworked IS NULL OR f.failed >= s.reworked)
    WHERE i.city_id = :city_id AND i.state = 'handling' AND i.fed_back_at IS NULL
      AND i.deadline <= COALESCE(CAST(:now AS timestamptz) + CAST(:ahead_s AS double precision) * interval '1 second', 'infinity')
      AND NOT EXISTS (
          SELECT FROM ladder_step AS l WHERE l.issue_id = i.issue_id AND l.deadline = i.deadline AND l.step = s.code)
      AND (s.reminder OR NOT EXISTS (
          SELECT FROM ladder_step AS l
          WHERE l.issue_id = i.issue_id AND (l.state = 'open' OR (l.state IN ('taken', 'dismissed')
              AND l.deadline = i.deadline AND l.decided_at + s.pause_s * interval '1 second' > :now))))
      -- what somebody did without a proposal is not proposed, nor anything lower on the ladder
      AND (s.reminder OR NOT EXISTS (
          SELECT FROM issue_event AS e JOIN step AS m ON m.move = e.move AND m.place >= s.place
          WHERE e.issue_id = i.issue_id AND NOT m.reminder AND e.seq > COALESCE((
              SELECT max(x.seq) FROM issue_event AS x WHERE x.issue_id = i.issue_id AND x.move = 'check_pass'), 0)))
)
SELECT i.issue_id, i.seq, i.deadline, i.unit_id, m.place, m.failed,
       CAST(e.data AS jsonb) ->> 'source' AS source, CAST(e.data AS jsonb) ->> 'key' AS source_key
FROM come AS m
JOIN issue AS i USING (issue_id)
JOIN issue_event AS e ON e.issue_id = i.issue_id AND e.seq = 1
WHERE m.rank <= :most AND i.deadline = m.deadline AND i.state = 'handling' AND i.fed_back_at IS NULL
ORDER BY i.issue_id, m.place
FOR UPDATE OF i SKIP LOCKED
