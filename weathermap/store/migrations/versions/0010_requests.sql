-- What units ask for is found without reading all events.
CREATE INDEX issue_event_requested ON issue_event (city_id, at)
    WHERE move IN ('hand_back', 'ask_extension', 'ask_suspension', 'escalate');
