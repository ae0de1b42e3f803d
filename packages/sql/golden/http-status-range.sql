-- query: @http.status_code:[400 TO 499]
-- kept
(http_status >= {p0:UInt16} AND http_status <= {p1:UInt16})
-- p0 = 400
-- p1 = 499
