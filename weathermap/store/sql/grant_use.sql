-- The statements that let :role use the store's tables. What is appended once stays: events, roots, the access log.
WITH mine AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relname, c.relkind, c.relispartition,
           c.relname IN ('issue_event', 'event_root', 'event_leaf', 'access_log', 'admin_change') AS appended,
           c.relispartition AND EXISTS (
               SELECT FROM pg_inherits AS h JOIN pg_class AS p ON p.oid = h.inhparent
               WHERE h.inhrelid = c.oid AND p.relname = 'issue_event') AS of_events
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind IN ('r', 'p', 'v', 'S') AND pg_has_role(c.relowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
      -- a load's own tables, before they are attached, are the role's
      AND pg_get_userbyid(c.relowner) <> :role
)
SELECT statement
FROM (
    SELECT 0 AS step, format('GRANT USAGE, CREATE ON SCHEMA public TO %I', CAST(:role AS text)) AS statement
    UNION ALL
    SELECT 1, format('REVOKE ALL ON %s FROM %I', name, CAST(:role AS text)) FROM mine WHERE relkind <> 'S'
    UNION ALL
    SELECT 2, format(
        CASE WHEN relkind = 'S' THEN 'GRANT USAGE, SELECT ON SEQUENCE %s TO %I'
             WHEN of_events OR relkind = 'v' OR relname = 'alembic_version' THEN 'GRANT SELECT ON %s TO %I'
             WHEN appended THEN 'GRANT SELECT, INSERT ON %s TO %I'
             ELSE 'GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I' END, name, CAST(:role AS text))
    FROM mine
    UNION ALL
    SELECT 3, format('GRANT EXECUTE ON FUNCTION %s TO %I', CAST(p.oid AS regprocedure), CAST(:role AS text))
    FROM pg_proc AS p
    WHERE p.pronamespace = CAST('public' AS regnamespace) AND p.prosecdef AND pg_has_role(p.proowner, 'USAGE')
) AS statements
ORDER BY step
