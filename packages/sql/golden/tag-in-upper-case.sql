-- query: team:Payments
-- kept
(has(arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)), {p0:String}) OR has(arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)), {p1:String}))
-- p0 = "team=Payments"
-- p1 = "team=payments"
-- live
((has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a)), cityHash64({p0:String}, {p1:String})) AND a[{p0:String}] = {p1:String}) OR (has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a)), cityHash64({p0:String}, {p2:String})) AND a[{p0:String}] = {p2:String}))
-- p0 = "team"
-- p1 = "Payments"
-- p2 = "payments"
