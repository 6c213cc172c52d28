-- Open issues follow new borders and duties by an event of their own; where nothing changed for an issue, none is made.
ALTER TABLE pack_version ADD COLUMN reassigned_at timestamptz;  -- open issues were handed to whom it names; NULL: not yet
UPDATE pack_version SET reassigned_at = loaded_at;

CREATE INDEX issue_event_reassigned ON issue_event (issue_id, at) WHERE move = 'reassign';
CREATE INDEX issue_event_relocated ON issue_event (city_id, issue_id) WHERE move = 'relocate';

-- Where an issue lies is no change of the issue: `last_at` is of the last event that is no `relocate`.
UPDATE issue AS i
SET last_at = told.at
FROM (
    SELECT e.issue_id, max(e.at) FILTER (WHERE e.move <> 'relocate') AS at
    FROM issue_event AS e
    WHERE e.city_id IN (SELECT city_id FROM boundary_version WHERE version > 1)
    GROUP BY e.issue_id
    HAVING bool_or(e.move = 'relocate')
) AS told
WHERE told.issue_id = i.issue_id AND told.at <> i.last_at;

-- The unit that held an issue just before an instant, by its events; NULL: none.
CREATE FUNCTION holder_at(city int, issue bigint, before timestamptz) RETURNS int LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        SELECT u.unit_id
        FROM issue_event AS e
        LEFT JOIN unit AS u ON u.city_id = city AND u.code = CAST(e.data AS jsonb) ->> 'unit'
        WHERE e.issue_id = issue AND e.move IN ('dispatch', 'reassign') AND CAST(e.data AS jsonb) ? 'unit' AND e.at < before
        ORDER BY e.seq DESC
        LIMIT 1);
