-- A check names persons and units, who are retired and never deleted, as issues and events do: without foreign keys, which
-- lock the same few rows of them at every check, so that checkers stand in each other's way.
ALTER TABLE issue_check
    DROP CONSTRAINT issue_check_checker_fkey,
    DROP CONSTRAINT issue_check_checker_unit_fkey,
    DROP CONSTRAINT issue_check_handler_unit_fkey;
