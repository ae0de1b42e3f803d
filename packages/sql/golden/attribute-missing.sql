-- query: _missing_:@cart.value
-- kept
NOT (mapContains(a, {p0:String}) OR mapContains(n, {p0:String}))
-- p0 = "cart.value"
