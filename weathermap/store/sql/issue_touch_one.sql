-- As issue_touch.sql, of one issue: what a move writes.
UPDATE issue
SET state = :state, seq = :seq, hash = :hash, last_at = :last_at, notified_at = :notified_at, deadline = :deadline,
    long_at = :long_at, red_at = :red_at, fed_back_at = :fed_back_at, rectified_at = :rectified_at,
    suspended_at = :suspended_at, extended = :extended, unit_id = :unit_id, person_id = :person_id,
    category_id = :category_id
WHERE issue_id = :issue_id AND seq = :start_seq
