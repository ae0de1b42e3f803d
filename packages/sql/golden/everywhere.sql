-- query: *:order-42
-- kept
(lowerUTF8(resource) LIKE {p0:String} OR lowerUTF8(name) LIKE {p0:String} OR lowerUTF8(service) LIKE {p0:String} OR arrayExists(v -> lowerUTF8(v) LIKE {p0:String}, mapValues(a)) OR mapContains(a, {p1:String}) OR mapContains(n, {p1:String}))
-- p0 = "%order-42%"
-- p1 = "order-42"
