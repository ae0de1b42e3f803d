-- query: source:(xray OR inferred)
-- kept
(source = {p0:String} OR mapContains(a, {p1:String}) OR mapContains(n, {p1:String}))
-- p0 = "xray"
-- p1 = "_inferred_span.tag_source"
