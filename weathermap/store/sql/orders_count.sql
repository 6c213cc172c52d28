SELECT outcome, count(*) AS n FROM chosen GROUP BY outcome
