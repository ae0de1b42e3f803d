-- query: -(duration:<0)
-- kept
1
