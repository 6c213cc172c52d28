-- Bulletins that a schedule writes, each once for its job; notices that tell of bulletins.
ALTER TABLE bulletin ADD COLUMN job_id bigint UNIQUE;
ALTER TABLE notice ADD COLUMN bulletin_id bigint;
