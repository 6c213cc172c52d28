-- The newest fold: what every number of an answer has at least counted.
SELECT COALESCE(max(fold_id), 0) FROM fold_log
