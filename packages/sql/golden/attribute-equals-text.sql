-- query: @user.id:u-1
-- kept
has(arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a)), {p0:String})
-- p0 = "user.id=u-1"
-- live
(has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(a), mapValues(a)), cityHash64({p0:String}, {p1:String})) AND a[{p0:String}] = {p1:String})
-- p0 = "user.id"
-- p1 = "u-1"
