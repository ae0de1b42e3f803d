-- query: start:>=now-5m
-- kept
ts >= {p0:DateTime64(9, 'UTC')}
-- p0 = "1727176900.000000000"
