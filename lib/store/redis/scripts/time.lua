#!lua flags=no-writes
-- The time of the store, as the other scripts see it.
--
-- Reply {second, microsecond}
local call = redis.call
return call('TIME')
