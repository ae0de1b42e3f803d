-- query: @cold_start:true
-- kept
cold != 0
