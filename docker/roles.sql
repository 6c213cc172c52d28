-- The role that server, worker and imports work as: it may append events and rewrite none (README, Tampering). Run by the
-- owner before `weathermap migrate`, which gives it what it needs; again changes nothing.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'weathermap_app') THEN
        CREATE ROLE weathermap_app LOGIN;
    END IF;
END
$$;
GRANT weathermap_app TO CURRENT_USER; -- so that the owner takes over a load's tables
