-- query: @url:*user\=Jane?50%*
-- kept
(a[{p0:String}] LIKE {p1:String} OR (mapContains(n, {p0:String}) AND toString(n[{p0:String}]) LIKE {p1:String}))
-- p0 = "url"
-- p1 = "%user=Jane_50\\%%"
