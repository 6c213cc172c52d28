-- What notices tell of: the issue, the order or the bulletin, where, whose, what was said.
SELECT n.notice_id, n.kind, n.at, n.issue_id, n.seq, n.order_id, n.bulletin_id, n.step, i.number, i.deadline, i.address, i.state,
       c.name AS category_name, c.name_en AS category_name_en,
       u.code AS unit, u.name AS unit_name, u.name_en AS unit_name_en,
       a.name AS area_name, a.name_en AS area_name_en,
       COALESCE(o.note, CAST(e.data AS jsonb) ->> 'note', '') AS note,
       COALESCE(o.until, CAST(CAST(e.data AS jsonb) ->> 'until' AS timestamptz),
                CASE WHEN n.kind = 'bulletin_shown' THEN b.open_until END) AS until,
       b.head ->> 'title' AS bulletin_title,
       t.code AS city, t.name AS city_name, t.timezone, p.name AS actor_name, p.title AS actor_title
FROM notice AS n
JOIN city AS t USING (city_id)
LEFT JOIN issue AS i USING (issue_id)
LEFT JOIN issue_event AS e ON e.issue_id = n.issue_id AND e.seq = n.seq AND n.step = ''
LEFT JOIN category AS c ON c.category_id = i.category_id
LEFT JOIN unit AS u ON u.unit_id = n.unit_id
LEFT JOIN area AS a ON a.area_id = i.area_id
LEFT JOIN unit_order_event AS o ON o.order_id = n.order_id AND o.seq = n.seq
LEFT JOIN bulletin AS b ON b.bulletin_id = n.bulletin_id
LEFT JOIN person AS p ON p.person_id = n.actor
WHERE n.notice_id = ANY (:notices)
ORDER BY n.notice_id DESC
