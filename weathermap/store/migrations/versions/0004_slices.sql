-- Special works by name, and tallies of an area or unit by category and by source.
CREATE TABLE special (
    city_id smallint NOT NULL REFERENCES city,
    code    text NOT NULL,
    name    text NOT NULL,
    name_en text NOT NULL,
    retired boolean NOT NULL DEFAULT false,
    PRIMARY KEY (city_id, code)
);

CREATE TABLE tally_slice (
    subject_id  int PRIMARY KEY DEFAULT nextval('subject_id_seq'),
    city_id     smallint NOT NULL REFERENCES city,
    holder_id   int NOT NULL,                    -- an area_id (city or town) or a unit_id
    category_id int REFERENCES category,         -- one of both
    source_id   int REFERENCES source,
    CHECK (num_nonnulls(category_id, source_id) = 1),
    UNIQUE (holder_id, category_id),
    UNIQUE (holder_id, source_id)
);
CREATE INDEX tally_slice_city ON tally_slice (city_id);
