-- One vector tile of one level of a boundary version. Where an area is smaller than a pixel the tile is empty. Borders
-- that areas share are cut to the same grid on both sides, so that they still meet.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope),
seen AS (
    SELECT sqrt(avg(area_m2)) >= (SELECT ST_XMax(envelope) - ST_XMin(envelope) FROM tile) / 512 AS large_enough
    FROM area WHERE city_id = :city_id AND version = :version AND level = :level
),
wanted AS (
    SELECT a.area_id, a.code, NULLIF(a.name, '') AS name, NULLIF(a.name_en, '') AS name_en, p.code AS parent,
           ST_AsMVTGeom(ST_Transform(a.geom, 3857), tile.envelope, 4096, 64, true) AS shape
    FROM tile
    JOIN seen ON seen.large_enough
    JOIN area AS a ON a.geom && ST_Transform(ST_Expand(tile.envelope, (ST_XMax(tile.envelope) - ST_XMin(tile.envelope)) / 32), 4326)
    LEFT JOIN area AS p ON p.area_id = a.parent_id
    WHERE a.city_id = :city_id AND a.version = :version AND a.level = :level
)
SELECT ST_AsMVT(wanted, :level, 4096, 'shape', 'area_id') FROM wanted WHERE shape IS NOT NULL
