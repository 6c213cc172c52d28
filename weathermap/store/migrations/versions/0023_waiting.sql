-- The desk asks for what waits now, many times a minute: all its questions stand in one narrow index over the issues
-- under way. Search finds words of an address by pairs of its characters, of whatever language and however short.
CREATE INDEX issue_waiting ON issue (city_id, state, deadline, issue_id)
    INCLUDE (reported_at, suspended_at, unit_id, category_id, source_id, review, places)
    WHERE state IN ('reported', 'handling', 'to_check', 'suspended');

CREATE FUNCTION pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN string_to_array(regexp_replace(lower(words), '(..)', E'\\1\x01', 'g'), E'\x01')
        || string_to_array(regexp_replace(substr(lower(words), 2), '(..)', E'\\1\x01', 'g'), E'\x01');
CREATE INDEX issue_pairs ON issue USING gin (pairs(address)) WITH (gin_pending_list_limit = 256);
CREATE INDEX issue_category ON issue (category_id, issue_id);
CREATE INDEX issue_point ON issue (point_id) WHERE point_id IS NOT NULL;

-- What waits for an answer, or is under order, without reading the events themselves.
CREATE INDEX issue_event_pending ON issue_event (city_id, move, issue_id, seq)
    WHERE move IN ('hand_back', 'ask_extension', 'ask_suspension', 'escalate', 'ask_reopen', 'order', 'list_publicly', 'resume');
CREATE INDEX issue_joined ON issue (city_id, state, issue_id) WHERE state IN ('merged', 'split');
