-- The first rows of `part` after a place in its order: what burns first; without a term last.
SELECT p.issue_id, COALESCE(micros(p.burns), 9000000000000000) AS key, (SELECT count(*) FROM part) AS total
FROM part AS p
WHERE CAST(:after_key AS bigint) IS NULL
   OR (COALESCE(p.burns, instant(9000000000000000)), p.issue_id) > (instant(CAST(:after_key AS bigint)), :after_id)
ORDER BY p.burns, p.issue_id
LIMIT :limit
