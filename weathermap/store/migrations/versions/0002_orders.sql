-- What was asked for is few among many events: what came of it is found without reading the rest.
CREATE INDEX issue_event_asked ON issue_event (city_id, at) WHERE move IN ('urge', 'order', 'list_publicly');
