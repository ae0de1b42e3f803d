-- query: timeout
-- kept
(lowerUTF8(resource) LIKE {p0:String} OR lowerUTF8(name) LIKE {p0:String} OR lowerUTF8(service) LIKE {p0:String} OR lowerUTF8(a[{p1:String}]) LIKE {p0:String} OR lowerUTF8(a[{p2:String}]) LIKE {p0:String} OR lowerUTF8(a[{p3:String}]) LIKE {p0:String} OR lowerUTF8(a[{p4:String}]) LIKE {p0:String} OR lowerUTF8(a[{p5:String}]) LIKE {p0:String} OR mapContains(a, {p6:String}) OR mapContains(n, {p6:String}))
-- p0 = "%timeout%"
-- p1 = "error.type"
-- p2 = "error.message"
-- p3 = "error.msg"
-- p4 = "http.url"
-- p5 = "url.full"
-- p6 = "timeout"
