-- What an area or slice of the old borders counted, its successor in the new ones counts too.
INSERT INTO tally_prefix (subject_id, bucket, notified, rectified, due, on_time, late, long_overdue, red_overdue,
                          suspended, extended, failed, reopened, declared, covered, visits, detail)
SELECT s.new_id, bucket, notified, rectified, due, on_time, late, long_overdue, red_overdue,
       suspended, extended, failed, reopened, declared, covered, visits, detail
FROM successor AS s
JOIN tally_prefix AS p ON p.subject_id = s.old_id
WHERE s.new_id IS NOT NULL
