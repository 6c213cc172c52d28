-- What the numbers of a city's points stand on: the last fold, and how many deltas have come since. While both are the
-- same, no issue, visit or deadline has changed a point.
SELECT COALESCE((SELECT max(fold_id) FROM fold_log), 0) AS fold,
       (SELECT count(*) FROM tally_delta WHERE city_id = :city_id AND at <= now()) AS since
