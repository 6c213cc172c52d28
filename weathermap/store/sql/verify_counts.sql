-- What a city's verification went over.
SELECT (SELECT count(*) FROM issue WHERE city_id = :city_id) AS issues,
       (SELECT count(*) FROM issue_event WHERE city_id = :city_id) AS events,
       (SELECT count(*) FROM visit WHERE city_id = :city_id) AS visits
