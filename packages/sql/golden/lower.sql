-- query: LOWER(@customer):ACME
-- kept
(lowerUTF8(a[{p0:String}]) = {p1:String} OR (mapContains(n, {p0:String}) AND lowerUTF8(toString(n[{p0:String}])) = {p1:String}))
-- p0 = "customer"
-- p1 = "acme"
