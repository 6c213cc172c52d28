-- What a photo before the work and one after it have in common: kept once compared, by the originals' digests.
CREATE TABLE photo_pair (
    before      bytea NOT NULL,
    after       bytea NOT NULL,
    places      int,                             -- that both show; NULL: could not be compared
    seen        int,                             -- places that the poorer of them shows at all
    why         text NOT NULL DEFAULT '',        -- it could not: gone, failed
    compared_at timestamptz NOT NULL,
    PRIMARY KEY (before, after),
    CHECK ((places IS NULL) = (why <> ''))
);
-- A photo that has no print says why: plain (it looks like all its kind), gone, failed.
ALTER TABLE photo_print ALTER COLUMN codes DROP NOT NULL, ADD COLUMN why text NOT NULL DEFAULT '',
    ADD CHECK ((codes IS NULL) = (why <> ''));
-- Photos of issues before their first feedback, and of the last one and since: what a check by photo compares.
CREATE VIEW photo_side AS
SELECT p.*, p.seq >= f.last_seq AS after
FROM photo AS p
JOIN LATERAL (
    SELECT min(e.seq) AS first_seq, max(e.seq) AS last_seq
    FROM issue_event AS e
    WHERE e.issue_id = p.issue_id AND e.move = 'feed_back'
) AS f ON p.seq < f.first_seq OR p.seq >= f.last_seq
WHERE NOT EXISTS (SELECT FROM issue_event AS a WHERE a.issue_id = p.issue_id AND a.seq = p.seq AND a.move = 'answer');
