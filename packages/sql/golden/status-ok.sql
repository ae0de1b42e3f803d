-- query: status:ok
-- kept
NOT (err != 0)
