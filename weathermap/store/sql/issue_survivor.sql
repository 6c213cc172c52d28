-- The issue that one was merged into in the end, through whatever that was merged into itself. No row: into none.
WITH RECURSIVE way (issue_id, number, state, depth) AS (
    SELECT issue_id, number, state, 0 FROM issue WHERE issue_id = :issue_id
    UNION ALL
    SELECT o.issue_id, o.number, o.state, way.depth + 1
    FROM way
    JOIN issue_event AS e ON e.issue_id = way.issue_id AND e.move = 'merge'
    JOIN issue AS o ON o.number = CAST(e.data AS jsonb) ->> 'into' AND o.city_id = e.city_id
    WHERE way.depth < 50
)
SELECT issue_id, number, state FROM way WHERE depth > 0 ORDER BY depth DESC LIMIT 1
