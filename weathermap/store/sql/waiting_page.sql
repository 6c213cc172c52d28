-- The first rows of `part` after (or, backwards, before) a place in its order: what burns first; without a term last.
SELECT p.issue_id, COALESCE(micros(p.burns), 9000000000000000) AS key, (SELECT count(*) FROM part) AS total
FROM part AS p
WHERE CAST(:after_key AS bigint) IS NULL
   OR CASE WHEN :back
        THEN (COALESCE(p.burns, instant(9000000000000000)), p.issue_id) < (instant(CAST(:after_key AS bigint)), :after_id)
        ELSE (COALESCE(p.burns, instant(9000000000000000)), p.issue_id) > (instant(CAST(:after_key AS bigint)), :after_id)
      END
ORDER BY CASE WHEN NOT :back THEN p.burns END, CASE WHEN NOT :back THEN p.issue_id END,
         CASE WHEN :back THEN p.burns END DESC NULLS FIRST, CASE WHEN :back THEN p.issue_id END DESC
LIMIT :limit
