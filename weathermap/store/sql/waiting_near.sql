-- The issues just before and just after a place in the order of `part`, that of waiting_page.sql; one at the most of each.
(
    SELECT true AS back, p.issue_id FROM part AS p
    WHERE (COALESCE(p.burns, instant(9000000000000000)), p.issue_id) < (instant(:key), :id)
    ORDER BY p.burns DESC NULLS FIRST, p.issue_id DESC
    LIMIT 1
)
UNION ALL
(
    SELECT false, p.issue_id FROM part AS p
    WHERE (COALESCE(p.burns, instant(9000000000000000)), p.issue_id) > (instant(:key), :id)
    ORDER BY p.burns, p.issue_id
    LIMIT 1
)
