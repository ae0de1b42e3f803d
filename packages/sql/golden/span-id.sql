-- query: span_id:2b3c4d5e6f708192
-- kept
span_id = {p0:UInt64}
-- p0 = "3115450110225449362"
