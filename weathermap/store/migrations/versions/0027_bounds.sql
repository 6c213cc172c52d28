-- An account may be bound to an area, LEVEL:CODE: it outlives the versions of the borders. '': the whole city.
ALTER TABLE account ADD COLUMN area text NOT NULL DEFAULT '';

-- Whether one of these areas is the one called LEVEL:CODE, in whatever version of the borders; '': all are.
CREATE FUNCTION issue_within(places int[], wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT wanted = '' OR EXISTS (SELECT FROM area AS a WHERE a.area_id = ANY (places) AND a.level || ':' || a.code = wanted) $$;
