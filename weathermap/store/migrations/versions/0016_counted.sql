-- What is to be counted of a chunk stays with it until the load is complete: an Arrow stream of some columns, compressed
-- by itself. A load that an older program began, begins anew.
ALTER TABLE large_chunk ADD COLUMN counted bytea NOT NULL DEFAULT '';
ALTER TABLE large_chunk ALTER COLUMN counted DROP DEFAULT, ALTER COLUMN counted SET STORAGE EXTERNAL;
