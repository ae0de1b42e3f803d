-- query: @cart.value:*
-- kept
(mapContains(a, {p0:String}) OR mapContains(n, {p0:String}))
-- p0 = "cart.value"
