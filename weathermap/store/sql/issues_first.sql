  -- the first rows after (:after_key, :after_id): urgent states by deadline, the most urgent first; all else newest first
  AND (CAST(:after_key AS bigint) IS NULL OR CASE
        WHEN :urgent THEN (COALESCE(s.deadline, instant(9000000000000000)), s.issue_id) > (instant(CAST(:after_key AS bigint)), :after_id)
        ELSE (s.newest, s.issue_id) < (instant(-CAST(:after_key AS bigint)), -CAST(:after_id AS bigint))
      END)
ORDER BY CASE WHEN :urgent THEN s.deadline END, CASE WHEN :urgent THEN s.issue_id END,
         CASE WHEN NOT :urgent THEN s.newest END DESC, CASE WHEN NOT :urgent THEN s.issue_id END DESC
LIMIT :limit
