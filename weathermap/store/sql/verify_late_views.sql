-- The last instants (µs, the newest first) in which something was not yet known while a boundary version held: each just
-- before a late record.
SELECT DISTINCT micros(recorded_at) - 1000000 AS view_us
FROM event_late
WHERE city_id = :city_id AND recorded_at > instant(:since_us + 1000000)
  AND (CAST(:until_us AS bigint) IS NULL OR recorded_at <= instant(:until_us))
ORDER BY view_us DESC
LIMIT 3
