-- query: @duration:>1.5s
-- kept
dur >= {p0:UInt64}
-- p0 = "1500000001"
