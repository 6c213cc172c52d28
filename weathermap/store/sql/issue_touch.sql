-- Compare-and-swap: an issue's row follows its new events only if no other event came between.
UPDATE issue
SET state = w.state, seq = w.seq, hash = w.hash, last_at = w.last_at, notified_at = w.notified_at,
    deadline = w.deadline, long_at = w.long_at, red_at = w.red_at, fed_back_at = w.fed_back_at,
    rectified_at = w.rectified_at, suspended_at = w.suspended_at, extended = w.extended, unit_id = w.unit_id,
    person_id = w.person_id, category_id = w.category_id
FROM unnest(
    CAST(:issue_id AS bigint[]), CAST(:start_seq AS int[]), CAST(:state AS text[]), CAST(:seq AS int[]),
    CAST(:hash AS bytea[]), CAST(:last_at AS timestamptz[]), CAST(:notified_at AS timestamptz[]),
    CAST(:deadline AS timestamptz[]), CAST(:long_at AS timestamptz[]), CAST(:red_at AS timestamptz[]),
    CAST(:fed_back_at AS timestamptz[]), CAST(:rectified_at AS timestamptz[]), CAST(:suspended_at AS timestamptz[]),
    CAST(:extended AS boolean[]), CAST(:unit_id AS int[]), CAST(:person_id AS int[]),
    CAST(:category_id AS int[])
) AS w (issue_id, start_seq, state, seq, hash, last_at, notified_at, deadline, long_at, red_at, fed_back_at,
        rectified_at, suspended_at, extended, unit_id, person_id, category_id)
WHERE issue.issue_id = w.issue_id AND issue.seq = w.start_seq
