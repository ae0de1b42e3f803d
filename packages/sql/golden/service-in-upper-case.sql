-- query: service:Checkout
-- kept
service IN ({p0:String}, {p1:String})
-- p0 = "Checkout"
-- p1 = "checkout"
