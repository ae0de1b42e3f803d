-- query: duration:[999.5ns TO 1m30s}
-- kept
(dur >= {p0:UInt64} AND dur <= {p1:UInt64})
-- p0 = "1000"
-- p1 = "89999999999"
