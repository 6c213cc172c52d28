-- One vector tile of one level of a boundary version.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope),
wanted AS (
    SELECT a.area_id, a.code, a.name, a.name_en, p.code AS parent,
           ST_AsMVTGeom(ST_Transform(a.geom, 3857), tile.envelope, 4096, 64, true) AS shape
    FROM tile
    JOIN area AS a ON a.geom && ST_Transform(ST_Expand(tile.envelope, (ST_XMax(tile.envelope) - ST_XMin(tile.envelope)) / 32), 4326)
    LEFT JOIN area AS p ON p.area_id = a.parent_id
    WHERE a.city_id = :city_id AND a.version = :version AND a.level = :level
)
SELECT ST_AsMVT(wanted, :level, 4096, 'shape', 'area_id') FROM wanted WHERE shape IS NOT NULL
