-- query: status:error
-- kept
err != 0
