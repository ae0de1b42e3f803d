-- query: version:*
-- kept
version != {p0:String}
-- p0 = ""
