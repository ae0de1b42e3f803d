-- query: trace_id:66f2a1c48f3b0c5e9a7d4b21e6c8f013
-- kept
(jk = {p0:UInt64} AND trace_hi IN ({p1:UInt64}, {p2:UInt64}))
-- p0 = "1908764426052890643"
-- p1 = "0"
-- p2 = "7418169401821301854"
