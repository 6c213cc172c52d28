-- Record steps that issues have come to; those that are recorded already, or would be a second open proposal, are not.
INSERT INTO ladder_step (city_id, issue_id, deadline, step, move, noticed_at, reworked, state)
SELECT :city_id, w.issue_id, w.deadline, w.step, w.move, :now, w.reworked, w.state
FROM unnest(
    CAST(:issue AS bigint[]), CAST(:deadline AS timestamptz[]), CAST(:step AS text[]), CAST(:move AS text[]),
    CAST(:reworked AS int[]), CAST(:state AS text[])
) AS w (issue_id, deadline, step, move, reworked, state)
ORDER BY w.issue_id, w.step
ON CONFLICT DO NOTHING
RETURNING issue_id, step
