-- query: service:checkout
-- kept
service = {p0:String}
-- p0 = "checkout"
