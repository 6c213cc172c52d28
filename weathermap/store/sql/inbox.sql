-- What somebody is told: of their unit and of the whole city, since an instant, not what they did themselves. Newest first.
WITH mine AS (
    (SELECT notice_id FROM notice
     WHERE unit_id = :unit_id AND kind = ANY (CAST(:own AS text[])) AND at >= :since AND actor <> :person_id
       AND notice_id < :before
       AND (:area = '' OR issue_id IS NULL OR EXISTS (
           SELECT FROM issue AS i WHERE i.issue_id = notice.issue_id AND issue_within(i.places, :area)))
     ORDER BY notice_id DESC LIMIT :limit)
    UNION
    (SELECT notice_id FROM notice
     WHERE city_id = :city_id AND kind = ANY (CAST(:office AS text[])) AND at >= :since AND actor <> :person_id
       AND notice_id < :before
       AND (:area = '' OR issue_id IS NULL OR EXISTS (
           SELECT FROM issue AS i WHERE i.issue_id = notice.issue_id AND issue_within(i.places, :area)))
     ORDER BY notice_id DESC LIMIT :limit)
)
SELECT m.notice_id, r.notice_id IS NOT NULL AS seen
FROM mine AS m
LEFT JOIN notice_read AS r ON r.notice_id = m.notice_id AND r.account_id = :account_id
WHERE NOT :unread OR r.notice_id IS NULL
ORDER BY m.notice_id DESC
LIMIT :limit
