-- query: function:resize-image
-- kept
fn = {p0:String}
-- p0 = "resize-image"
