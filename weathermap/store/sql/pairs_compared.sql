-- What the photos before and after of issues have in common; places and why are NULL where they were not compared yet.
SELECT b.issue_id, encode(b.sha256, 'hex') AS before, encode(a.sha256, 'hex') AS after, k.places, k.seen, k.why
FROM photo_side AS b
JOIN photo_side AS a ON a.issue_id = b.issue_id AND a.after
LEFT JOIN photo_pair AS k ON k.before = b.sha256 AND k.after = a.sha256
WHERE b.issue_id = ANY(:ids) AND NOT b.after
ORDER BY b.issue_id, a.seq, a.place, b.seq, b.place
