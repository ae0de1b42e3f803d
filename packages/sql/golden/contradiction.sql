-- query: duration:<0 service:web
-- kept
0
