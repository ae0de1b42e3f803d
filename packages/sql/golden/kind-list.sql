-- query: kind:(server OR consumer)
-- kept
kind IN ({p0:UInt8}, {p1:UInt8})
-- p0 = 2
-- p1 = 5
