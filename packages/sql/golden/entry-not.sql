-- query: -entry:true
-- kept
NOT (bitAnd(flags, {p0:UInt8}) != 0)
-- p0 = 1
