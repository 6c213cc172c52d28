-- Why the feedback of issues must be checked on the spot: 'category', 'no_photo' or 'drawn'; '' when photos do.
SELECT issue_id, visit_reason(city_id, issue_id, category_id, CAST('infinity' AS timestamptz)) AS reason
FROM issue
WHERE issue_id = ANY(:ids)
