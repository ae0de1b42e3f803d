-- query: @payload_bytes:{1kib TO 2mb]
-- kept
((mapContains(n, {p0:String}) AND n[{p0:String}] > {p1:Float64} AND n[{p0:String}] <= {p2:Float64}) OR ifNull((isFinite(toFloat64OrNull(a[{p0:String}])) AND toFloat64OrNull(a[{p0:String}]) > {p1:Float64} AND toFloat64OrNull(a[{p0:String}]) <= {p2:Float64}), 0))
-- p0 = "payload_bytes"
-- p1 = 1024
-- p2 = 2000000
