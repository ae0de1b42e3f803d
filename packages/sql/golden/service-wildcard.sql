-- query: service:Web*
-- kept
lowerUTF8(service) LIKE {p0:String}
-- p0 = "web%"
