-- Take the deltas whose instant has come, oldest first. Deltas of transactions not yet committed stay for later.
DELETE FROM tally_delta
WHERE ctid = ANY (ARRAY(SELECT ctid FROM tally_delta WHERE at <= clock_timestamp() ORDER BY at LIMIT :limit))
RETURNING city_id, CAST(extract(epoch FROM at) AS bigint) AS second, subjects, measure, n
