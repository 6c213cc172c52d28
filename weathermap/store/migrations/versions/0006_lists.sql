-- A list is read in its own order and stops after a page; what is counted live is a partial index over the few.
CREATE INDEX issue_newest ON issue (city_id, (COALESCE(notified_at, reported_at)), issue_id);
DROP INDEX issue_notified;
CREATE INDEX issue_under_way ON issue (city_id, deadline, issue_id) WHERE state IN ('handling', 'to_check', 'suspended');
DROP INDEX issue_open;
CREATE INDEX issue_deadline ON issue (city_id, deadline);
CREATE INDEX issue_rectified ON issue (city_id, rectified_at) WHERE state = 'rectified';
CREATE INDEX issue_late ON issue (city_id, fed_back_at) WHERE fed_back_at > deadline;
CREATE INDEX issue_aside ON issue (city_id, state) WHERE state IN ('reported', 'rejected', 'void');
CREATE INDEX issue_review ON issue (city_id) WHERE review;
CREATE INDEX issue_unlocated ON issue (city_id) WHERE area_id IS NULL;
-- What was touched since an instant and was there before it: found without looking at the rest of the year's rows.
CREATE INDEX issue_touched ON issue (city_id, last_at, reported_at) INCLUDE (issue_id);
DROP INDEX issue_last;
-- Every board asks for leaders' orders and public listings, which are few among the calls to hurry.
CREATE INDEX issue_event_supervised ON issue_event (city_id, at) WHERE move IN ('order', 'list_publicly');
