-- query: 
-- kept
1
