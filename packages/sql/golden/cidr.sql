-- query: CIDR(@network.client.ip, 10.0.0.0/8, 2001:db8::/32)
-- kept
((isIPv4String(a[{p0:String}]) AND isIPAddressInRange(CAST(if(isIPv4String(a[{p0:String}]), a[{p0:String}], '0.0.0.0'), 'String'), {p1:String})) OR (isIPv6String(a[{p0:String}]) AND isIPAddressInRange(CAST(if(isIPv6String(a[{p0:String}]), a[{p0:String}], '::'), 'String'), {p2:String})))
-- p0 = "network.client.ip"
-- p1 = "10.0.0.0/8"
-- p2 = "2001:db8::/32"
