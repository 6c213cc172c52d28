SELECT count(*) FROM part
