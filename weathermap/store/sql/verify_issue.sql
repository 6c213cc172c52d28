-- The first issue whose row says otherwise than its events. No row: all agree.
-- What a column says last is the last of an array made in the order of events: an aggregate that sorts for itself, issue
-- by issue, takes most of the time.
WITH told_each AS (
    SELECT e.issue_id,
           array_agg(e.move)
               FILTER (WHERE e.move IN ('report', 'reject', 'restore', 'dispatch', 'feed_back', 'check_pass', 'check_fail', 'reopen', 'suspend', 'resume', 'void', 'merge', 'split')) AS moves,
           max(e.at) FILTER (WHERE e.move <> 'relocate' AND NOT (e.move = 'urge' AND e.actor = 0)) AS last_at,
           max(e.at) FILTER (WHERE e.move = 'dispatch') AS notified_at,
           array_agg(CAST(e.data ->> 'deadline' AS timestamptz))
               FILTER (WHERE e.move = 'dispatch' OR (e.move IN ('extend', 'redate', 'resume') AND e.data ? 'deadline')) AS deadlines,
           array_agg(CASE WHEN e.move = 'feed_back' THEN e.at END)
               FILTER (WHERE e.move IN ('feed_back', 'check_fail', 'reopen')) AS fed_back,
           array_agg(CASE WHEN e.move = 'check_pass' THEN e.at END)
               FILTER (WHERE e.move IN ('check_pass', 'reopen')) AS rectified,
           array_agg(e.data ->> 'unit') FILTER (WHERE e.move IN ('dispatch', 'reassign') AND e.data ? 'unit') AS units,
           array_agg(e.data ->> 'area') FILTER (WHERE e.move IN ('report', 'relocate')) AS areas,
           array_agg(e.data ->> 'category') FILTER (WHERE e.move IN ('report', 'recategorise')) AS categories
    FROM (
        SELECT issue_id, move, at, actor,
               CASE WHEN move IN ('report', 'relocate', 'recategorise', 'dispatch', 'reassign', 'extend', 'redate', 'resume') THEN CAST(data AS jsonb) END AS data
        FROM issue_event
        WHERE city_id = :city_id
        ORDER BY issue_id, seq
    ) AS e
    GROUP BY e.issue_id
),
told AS (
    SELECT issue_id, last_at, notified_at,
           moves[cardinality(moves)] AS last_move, deadlines[cardinality(deadlines)] AS deadline,
           fed_back[cardinality(fed_back)] AS fed_back_at, rectified[cardinality(rectified)] AS rectified_at,
           units[cardinality(units)] AS unit, areas[cardinality(areas)] AS area,
           categories[cardinality(categories)] AS category
    FROM told_each
)
SELECT i.issue_id, i.number,
       CASE
           WHEN i.state <> expected.state THEN format('state is %s, its events say %s', i.state, expected.state)
           WHEN i.last_at IS DISTINCT FROM t.last_at THEN 'the instant of the last event differs'
           WHEN i.notified_at IS DISTINCT FROM t.notified_at THEN format('notified at %s, its events say %s', i.notified_at, t.notified_at)
           WHEN i.deadline IS DISTINCT FROM t.deadline THEN format('deadline is %s, its events say %s', i.deadline, t.deadline)
           WHEN i.fed_back_at IS DISTINCT FROM t.fed_back_at THEN format('fed back at %s, its events say %s', i.fed_back_at, t.fed_back_at)
           WHEN i.rectified_at IS DISTINCT FROM t.rectified_at THEN format('rectified at %s, its events say %s', i.rectified_at, t.rectified_at)
           WHEN u.code IS DISTINCT FROM t.unit THEN format('unit is %s, its events say %s', u.code, t.unit)
           WHEN a.version <> :version THEN format('its area %s is of boundary version %s', a.code, a.version)
           WHEN a.code IS DISTINCT FROM t.area THEN format('area is %s, its events say %s', a.code, t.area)
           ELSE format('category is %s, its events say %s', c.code, t.category)
       END AS what
FROM issue AS i
JOIN told AS t USING (issue_id)
JOIN category AS c ON c.category_id = i.category_id
LEFT JOIN unit AS u ON u.unit_id = i.unit_id
LEFT JOIN area AS a ON a.area_id = i.area_id
CROSS JOIN LATERAL (
    SELECT CASE t.last_move
        WHEN 'report' THEN 'reported' WHEN 'reject' THEN 'rejected' WHEN 'restore' THEN 'reported' WHEN 'feed_back' THEN 'to_check'
        WHEN 'check_pass' THEN 'rectified' WHEN 'suspend' THEN 'suspended' WHEN 'void' THEN 'void'
        WHEN 'merge' THEN 'merged' WHEN 'split' THEN 'split' ELSE 'handling'
    END AS state
) AS expected
WHERE i.city_id = :city_id
  AND (COALESCE(a.version, :version), i.state, i.last_at, i.notified_at, i.deadline, i.fed_back_at, i.rectified_at, u.code, a.code, c.code)
      IS DISTINCT FROM
      (:version, expected.state, t.last_at, t.notified_at, t.deadline, t.fed_back_at, t.rectified_at, t.unit, t.area, t.category)
ORDER BY i.issue_id
LIMIT 1
