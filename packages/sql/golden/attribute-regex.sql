-- query: @error.message:~"time(d )?out"
-- kept
((mapContains(a, {p0:String}) AND match(a[{p0:String}], {p1:String})) OR (mapContains(n, {p0:String}) AND match(toString(n[{p0:String}]), {p1:String})))
-- p0 = "error.message"
-- p1 = "time(d )?out"
