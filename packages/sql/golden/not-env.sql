-- query: -env:prod
-- kept
env != {p0:String}
-- p0 = "prod"
