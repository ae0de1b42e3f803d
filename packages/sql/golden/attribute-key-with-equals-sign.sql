-- query: @a\=b:c
-- kept
(mapContains(a, {p0:String}) AND a[{p0:String}] = {p1:String})
-- p0 = "a=b"
-- p1 = "c"
