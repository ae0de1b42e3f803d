-- query: @retries:>3
-- kept
((mapContains(n, {p0:String}) AND n[{p0:String}] > {p1:Float64}) OR ifNull((isFinite(toFloat64OrNull(a[{p0:String}])) AND toFloat64OrNull(a[{p0:String}]) > {p1:Float64}), 0))
-- p0 = "retries"
-- p1 = 3
