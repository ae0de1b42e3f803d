-- query: @retries:3
-- kept
(has(arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)), {p0:String}) OR (has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(n), mapValues(n)), cityHash64({p1:String}, {p2:Float64})) AND n[{p1:String}] = {p2:Float64}))
-- p0 = "retries=3"
-- p1 = "retries"
-- p2 = 3
-- live
((has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a)), cityHash64({p0:String}, {p1:String})) AND a[{p0:String}] = {p1:String}) OR (has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(n), mapValues(n)), cityHash64({p0:String}, {p2:Float64})) AND n[{p0:String}] = {p2:Float64}))
-- p0 = "retries"
-- p1 = "3"
-- p2 = 3
