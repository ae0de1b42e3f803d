-- query: LEN(@error.stack):>1000
-- kept
lengthUTF8(a[{p0:String}]) >= {p1:UInt64}
-- p0 = "error.stack"
-- p1 = "1001"
