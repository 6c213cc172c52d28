-- What each photo looks like, in few bits, so that one used before is found again: two views of 256 bits.
CREATE TABLE photo_print (
    print_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256   bytea NOT NULL UNIQUE,              -- of the original
    codes    bytea NOT NULL
);
