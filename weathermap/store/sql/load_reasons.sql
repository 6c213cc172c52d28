-- Why rows of each load were not stored, the most frequent reason first. What a reason quotes of its row is left out.
SELECT load_id, field, regexp_replace(reason, '''[^'']*''|line [0-9]+', '…', 'g') AS reason, count(*) AS rows
FROM quarantine
WHERE load_id = ANY(:loads)
GROUP BY 1, 2, 3
ORDER BY load_id, rows DESC, field, 3
