-- query: root:true
-- kept
parent_id = {p0:UInt64}
-- p0 = "0"
