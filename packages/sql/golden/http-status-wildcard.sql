-- query: @http.status_code:5*
-- kept
if(http_status = 0, '', toString(http_status)) LIKE {p0:String}
-- p0 = "5%"
