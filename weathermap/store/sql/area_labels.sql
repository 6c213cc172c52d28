-- The areas of a level, all or below one parent at any coarser level, with extent and label.
SELECT a.area_id AS id, a.code, a.name, a.name_en, p.code AS parent, a.area_m2,
       ST_XMin(a.geom) AS west, ST_YMin(a.geom) AS south, ST_XMax(a.geom) AS east, ST_YMax(a.geom) AS north,
       ST_X(a.label) AS lon, ST_Y(a.label) AS lat, a.label_width_m, a.label_height_m
FROM area AS a
LEFT JOIN area AS p ON p.area_id = a.parent_id
WHERE a.city_id = :city_id AND a.version = :version AND a.level = :level
  AND (CAST(:parent AS text) IS NULL OR EXISTS (
      SELECT FROM area AS q WHERE q.area_id = ANY (a.path) AND q.code = :parent AND q.area_id <> a.area_id))
ORDER BY a.code
