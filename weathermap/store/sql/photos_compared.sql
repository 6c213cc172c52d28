-- The photos that a check by photo puts side by side.
SELECT issue_id, encode(sha256, 'hex') AS digest, width, height, after
FROM photo_side
WHERE issue_id = ANY(:ids)
ORDER BY issue_id, seq, place
