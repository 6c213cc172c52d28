-- How many seconds a streaming replica is behind its primary, for all that it knows; NULL on a primary. It is behind by
-- nothing while it hears from the primary and has replayed all of it; else by what has passed since the last commit that
-- it replayed. `latest_end_lsn` is shown to members of pg_monitor only.
SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN (SELECT pg_last_wal_replay_lsn() >= COALESCE(latest_end_lsn, pg_last_wal_receive_lsn()) FROM pg_stat_wal_receiver) THEN 0
    ELSE COALESCE(CAST(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) AS double precision), 'Infinity')
END
