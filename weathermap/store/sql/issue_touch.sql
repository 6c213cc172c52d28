-- Compare-and-swap: an issue's row follows its new events only if no other event came between.
UPDATE issue
SET state = w.state, seq = w.seq, hash = w.hash, last_at = instant(w.last_us), notified_at = instant(w.notified_us),
    deadline = instant(w.deadline_us), long_at = instant(w.long_us), red_at = instant(w.red_us),
    fed_back_at = instant(w.fed_back_us), rectified_at = instant(w.rectified_us),
    suspended_at = instant(w.suspended_us), extended = w.extended, unit_id = w.unit_id,
    person_id = w.person_id
FROM unnest(
    CAST(:issue_id AS bigint[]), CAST(:start_seq AS int[]), CAST(:state AS text[]), CAST(:seq AS int[]),
    CAST(:hash AS bytea[]), CAST(:last_us AS bigint[]), CAST(:notified_us AS bigint[]), CAST(:deadline_us AS bigint[]),
    CAST(:long_us AS bigint[]), CAST(:red_us AS bigint[]), CAST(:fed_back_us AS bigint[]),
    CAST(:rectified_us AS bigint[]), CAST(:suspended_us AS bigint[]), CAST(:extended AS boolean[]),
    CAST(:unit_id AS int[]), CAST(:person_id AS int[])
) AS w (issue_id, start_seq, state, seq, hash, last_us, notified_us, deadline_us, long_us, red_us, fed_back_us,
        rectified_us, suspended_us, extended, unit_id, person_id)
WHERE issue.issue_id = w.issue_id AND issue.seq = w.start_seq
