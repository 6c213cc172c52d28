-- What the issues of verify_flows.sql count up to the instant :view_us, for each subject and measure.
SELECT subject_id, measure, CAST(sum(n) AS bigint) AS n
FROM (
    SELECT counted.subject_id, flow.s, flow.measure, flow.n
    FROM flow
    JOIN counted USING (issue_id)
    WHERE flow.s >= COALESCE(counted.from_s, flow.s) AND (counted.until_s IS NULL OR flow.s < counted.until_s)
    UNION ALL
    SELECT counted.subject_id, b.s, b.measure, b.n
    FROM by_holder AS b
    JOIN counted ON counted.issue_id = b.issue_id AND counted.from_s = b.unit_from_s
) AS every
WHERE s <= :view_us / 1000000 AND measure <> 'red_overdue'
GROUP BY subject_id, measure
HAVING sum(n) <> 0
